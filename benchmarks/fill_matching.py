"""Fills of both sides as they come in, matched; and what a plain join and a bare matching loop need for the same.

Both sides come portion by portion, as a service reads them; the ledger dates its fills a little later, so that they
come in another order and in other portions than the venue's. What is read again in every cycle is part of it.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Protocol

from benchmarks.measuring import in_own_process, peak_memory, seconds_of
from benchmarks.result import Baseline, Result, Unit
from benchmarks.scale import Scale
from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.fill_matching import FillMatcher
from recon_exporter.domain.money import ZERO, amount
from recon_exporter.domain.positions import Fee, Fill, FillStatement
from recon_exporter.domain.sides import SideTerms
from recon_exporter.domain.symbols import Symbols
from recon_exporter.domain.terms import Terms, Tolerance

NAME = "fill-matching"
BOT = "bench"
START = datetime(2026, 3, 6, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)
PORTION = 10_000
LAG = 50
"""By how many milliseconds the ledger dates a fill later than the venue at most; there is a fill a millisecond."""
ONE_OF = 10_000
"""One fill of so many is missing in the ledger."""
MEMORY, SPEED = 1 / 20, 0.7
TERMS = SideTerms(
    comparison=Terms(
        symbols=Symbols.of({}),
        tolerance=Tolerance(ZERO, ZERO, ZERO),
        tolerance_of={},
        stale_after=None,
        stale_after_of={},
        halt_quantity_ratio=Decimal(1),
        dollar_rates={},
    ),
    materiality_usd=Decimal(1000),
    settle=SECOND / 10,
    pad=SECOND / 10,
    order_span=SECOND,
    overlap=SECOND / 2,
)
Portions = Iterator[tuple[Sequence[Fill], Sequence[Fill]]]


@dataclass(frozen=True, slots=True)
class Ran:
    """Seconds and memory beyond that of an empty interpreter of one way to match, and how many it found missing."""

    seconds: float
    memory: int | None
    missing: int


def run(scale: Scale, _folder: Path) -> Iterator[Result]:
    """The matcher against both baselines, each in a process of its own."""
    count, repeats = scale.fills, min(scale.repeats, 3)
    ours, loop, join = (in_own_process(_ran, way, count, repeats) for way in ("matcher", "loop", "join"))
    if not ours.missing == loop.missing == join.missing:
        raise RuntimeError(f"{ours.missing}, {loop.missing} and {join.missing} fills found missing")
    what = f"{count:,} × {count:,} fills, {ours.missing:,} missing"
    yield Result(NAME, what, ours.seconds, baseline=Baseline("bare matching loop", loop.seconds, at_most=1 / SPEED))
    if ours.memory is not None and join.memory is not None:
        plain = Baseline("plain dictionary join", join.memory, at_most=MEMORY)
        yield Result(NAME, f"{what}, memory", ours.memory, Unit.BYTES, baseline=plain)


class _Way(Protocol):
    """One way to match: takes portion after portion, and says at the end how many fills have no counterpart."""

    def take(self, ours: Sequence[Fill], theirs: Sequence[Fill]) -> None: ...

    def missing(self) -> int: ...


def _ran(way: str, count: int, repeats: int) -> Ran:
    """The seconds are those of matching alone, not of making the fills."""
    before = peak_memory()
    runs = [_timed(_WAYS[way](), count) for _ in range(repeats)]
    after = peak_memory()
    seconds, missing = min(runs)
    return Ran(seconds, None if before is None or after is None else after - before, missing)


def _timed(way: _Way, count: int) -> tuple[float, int]:
    seconds, found = 0.0, 0

    def finish() -> None:
        nonlocal found
        found = way.missing()

    # Whoever lets go of a fill last pays for its end: here none of the ways.
    held: deque[tuple[Sequence[Fill], Sequence[Fill]]] = deque(maxlen=2)
    for portion in _portions(count):
        held.append(portion)
        seconds += seconds_of(partial(way.take, *portion))
    return (seconds + seconds_of(finish), found)


class _Matcher:
    """The project's own, fed as a cycle feeds it: each portion with what is read again of the one before."""

    def __init__(self) -> None:
        self._matcher = FillMatcher(BOT, TERMS)
        self._ledger: list[Fill] = []
        self._venue: list[Fill] = []
        self._reached = START
        self._missing: set[str] = set()

    def take(self, ours: Sequence[Fill], theirs: Sequence[Fill]) -> None:
        since = self._matcher.since(self._reached)
        self._ledger = [*_from(self._ledger, since), *ours]
        self._venue = [*_from(self._venue, since), *theirs]
        self._reached = theirs[-1].at
        self._feed(since, self._reached)

    def missing(self) -> int:
        self._feed(self._matcher.since(self._reached), self._reached + SECOND)
        return len(self._missing)

    def _feed(self, since: datetime, until: datetime) -> None:
        ours = FillStatement(BOT, "made up", tuple(self._ledger), since, until, lag=LAG * MILLISECOND)
        result = self._matcher.feed(ours, replace(ours, fills=tuple(self._venue), lag=timedelta(0)), ours)
        if isinstance(result, UnverifiedSide):
            raise RuntimeError(result.why.detail)  # noqa: TRY004  # a verdict that is missing, not a type
        self._missing.update(one.item for one in result.differences)


