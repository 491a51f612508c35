"""Reading a day's event store from its beginning, as the first cycle after an installation does."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import orjson

from benchmarks.fleet import Fleet
from benchmarks.measuring import best_seconds, in_own_process, peak_memory
from benchmarks.result import MEBIBYTE, Baseline, Result
from benchmarks.scale import Scale
from recon_exporter.ledgers.hbot.event_store import read_store
from recon_exporter.ledgers.hbot.fills import FillPass, nothing_known
from recon_exporter.ledgers.hbot.moment import Moment

NAME = "cold-read"
TIMES_AS_FAST = 1.5
BOTS = 100
MINUTES = timedelta(minutes=2)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Read:
    """Seconds of our reading and of parsing every line, and the most memory before the latter began."""

    ours: float
    parsing: float
    peak: int | None


def run(scale: Scale, folder: Path) -> Iterator[Result]:
    """Stores of each length, in which one line of a hundred is a fill."""
    for lines in scale.store_lines:
        fleet = in_own_process(_written, folder / f"cold-{lines}", lines)
        size = fleet.store.stat().st_size / MEBIBYTE
        read = in_own_process(_read, fleet, scale.repeats)
        baseline = Baseline("orjson.loads of every line", read.parsing, at_most=1 / TIMES_AS_FAST)
        yield Result(NAME, f"{lines:,} lines, {size:.0f} MiB", read.ours, baseline=baseline, peak=read.peak)
        shutil.rmtree(fleet.folder)


def _written(folder: Path, lines: int) -> Fleet:
    fleet = Fleet(folder, BOTS)
    fleet.write(lines, history_minutes=1)
    return fleet


def _read(fleet: Fleet, times: int) -> Read:
    ours = best_seconds(lambda: _store_read(fleet), times)
    peak = peak_memory()
    return Read(ours, best_seconds(lambda: load_all(fleet.store), times), peak)


def _store_read(fleet: Fleet) -> None:
    moment = Moment.of(fleet.now, MINUTES)
    fold = FillPass(nothing_known(moment.day), moment, MINUTES)
    problem = read_store(fleet.files.event_store, fold, moment, HOUR)
    found = sum(fills.counts_of(moment.day).events for fills in fold.known().bots.values())
    if problem is not None or found != sum(fleet.fill_counts.values()):
        raise RuntimeError(f"{found} fills were found in the store: {problem}")


def load_all(store: Path) -> None:
    """Parse every line and keep nothing."""
    with store.open("rb") as lines:
        for line in lines:
            orjson.loads(line)
