"""One look at both sides: the ledger before and after the venue, each part of it by itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.fill_match import FillMatch
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import Activity, BalanceStatement, Fill, FillStatement, PositionStatement
from recon_exporter.domain.sides import AccountUse, BalanceSides, PositionSides
from recon_exporter.domain.statement import Balance, Position, Unavailable
from recon_exporter.domain.terms import Tolerance
from recon_exporter.side_reading import SideReader, Tells
from support.eod_parts import WaitingClock
from support.sides import (
    BOT,
    HOUR,
    NOW,
    PAIR,
    SECOND,
    kinds,
    make_balances,
    make_fill,
    make_positions,
    make_side_terms,
    make_terms,
)

if TYPE_CHECKING:
    from datetime import datetime

    from recon_exporter.domain.sides import SideTerms

DOWN = Unavailable(Reason.VENUE_UNREACHABLE, "no answer")
NOT_TOLD = Unavailable(Reason.INPUT_MISSING, "no column")
ALL = Tells(positions=True, fills=True, balances=True)
ZERO = Decimal(0)
ONE = Position(PAIR, Decimal(1), Decimal(60000))


@dataclass
class Side:
    """A side whose statements a test sets, and the questions that it was asked, in one journal with the other's."""

    name: str
    journal: list[str]
    book: PositionStatement | Unavailable = field(default_factory=lambda: make_positions(ONE))
    executed: tuple[Fill, ...] | Unavailable = ()
    later: tuple[Fill, ...] | None = None
    """What it tells of fills from the second question on."""
    held: BalanceStatement | Unavailable = field(default_factory=lambda: make_balances({"USDT": "5"}))
    since: list[datetime] = field(default_factory=list)

    def mark(self) -> str | Unavailable:
        return str(self.book)

    def positions(self, now: datetime) -> PositionStatement | Unavailable:
        del now
        self.journal.append(f"{self.name} positions")
        return self.book

    def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:
        self.journal.append(f"{self.name} fills")
        self.since.append(since)
        told = self.later if self.later is not None and len(self.since) > 1 else self.executed
        if isinstance(told, Unavailable):
            return told
        return FillStatement(BOT, self.name, tuple(one for one in told if one.at >= since), since, now)

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:
        del now
        self.journal.append(f"{self.name} balances")
        return self.held

    def orders(self, since: datetime) -> Unavailable:
        del since
        return NOT_TOLD

    def activities(self, since: datetime) -> tuple[Activity, ...]:
        del since
        self.journal.append(f"{self.name} activities")
        return ()


@dataclass
class Bench:
    journal: list[str] = field(default_factory=list)
    clock: WaitingClock = field(default_factory=lambda: WaitingClock(NOW))
    tells: Tells = ALL
    terms: SideTerms = field(default_factory=make_side_terms)

    def __post_init__(self) -> None:
        self.ledger, self.venue = Side("ledger", self.journal), Side("venue", self.journal)

    def reader(self) -> SideReader:
        return SideReader(BOT, (self.ledger, self.venue), self.terms, self.tells, timedelta(hours=24), self.clock)


def test_fills_are_asked_of_the_ledger_before_and_after_the_venue() -> None:
    bench = Bench(tells=Tells(positions=False, fills=True, balances=False))
    bench.reader().read(None, ())

    assert bench.journal == ["ledger fills", "venue fills", "ledger fills"]


def test_fill_that_the_ledger_writes_while_the_venue_is_read_is_no_difference() -> None:
    bench = Bench()
    bench.venue.executed = bench.ledger.later = (make_fill("t1"),)
    fills = bench.reader().read(None, ()).sides.fills

    assert isinstance(fills, FillMatch)
    assert (kinds(fills), fills.matched + fills.deferred) == ([], 1)


def test_fill_that_the_ledger_strikes_out_while_the_venue_is_read_is_looked_at_again() -> None:
    bench = Bench()
    bench.ledger.executed = bench.venue.executed = (make_fill("t1"),)
    bench.ledger.later = ()
    fills = bench.reader().read(None, ()).sides.fills

    assert isinstance(fills, FillMatch)
    assert (kinds(fills), fills.deferred) == ([], 1)


@pytest.mark.parametrize("side", ["ledger", "venue"])
def test_part_that_a_side_does_not_tell_leaves_the_others_their_verdict(side: str) -> None:
    bench = Bench()
    lost = bench.ledger if side == "ledger" else bench.venue
    lost.executed = DOWN
    sides = bench.reader().read(None, ()).sides

    assert sides.fills == UnverifiedSide(side, DOWN.unverified())
    assert isinstance(sides.positions, PositionSides)
    assert isinstance(sides.balances, BalanceSides)