def _from(fills: Sequence[Fill], since: datetime) -> Sequence[Fill]:
    return fills[bisect_left(fills, since, key=attrgetter("at")) :]


class _Loop:
    """The same idea without any check: what meets its like is dropped, what is left is missing."""

    def __init__(self) -> None:
        self._ledger: dict[tuple[str, str], Fill] = {}
        self._venue: dict[tuple[str, str], Fill] = {}

    def take(self, ours: Sequence[Fill], theirs: Sequence[Fill]) -> None:
        self._side(ours, self._ledger, self._venue)
        self._side(theirs, self._venue, self._ledger)

    def missing(self) -> int:
        return len(self._ledger) + len(self._venue)

    def _side(
        self, fills: Sequence[Fill], own: dict[tuple[str, str], Fill], others: dict[tuple[str, str], Fill]
    ) -> None:
        for fill in fills:
            key = (fill.symbol, fill.fill_id)
            other = others.pop(key, None)
            if other is None:
                own[key] = fill
            elif fill.quantity != other.quantity or fill.price != other.price or fill.fees != other.fees:
                raise RuntimeError(fill.fill_id)


class _Join:
    """What one writes first: each side in a dictionary, then the keys of both."""

    def __init__(self) -> None:
        self._ledger: dict[tuple[str, str], Fill] = {}
        self._venue: dict[tuple[str, str], Fill] = {}

    def take(self, ours: Sequence[Fill], theirs: Sequence[Fill]) -> None:
        self._ledger.update(((fill.symbol, fill.fill_id), fill) for fill in ours)
        self._venue.update(((fill.symbol, fill.fill_id), fill) for fill in theirs)

    def missing(self) -> int:
        theirs = self._venue
        differing = [key for key, fill in self._ledger.items() if key not in theirs or not _is_equal(fill, theirs[key])]
        return len(differing) + sum(key not in self._ledger for key in theirs)


_WAYS: Mapping[str, Callable[[], _Way]] = {"matcher": _Matcher, "loop": _Loop, "join": _Join}


def _is_equal(fill: Fill, other: Fill) -> bool:
    return fill.quantity == other.quantity and fill.price == other.price and fill.fees == other.fees


def _portions(count: int) -> Portions:
    """Both sides portion by portion; the ledger's dated later by up to ``LAG``, so that neighbours change places."""
    waiting: list[Fill] = []
    for first in range(0, count, PORTION):
        places = range(first, min(first + PORTION, count))
        venue = [_fill(place, 0) for place in places]
        waiting += [_fill(place, place * 31 % LAG) for place in places if place % ONE_OF != ONE_OF // 2]
        waiting.sort(key=attrgetter("at"))
        until = venue[-1].at if places[-1] < count - 1 else waiting[-1].at
        arrived = [fill for fill in waiting if fill.at <= until]
        waiting = waiting[len(arrived) :]
        yield (arrived, venue)


def _fill(place: int, late: int) -> Fill:
    """Out of text, as every adapter makes it."""
    return Fill(
        fill_id=str(10**9 + place),
        order_id=str(10**8 + place // 3),
        client_order_id=None,
        symbol=("BTC/USDT", "ETH/USDT", "SOL/USDT")[place % 3],
        quantity=amount(f"{place % 9973 + 1}e-4"),
        price=amount(f"{place % 977 + 5}.25"),
        fees=(Fee("USDT", amount(f"{place % 613}e-5")),),
        at=START + (place + late) * MILLISECOND,
    )
