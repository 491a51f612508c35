"""The exposition: blocks of sample lines, put together once for each page in both formats, plain and deflated.

The sample lines of both formats are the same; only the headers of families differ. A page never changes: whoever holds
one may serve it while the next is being made.
"""

import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from threading import Lock

from prometheus_client.core import Metric as Family
from prometheus_client.utils import floatToGoString

from recon_exporter.telemetry.metric import Kind, Metric

_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff"
_GZIP_LEVEL = 1


class Format(StrEnum):
    """The two formats of Prometheus: text 0.0.4 and OpenMetrics 1.0."""

    TEXT = "text"
    OPENMETRICS = "openmetrics"


_TYPES: Mapping[Format, Mapping[Kind, str]] = {
    Format.TEXT: {Kind.UNKNOWN: "untyped", Kind.INFO: "gauge"},
    Format.OPENMETRICS: {},
}


@dataclass(frozen=True, slots=True)
class Block:
    """The sample lines of one metric, each ended by a newline, all of the metric's own name."""

    metric: Metric
    samples: bytes


@dataclass(frozen=True, slots=True)
class Deflated:
    """A compressed beginning of a body, to which more can be added without compressing it again."""

    stream: bytes
    checksum: int
    length: int

    def gzip(self, tail: bytes) -> tuple[bytes, bytes]:
        """The body with ``tail`` added, as the two parts of one gzip member."""
        checksum = zlib.crc32(tail, self.checksum)
        length = (self.length + len(tail)) & 0xFFFFFFFF
        end = _deflate(tail, zlib.Z_FINISH) + checksum.to_bytes(4, "little") + length.to_bytes(4, "little")
        return self.stream, end


class Page:
    """An immutable exposition; what is derived from it is made on first use and kept. Safe to share between threads."""

    def __init__(self, blocks: Iterable[Block] = ()) -> None:
        self._blocks = tuple(block for block in blocks if block.samples)
        self._bodies: dict[Format, bytes] = {}
        self._deflated: dict[Format, Deflated] = {}
        # Two locks, because nobody who wants the plain body should wait for it to be compressed.
        self._joining = Lock()
        self._deflating = Lock()

    def body(self, form: Format) -> bytes:
        """All families, without the end mark of OpenMetrics, because the live metrics follow."""
        with self._joining:
            if form not in self._bodies:
                self._bodies[form] = _join(self._blocks, form)
            return self._bodies[form]

    def deflated(self, form: Format) -> Deflated:
        """The same compressed; takes a while the first time."""
        body = self.body(form)
        with self._deflating:
            if form not in self._deflated:
                stream = _GZIP_HEADER + _deflate(body, zlib.Z_SYNC_FLUSH)
                self._deflated[form] = Deflated(stream, zlib.crc32(body), len(body))
            return self._deflated[form]

    @property
    def prepared(self) -> tuple[frozenset[Format], frozenset[Format]]:
        """The formats of which the body, and of which the compressed body, is ready."""
        return frozenset(self._bodies), frozenset(self._deflated)

    def select(self, names: Collection[str], form: Format) -> bytes:
        """Only the families whose samples have one of these names."""
        return _join((block for block in self._blocks if block.metric.name in names), form)

    def prepare_like(self, earlier: "Page") -> None:
        """Make now what was asked of an earlier page, so that no scrape has to wait for it."""
        bodies, deflated = earlier.prepared
        for form in bodies:
            self.body(form)
        for form in deflated:
            self.deflated(form)


def header(metric: Metric, form: Format) -> str:
    """The lines above the samples of a family."""
    name = metric.family if form is Format.OPENMETRICS else metric.name
    kind = _TYPES[form].get(metric.kind, metric.kind)
    unit = f"# UNIT {name} {metric.unit}\n" if metric.unit and form is Format.OPENMETRICS else ""
    return f"# HELP {name} {metric.help}\n# TYPE {name} {kind}\n{unit}"


def escaped(value: str) -> str:
    """A label's value as both formats write it between quotes."""
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def encoded(families: Iterable[Family], form: Format) -> bytes:
    """What the library's own encoders write, with the end mark of OpenMetrics, for families without timestamps.

    In each scrape only the values are new: what stands before them is put together once.
    """
    lines = []
    for family in families:
        lines.append(_head(family.name, family.type, family.documentation, family.unit, form))
        for sample in family.samples:
            value: str = floatToGoString(sample.value)  # type: ignore[no-untyped-call]
            lines.append(f"{_series(sample.name, tuple(sample.labels.items()))} {value}\n")
    if form is Format.OPENMETRICS:
        lines.append("# EOF\n")
    return "".join(lines).encode()


@lru_cache(maxsize=1024)
def _head(name: str, kind: str, documentation: str, unit: str, form: Format) -> str:
    """The name is without the suffix that its type gives to samples, as OpenMetrics has it."""
    if form is Format.OPENMETRICS:
        told = f"# HELP {name} {escaped(documentation)}\n# TYPE {name} {kind}\n"
        return f"{told}# UNIT {name} {unit}\n" if unit else told
    name += {"counter": "_total", "info": "_info"}.get(kind, "")
    documentation = documentation.replace("\\", r"\\").replace("\n", r"\n")
    return f"# HELP {name} {documentation}\n# TYPE {name} {_TYPES[form].get(Kind(kind), kind)}\n"


@lru_cache(maxsize=4096)
def _series(name: str, labels: tuple[tuple[str, str], ...]) -> str:
    told = ",".join(f'{label}="{escaped(value)}"' for label, value in sorted(labels))
    return f"{name}{{{told}}}" if told else name


def _join(blocks: Iterable[Block], form: Format) -> bytes:
    return b"".join(part for block in blocks for part in (header(block.metric, form).encode(), block.samples))


def _deflate(content: bytes, flush: int) -> bytes:
    compressor = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return compressor.compress(content) + compressor.flush(flush)
