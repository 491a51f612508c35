"""A validator of text expositions: it finds what Prometheus swallows without a word."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prometheus_client.openmetrics.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from prometheus_client.core import Metric

HEADER = re.compile(r"# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)")
SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)')
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d+)?(?:e[+-]\d+)?|Inf)")

# Prometheus attaches these itself, or gives them a meaning of its own.
RESERVED_LABELS = frozenset({"job", "instance"})
RESERVED_SUFFIXES = ("_count", "_sum", "_bucket", "_created")
GIVEN_NAMES = frozenset({"wsb_eod_reconciliation_breaks_total"})
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count")}

Labels = tuple[tuple[str, str], ...]


@dataclass
class Family:
    kind: str = ""
    help: str = ""
    samples: dict[tuple[str, Labels], str] = field(default_factory=dict)


@dataclass
class Reading:
    """An exposition read line by line, with everything that is wrong with it."""

    families: dict[str, Family] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    current: str = ""

    def read(self, line: str) -> None:
        if header := HEADER.fullmatch(line):
            self._header(*header.groups())
        elif sample := SAMPLE.fullmatch(line):
            self._sample(*sample.groups())
        else:
            self.errors.append(f"unreadable line: {line}")

    def _header(self, keyword: str, name: str, text: str) -> None:
        if keyword == "HELP":
            if name in self.families:
                self.errors.append(f"{name} is not grouped")
            self.current = name
        family = self.families.setdefault(name, Family())
        if name != self.current:
            self.errors.append(f"{keyword} of {name} among {self.current}")
        if keyword == "HELP":
            family.help = text
        else:
            family.kind = text
            self.errors += _misused_suffixes(name, text)

    def _sample(self, name: str, labels: str | None, value: str) -> None:
        family = self.families.get(self.current, Family())
        if name not in {self.current + suffix for suffix in SUFFIXES.get(family.kind, ("",))}:
            self.errors.append(f"{name} stands under {self.current or 'no header'}")
        pairs = tuple(sorted(LABEL.findall(labels or "")))
        if LABEL.sub("", labels or ""):
            self.errors.append(f"unreadable labels of {name}: {labels}")
        if RESERVED_LABELS & {label for label, _ in pairs} or any(label.startswith("__") for label, _ in pairs):
            self.errors.append(f"reserved label of {name}: {labels}")
        if (name, pairs) in family.samples:
            self.errors.append(f"{name} has these labels twice: {labels}")
        if not NUMBER.fullmatch(value):
            self.errors.append(f"{name} has the value {value}")
        family.samples[name, pairs] = value


def _misused_suffixes(name: str, kind: str) -> list[str]:
    wrong = [f"{name} is no {kind}" for suffix in RESERVED_SUFFIXES if name.endswith(suffix)]
    if name.endswith("_total") != (kind == "counter") and name not in GIVEN_NAMES:
        wrong.append(f"{name} is a {kind}")
    return wrong


def read_exposition(text: str) -> Reading:
    """Read an exposition in the text format, collecting everything that is wrong."""
    reading = Reading()
    if text and not text.endswith("\n"):
        reading.errors.append("the last line is not ended")
    for line in text.removesuffix("\n").split("\n") if text else ():
        reading.read(line)
    for name, family in reading.families.items():
        if not (family.help and family.kind):
            reading.errors.append(f"{name} lacks HELP or TYPE")
    return reading


def samples(text: str, name: str) -> dict[Labels, float]:
    """The samples of one name, by their labels; the exposition must be sound."""
    reading = read_exposition(text)
    assert reading.errors == []
    return {
        labels: float(value)
        for family in reading.families.values()
        for (sample, labels), value in family.samples.items()
        if sample == name
    }


def parse_openmetrics(body: bytes) -> list[Metric]:
    """The families of an OpenMetrics exposition, read by the strict parser of prometheus_client."""
    return list(text_string_to_metric_families(body.decode()))  # type: ignore[no-untyped-call]
