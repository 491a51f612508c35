"""How entries of the catalogue are written: on the page, or live."""

from recon_exporter.telemetry.metric import Kind, Metric, Producer


def page(kind: Kind, name: str, labels: str, text: str, buckets: tuple[float, ...] = ()) -> Metric:
    return Metric(name, kind, Producer.PAGE, tuple(labels.split()), text, buckets=buckets)


def live(kind: Kind, name: str, labels: str, text: str, buckets: tuple[float, ...] = ()) -> Metric:
    return Metric(name, kind, Producer.LIVE, tuple(labels.split()), text, buckets=buckets)


COUNTER, GAUGE, HISTOGRAM, INFO = Kind.COUNTER, Kind.GAUGE, Kind.HISTOGRAM, Kind.INFO
