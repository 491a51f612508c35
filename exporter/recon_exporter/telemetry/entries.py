"""How entries of the catalogue are written: on the page, live, or settled without being exported yet."""

from recon_exporter.telemetry.metric import Kind, Metric, Producer


def page(kind: Kind, name: str, labels: str, text: str, buckets: tuple[float, ...] = ()) -> Metric:
    return Metric(name, kind, Producer.PAGE, tuple(labels.split()), text, buckets=buckets)


def live(kind: Kind, name: str, labels: str, text: str, buckets: tuple[float, ...] = ()) -> Metric:
    return Metric(name, kind, Producer.LIVE, tuple(labels.split()), text, buckets=buckets)


def settled(kind: Kind, producer: Producer, name: str, labels: str, text: str) -> Metric:
    return Metric(name, kind, producer, tuple(labels.split()), text, since=None)


COUNTER, GAUGE, HISTOGRAM, INFO = Kind.COUNTER, Kind.GAUGE, Kind.HISTOGRAM, Kind.INFO
PAGE, LIVE = Producer.PAGE, Producer.LIVE
