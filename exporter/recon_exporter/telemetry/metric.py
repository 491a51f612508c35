"""What the catalogue says of one metric."""

from dataclasses import dataclass
from enum import StrEnum

FIRST_VERSION = "0.1.0"


class Kind(StrEnum):
    """The type of a metric as OpenMetrics calls it; the text format says untyped for unknown and gauge for info."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    INFO = "info"
    UNKNOWN = "unknown"


class Producer(StrEnum):
    """Which part writes the samples: the page, made anew from each report, or the live metrics of the process."""

    PAGE = "page"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; ``name`` is that of its samples (of its family, for a histogram).

    ``labels`` without those that the type adds. ``since`` is the version that first exports it, None where none does.
    """

    name: str
    kind: Kind
    producer: Producer
    labels: tuple[str, ...]
    help: str
    since: str | None = FIRST_VERSION
    buckets: tuple[float, ...] = ()

    @property
    def family(self) -> str:
        """The name in the headers of OpenMetrics: without the suffix that the type gives to samples."""
        match self.kind:
            case Kind.COUNTER:
                return self.name.removesuffix("_total")
            case Kind.INFO:
                return self.name.removesuffix("_info")
            case _:
                return self.name

    @property
    def unit(self) -> str:
        """The unit in which values are told, the last word of the family's name; empty where it has none."""
        last = self.family.rpartition("_")[2]
        return last if last in {"seconds", "ratio", "quote", "usd"} else ""

    @property
    def is_exported(self) -> bool:
        """Whether this version exports it."""
        return self.since is not None
