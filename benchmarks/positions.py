"""Both books of positions of one bot, as an end-of-day run compares and judges them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from benchmarks.measuring import best_seconds, in_own_process, peak_memory
from benchmarks.result import Baseline, Result
from benchmarks.scale import Scale
from recon_exporter.domain.break_life import Aged, age
from recon_exporter.domain.comparison import compare
from recon_exporter.domain.halts import decide_halts
from recon_exporter.domain.money import ONE, total
from recon_exporter.domain.positions import PositionStatement
from recon_exporter.domain.statement import Position
from recon_exporter.domain.symbols import Symbols
from recon_exporter.domain.terms import HaltPolicy, Terms, Tolerance

NAME = "positions"
DIFFERENCES = (0, 1_000, 10)
"""One position of so many differs in its quantity; 0 is none."""
NOW = datetime(2026, 3, 6, 21, 15, tzinfo=UTC)
TERMS = Terms(
    symbols=Symbols.of({"FB": "META"}),
    tolerance=Tolerance(Decimal(0), Decimal("0.005"), Decimal("0.01")),
    tolerance_of={},
    stale_after=timedelta(hours=24),
    stale_after_of={},
    halt_quantity_ratio=Decimal("0.10"),
    dollar_rates={},
)
POLICY = HaltPolicy(Decimal(1000), 3)


@dataclass(frozen=True, slots=True)
class Judged:
    """Seconds of comparing, ageing and deciding about halts, and of joining both books by their keys alone."""

    ours: float
    join: float
    breaks: int
    peak: int | None


def run(scale: Scale, _folder: Path) -> Iterator[Result]:
    """Books of one size, with ever more differences."""
    for one_of in DIFFERENCES:
        judged = in_own_process(_judged, scale.positions, one_of, scale.repeats)
        what = f"{scale.positions:,} × {scale.positions:,} positions, {judged.breaks:,} breaks"
        baseline = Baseline("bare dictionary join", judged.join)
        yield Result(NAME, what, judged.ours, baseline=baseline, peak=judged.peak)


def _judged(size: int, one_of: int, repeats: int) -> Judged:
    ledger = [_position(place) for place in range(size)]
    venue = [_position(place) for place in range(size)]
    for place in range(0, size if one_of else 0, one_of or 1):
        venue[place] = replace(venue[place], quantity=total((venue[place].quantity, ONE)))
    books = (_statement(ledger), _statement(venue))
    return Judged(
        ours=best_seconds(lambda: _reconciled(*books), repeats),
        join=best_seconds(lambda: _joined(ledger, venue), repeats),
        breaks=len(_reconciled(*books).breaks),
        peak=peak_memory(),
    )


def _position(place: int) -> Position:
    quantity = Decimal(place % 9973 + 1).scaleb(-2)
    return Position(f"SYM{place:06d}", quantity, None, "net", Decimal(place % 977 + 5), "USD", NOW)


def _statement(positions: Sequence[Position]) -> PositionStatement:
    return PositionStatement("bench", "made up", NOW, tuple(positions), has_write_times=True, proof="made up")


def _reconciled(ledger: PositionStatement, venue: PositionStatement) -> Aged:
    comparison = compare(ledger, venue, TERMS, NOW)
    aged = age((), comparison, NOW, confirmed={one.identity for one in comparison.discrepancies})
    decide_halts(aged.breaks, POLICY, (), NOW)
    return aged


def _joined(ledger: Sequence[Position], venue: Sequence[Position]) -> list[tuple[str, str]]:
    """What nobody can do without: both books by their keys, and the keys whose quantities differ."""
    ours = {position.key: position for position in ledger}
    theirs = {position.key: position for position in venue}
    differing = [key for key, own in ours.items() if key not in theirs or own.quantity != theirs[key].quantity]
    return differing + [key for key in theirs if key not in ours]