@pytest.mark.parametrize("side", ["ledger", "venue"])
def test_source_is_up_only_where_it_told_everything(side: str) -> None:
    bench = Bench()
    assert [(one.side, one.is_up) for one in bench.reader().read(None, ()).health] == [
        ("ledger", True),
        ("venue", True),
    ]
    (bench.ledger if side == "ledger" else bench.venue).held = DOWN

    assert {one.side: one.is_up for one in bench.reader().read(None, ()).health}[side] is False


def test_what_is_not_told_by_configuration_is_not_asked() -> None:
    bench = Bench(tells=Tells(positions=True, fills=False, balances=False))
    sides = bench.reader().read(None, ()).sides

    assert (sides.fills, sides.balances) == (None, None)
    assert bench.journal == ["ledger positions", "venue positions"]


def test_ledger_without_a_column_for_positions_tells_none_where_that_may_be() -> None:
    bench = Bench(tells=Tells(positions=True, fills=False, balances=False, are_positions_optional=True))
    bench.ledger.book = NOT_TOLD
    assert bench.reader().read(None, ()).sides.positions is None
    bench.ledger.book = DOWN
    assert isinstance(bench.reader().read(None, ()).sides.positions, UnverifiedSide)
    bench.tells = Tells(positions=True, fills=False, balances=False)
    bench.ledger.book = NOT_TOLD

    assert isinstance(bench.reader().read(None, ()).sides.positions, UnverifiedSide)


@pytest.mark.parametrize("change", [{"held": make_balances({"USDT": "4"})}, {"book": make_positions()}])
def test_movements_are_asked_where_there_is_something_to_explain(change: dict[str, Any]) -> None:
    bench = Bench()
    assert bench.reader().read(None, ()).sides.movements is None
    bench.venue = replace(bench.venue, **change)

    assert bench.reader().read(None, ()).sides.movements is not None
    assert bench.journal.count("venue activities") == 1


def test_movements_are_not_asked_for_what_needs_no_explanation() -> None:
    """What is free, what tolerance covers, and what others have on a shared account: else each look would ask twice."""
    free = make_balances({"USDT": "5"})
    bench = Bench(terms=make_side_terms(make_terms(tolerance=Tolerance(Decimal("0.01"), ZERO, ZERO))))
    bench.venue.held = replace(free, balances={"USDT": Balance(Decimal(5), Decimal(1))})
    bench.venue.book = make_positions(replace(ONE, quantity=Decimal("1.001")))
    tolerated = bench.reader().read(None, ()).sides
    bench.terms = make_side_terms(use=AccountUse.SHARED)
    bench.venue.held = make_balances({"USDT": "50"})
    shared = bench.reader().read(None, ()).sides

    assert (tolerated.movements, shared.movements) == (None, None)


def test_first_look_goes_back_by_the_history_and_the_next_on_from_there() -> None:
    bench = Bench()
    reader = bench.reader()
    first = reader.read(None, ())
    bench.clock.wait(HOUR)
    reader.read(first.judged_until, ())
    reader.read(first.judged_until, (NOW - 40 * HOUR,))

    begins = bench.venue.since
    assert begins[0] <= NOW - 24 * HOUR
    assert NOW - 3 * HOUR < begins[1] < NOW
    assert begins[2] <= NOW - 40 * HOUR


def test_look_after_a_restart_reads_from_where_the_earlier_process_had_come() -> None:
    bench = Bench()
    lost = make_fill("t1", at=NOW - 5 * HOUR)
    bench.venue.executed = (lost,)
    fills = bench.reader().read(NOW - 6 * HOUR, ()).sides.fills

    assert isinstance(fills, FillMatch)
    assert [item for _, item in kinds(fills)] == ["t1"]


def test_adapter_that_raises_leaves_its_part_unverified() -> None:
    class Broken(Side):
        def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:
            raise ZeroDivisionError(f"{since} {now}")

    bench = Bench()
    bench.venue = Broken("venue", bench.journal)
    sides = bench.reader().read(None, ()).sides

    assert isinstance(sides.fills, UnverifiedSide)
    assert sides.fills.why.reason is Reason.CHECK_FAILED
    assert isinstance(sides.positions, PositionSides)


def test_reading_that_could_not_be_made_is_unverified_in_every_part_that_is_told() -> None:
    bench = Bench(tells=Tells(positions=True, fills=True, balances=False))
    reading = bench.reader().unread(DOWN, NOW + 5 * SECOND)

    assert (reading.sides.balances, reading.judged_until) == (None, None)
    assert isinstance(reading.sides.positions, UnverifiedSide)
    assert isinstance(reading.sides.fills, UnverifiedSide)
    assert [one.is_up for one in reading.health] == [False, False]
