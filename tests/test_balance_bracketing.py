"""Balances that move while both sides are read are followed or looked at again, never judged half-way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter.balance_bracketing import BalanceBracket
from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.sides import AccountUse, BalanceSides
from recon_exporter.domain.statement import Unavailable
from support.eod_parts import WaitingClock
from support.sides import make_balances, make_side_terms, make_terms

if TYPE_CHECKING:
    from datetime import datetime

    from recon_exporter.domain.positions import BalanceStatement
    from recon_exporter.domain.sides import SideTerms

SETTLE = timedelta(seconds=5)
DOWN = Unavailable(Reason.SOURCE_UNREADABLE, "closed")


@dataclass
class Side:
    """Tells what was lined up, one after the other; the last one stays."""

    readings: list[BalanceStatement | Unavailable]
    reads: int = 0

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:
        del now
        self.reads += 1
        return self.readings[min(self.reads, len(self.readings)) - 1]


@dataclass
class Bench:
    """The totals in dollars that both sides tell, one after the other."""

    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    terms: SideTerms = field(default_factory=make_side_terms)
    clock: WaitingClock = field(default_factory=WaitingClock)

    def look(self) -> BalanceSides | UnverifiedSide:
        ledger, venue = (Side([make_balances({"USDT": one}) for one in told]) for told in (self.ours, self.theirs))
        return BalanceBracket(
            ledger,  # type: ignore[arg-type]  # nothing else is asked of it
            venue,  # type: ignore[arg-type]
            self.terms,
            self.clock,
            self.clock.wait,
            SETTLE,
        ).look()

    def amounts(self) -> tuple[str, str]:
        """What is to be compared."""
        sides = self.look()
        assert isinstance(sides, BalanceSides), sides
        return str(sides.ledger.balances["USDT"].total), str(sides.venue.balances["USDT"].total)


def test_balances_that_hold_still_are_as_told() -> None:
    assert Bench(("10",), ("9",)).amounts() == ("10", "9")


@pytest.mark.parametrize("shown", ["10", "7"])
def test_total_that_moved_agrees_where_the_venue_shows_it_before_or_after(shown: str) -> None:
    assert Bench(("10", "7"), (shown,)).amounts() == ("7", "7")


def test_total_that_cannot_be_followed_is_looked_at_again_after_the_settle_delay() -> None:
    bench = Bench(("10", "7"), ("8", "7"))

    assert (bench.amounts(), bench.clock.waits) == (("7", "7"), [SETTLE])


def test_total_that_never_holds_still_is_unverified_and_no_break() -> None:
    seen = Bench(("1", "2", "3", "4", "5", "6"), ("100",)).look()

    assert isinstance(seen, UnverifiedSide)
    assert seen.why.reason is Reason.MOVED_WHILE_READ


def test_what_others_have_on_a_shared_account_needs_no_second_look() -> None:
    bench = Bench(("10", "7"), ("100",), make_side_terms(use=AccountUse.SHARED))

    assert (bench.amounts(), bench.clock.waits) == (("7", "100"), [])


def test_asset_is_followed_under_its_one_name() -> None:
    terms = make_side_terms(make_terms(aliases={"XBT": "BTC"}))
    ledger = Side([make_balances({"XBT": "1"}), make_balances({"XBT": "2"})])
    venue = Side([make_balances({"BTC": "1", "ETH": "3"})])
    clock = WaitingClock()
    seen = BalanceBracket(ledger, venue, terms, clock, clock.wait, SETTLE).look()  # type: ignore[arg-type]

    assert isinstance(seen, BalanceSides)
    assert {asset: one.total for asset, one in seen.venue.balances.items()} == {"BTC": 2, "ETH": 3}


@pytest.mark.parametrize("place", [0, 1])
def test_ledger_that_fails_in_either_reading_is_unverified(place: int) -> None:
    readings: list[BalanceStatement | Unavailable] = [make_balances({"USDT": "1"})] * 2
    readings[place] = DOWN
    clock = WaitingClock()
    venue = Side([make_balances({"USDT": "1"})])
    seen = BalanceBracket(Side(readings), venue, make_side_terms(), clock, clock.wait, SETTLE).look()  # type: ignore[arg-type]

    assert seen == UnverifiedSide("ledger", DOWN.unverified())
