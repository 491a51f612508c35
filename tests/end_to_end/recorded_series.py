"""What Prometheus would have scraped over days, as input of promtool, which evaluates the shipped rules over all of it.

Where nobody scraped, the series go on with what the exporter showed: it is asked as often as anything changes.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import yaml

from recon_exporter import bundle
from recon_exporter.telemetry import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

RULES = bundle.part("alerts") / "recon.rules.yml"
TARGET = 'job="recon-exporter",instance="127.0.0.1:9811"'
UP = f"up{{{TARGET}}}"
FIRED = (
    'count by (alertname, severity, bot) (count_over_time(ALERTS{{alertstate="firing",alertname!="Watchdog"}}[{}m]))'
)
GOT = re.compile(r'Labels:"\{(.*)\}" Value')
GOT_ONE = re.compile(r"\{([^}]*alertname=[^}]*)\}")
LABEL = re.compile(r'(\w+)="([^"]*)"')
TIMESTAMP = "_timestamp_seconds"
LEAD = timedelta(hours=6)
"""How far alerts look back, those of a day apart, which only read the audit log's counters."""


class Pace(NamedTuple):
    """Minutes between samples, and between evaluations of the rules."""

    sample: int
    evaluation: int


CLOSELY, ROUGHLY = Pace(1, 1), Pace(5, 30)

Alert = tuple[str, str, str]
"""Name, severity, bot."""


def names_in_rules() -> frozenset[str]:
    """The metrics that rules read."""
    text = RULES.read_text()
    return frozenset(name for name in CATALOGUE if re.search(rf"\b{name}\b", text))


@dataclass
class Recording:
    """The samples of each series: where it changed, and to what; None where it ended."""

    began: datetime
    names: frozenset[str] = field(default_factory=names_in_rules)
    changes: dict[str, list[tuple[int, float | None]]] = field(default_factory=dict)
    unscraped: set[int] = field(default_factory=set)
    last: int = 0

    def minute(self, at: datetime) -> int:
        return int((at - self.began).total_seconds()) // 60

    def scraped(self, at: datetime, text: str | None) -> None:
        """What the exporter answered, or that it did not."""
        minute = self.minute(at)
        current = {} if text is None else dict(self._samples(text))
        current[UP] = 0.0 if text is None else 1.0
        for series in self.changes.keys() - current.keys():
            self._note(series, minute, None)
        for series, value in current.items():
            self._note(series, minute, value)
        self.last = max(self.last, minute)

    def not_scraped(self, at: datetime) -> None:
        """Prometheus itself was away."""
        self.unscraped.add(self.minute(at))

    def _samples(self, text: str) -> Iterator[tuple[str, float]]:
        for line in text.splitlines():
            series, _, value = line.rpartition(" ")
            name, _, labels = series.partition("{")
            if name in self.names:
                yield f"{name}{{{TARGET},{labels.rstrip('}')}}}".replace(",}", "}"), float(value)

    def _note(self, series: str, minute: int, value: float | None) -> None:
        known = self.changes.setdefault(series, [])
        if (known[-1][1] if known else None) != value:
            known.append((minute, value))

    def series(self, first: int, last: int, every: int) -> Iterator[dict[str, str]]:
        """The input of promtool for these minutes, a sample so often.

        Times in values count from the first minute, as promtool's clock does.
        """
        base = self.began.timestamp() + first * 60
        gaps = {minute - first for minute in self.unscraped} if every == 1 else set[int]()
        count = (last - first) // every + 1
        for series, changes in self.changes.items():
            offset = base if series.partition("{")[0].endswith(TIMESTAMP) else 0.0
            told = {max(0, -((first - minute) // every)): value for minute, value in changes if minute <= last}
            if told.keys() - {0} or told.get(0) is not None:
                yield {"series": series, "values": " ".join(_values(told, count, gaps, offset))}


def _values(told: Mapping[int, float | None], count: int, gaps: Collection[int], offset: float) -> Iterator[str]:
    """The samples between one change and the next; what ends leaves one mark of it."""
    starts = sorted({0, *told, *(gap for gap in gaps if 0 <= gap < count), *(gap + 1 for gap in gaps if gap >= 0)})
    value: float | None = None
    for start, end in pairwise([*(start for start in starts if start < count), count]):
        has_ended = value is not None and told.get(start, value) is None
        value = told.get(start, value)
        if start in gaps:
            yield _repeated("_", end - start)
        elif value is not None:
            yield _repeated(format(Decimal(repr(value - offset)), "f"), end - start)
        elif has_ended:
            yield " ".join(filter(None, ("stale", _repeated("_", end - start - 1))))
        else:
            yield _repeated("_", end - start)


def _repeated(shown: str, count: int) -> str:
    if count < 2:
        return shown * count
    return f"_x{count}" if shown == "_" else f"{shown}x{count - 1}"


def fired(recording: Recording, folder: Path, first: int, last: int, pace: Pace, lead: timedelta = LEAD) -> set[Alert]:
    """The alerts that fired in these minutes; the rules are evaluated from some time before."""
    begin = max(0, first - int(lead.total_seconds()) // 60)
    document = {
        "rule_files": [str(RULES)],
        "evaluation_interval": f"{pace.evaluation}m",
        "tests": [
            {
                "interval": f"{pace.sample}m",
                "input_series": list(recording.series(begin, last, pace.sample)),
                "promql_expr_test": [
                    {"expr": FIRED.format(last - first), "eval_time": f"{last - begin}m", "exp_samples": []}
                ],
            }
        ],
    }
    path = folder / f"from_{first}_to_{last}.test.yml"
    path.write_text(yaml.dump(document, Dumper=yaml.CSafeDumper, width=10**9))
    ran = subprocess.run(["promtool", "test", "rules", str(path)], check=False, capture_output=True, text=True)
    if ran.returncode == 0:
        return set()
    told = [dict(LABEL.findall(text)) for text in GOT_ONE.findall(ran.stdout + ran.stderr)]
    assert told, ran.stdout + ran.stderr
    return {(one["alertname"], one["severity"], one.get("bot", "")) for one in told}
