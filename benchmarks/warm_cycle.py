"""A cycle that finds a thousand new lines, whatever has piled up before them."""

import csv
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cold_read import load_all
from benchmarks.fleet import Fleet
from benchmarks.measuring import best_seconds, in_own_process, peak_memory, seconds_of
from benchmarks.passes import passes
from benchmarks.result import Baseline, Result, Unit
from benchmarks.scale import Scale

NAME = "warm-cycle"
RESCANNED_BOTS = 3
AT_MOST_OF_A_PASS = 1 / 4
AT_MOST_OF_A_RESCAN = 1 / 1_000
AS_STEADY_AS = 0.2


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the grid."""

    bots: int
    lines: int

    def __str__(self) -> str:
        return f"{self.bots:,} bots, {self.lines:,} lines"


@dataclass(frozen=True, slots=True)
class Warm:
    """Seconds of a cycle and of the page after it, and the most memory of the process that ran the cycles."""

    cycle: float
    rendering: float
    peak: int | None


def run(scale: Scale, folder: Path) -> Iterator[Result]:
    """The grid of bots and lines, then the largest fleet over a store ten times as long."""
    cells = [Cell(bots, lines) for bots in scale.fleets for lines in scale.store_lines]
    for cell in cells:
        at = folder / f"warm-{cell.bots}-{cell.lines}"
        fleet, cold, warm = _measured(cell, scale, at)
        largest = cell == cells[-1]
        yield Result(NAME, f"cold cycle, {cell}", cold.cycle, peak=cold.peak)
        yield from _against_reading_all(cell, fleet, warm, is_target=largest)
        shutil.rmtree(at)
        if largest:
            yield from _ten_times_as_long(scale, cell, warm, folder)


def _measured(cell: Cell, scale: Scale, folder: Path) -> tuple[Fleet, Warm, Warm]:
    """The fleet with its first cycle, and those that follow in a process that goes on from the state."""
    fleet = in_own_process(_written, cell, scale, folder)
    cold = in_own_process(_cold, fleet)
    warm = in_own_process(_warm, fleet, scale)
    return fleet, cold, warm


def _written(cell: Cell, scale: Scale, folder: Path) -> Fleet:
    fleet = Fleet(folder, cell.bots)
    fleet.write(cell.lines, scale.history_minutes)
    return fleet


def _cold(fleet: Fleet) -> Warm:
    with passes(fleet) as cycles:
        return Warm(cycles.run(), cycles.rendering, peak_memory())


def _warm(fleet: Fleet, scale: Scale) -> Warm:
    """The best of some cycles, after one that nobody times."""
    seconds, rendering = [], []
    with passes(fleet) as cycles:
        for _ in range(scale.repeats + 1):
            fleet.advance(scale.new_lines)
            seconds.append(cycles.run())
            rendering.append(cycles.rendering)
    return Warm(min(seconds[1:]), min(rendering[1:]), peak_memory())


def _against_reading_all(cell: Cell, fleet: Fleet, warm: Warm, *, is_target: bool) -> Iterator[Result]:
    loads, rescan = in_own_process(_baselines, fleet)
    parsing = Baseline("orjson.loads of the whole store", loads, at_most=AT_MOST_OF_A_PASS if is_target else None)
    yield Result(NAME, f"warm cycle, {cell}", warm.cycle, baseline=parsing, peak=warm.peak)
    rescanning = Baseline("rescan per bot", rescan, at_most=AT_MOST_OF_A_RESCAN if is_target else None)
    yield Result(NAME, f"warm cycle, {cell}", warm.cycle, baseline=rescanning)
    yield Result(NAME, f"rendering, {cell}", warm.rendering, baseline=Baseline("the cycle before it", warm.cycle))


def _ten_times_as_long(scale: Scale, cell: Cell, before: Warm, folder: Path) -> Iterator[Result]:
    longer = Cell(cell.bots, scale.longest_store)
    at = folder / "warm-longest"
    _, cold, warm = _measured(longer, scale, at)
    shutil.rmtree(at)
    yield Result(NAME, f"cold cycle, {longer}", cold.cycle, peak=cold.peak)
    same = {"at_most": 1 + AS_STEADY_AS, "at_least": 1 - AS_STEADY_AS}
    yield Result(NAME, f"warm cycle, {longer}", warm.cycle, baseline=Baseline(f"{cell}", before.cycle, **same))
    if warm.peak and before.peak:
        memory = Baseline(f"{cell}", before.peak, at_most=1 + AS_STEADY_AS)
        yield Result(NAME, f"memory of warm cycles, {longer}", warm.peak, Unit.BYTES, memory)


def _baselines(fleet: Fleet) -> tuple[float, float]:
    """Seconds of one pass of orjson.loads over the store, and of reading everything again for every bot."""
    names = fleet.names[:RESCANNED_BOTS]
    rescans = seconds_of(lambda: [_rescan(fleet, bot) for bot in names])
    return best_seconds(lambda: load_all(fleet.store), 3), rescans / len(names) * fleet.bots


def _rescan(fleet: Fleet, bot: str) -> int:
    """What a reconciler without memory does for one bot: the last two rows, its fills, and its events of the day."""
    folder = fleet.files.folder(bot)
    with (folder / "minute.csv").open(newline="", encoding="utf-8") as table:
        rows = list(csv.DictReader(table))[-2:]
    with (folder / "fills.csv").open(newline="", encoding="utf-8") as table:
        fills = sum(1 for row in csv.DictReader(table) if row["ts"].startswith(f"{fleet.now:%Y-%m-%d}"))
    events = 0
    with fleet.store.open(encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            if event.get("instance_name") == bot and event.get("event_type") == "order_filled":
                events += 1
    return len(rows) + fills - events
