"""Both sides of a bot without what others trade on its account."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import Activity, ActivityKind, FillStatement, Order, PositionStatement
from recon_exporter.domain.scope import Scope
from recon_exporter.domain.statement import Unavailable
from recon_exporter.domain.symbols import Symbols
from recon_exporter.sources.scope import ScopedLedger, ScopedVenue
from support.eod_parts import NOT_TOLD
from support.positions import NOW, make_position, make_statement
from support.sides import make_fill, make_fills

if TYPE_CHECKING:
    from datetime import datetime

    from recon_exporter.domain.positions import BalanceStatement

BTC, ETH = "BTC/USDT", "ETH/USDT"
BALANCES = Unavailable(Reason.SOURCE_MISSING, "the balances of the one within")
SCOPES = [Scope.of(Symbols.of({}), ["BTC-USDT"], []), Scope.of(Symbols.of({}), None, ["ETHUSDT"])]


@dataclass
class Side:
    """A side that tells of two symbols, or nothing."""

    name: str = "file"
    is_down: bool = False
    covers: frozenset[str] | None = None

    def positions(self, now: datetime) -> PositionStatement | Unavailable:
        del now
        return NOT_TOLD if self.is_down else make_statement(make_position(BTC, "1"), make_position(ETH, "2"))

    def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:
        del since, now
        told = make_fills(make_fill("1"), replace(make_fill("2"), symbol=ETH))
        return NOT_TOLD if self.is_down else replace(told, symbols=self.covers)

    def orders(self, since: datetime) -> tuple[Order, ...] | Unavailable:
        one = make_position(BTC, "1").quantity
        both = tuple(Order(name, None, name, one, one, None, "filled", since, since) for name in (BTC, ETH))
        return NOT_TOLD if self.is_down else both

    def activities(self, since: datetime) -> tuple[Activity, ...] | Unavailable:
        told = tuple(
            Activity(str(name), ActivityKind.FEE, "FEE", name, None, None, None, since) for name in (BTC, ETH, None)
        )
        return NOT_TOLD if self.is_down else told

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:
        del now
        return BALANCES

    def mark(self) -> str | Unavailable:
        return "mark"


@pytest.mark.parametrize("scope", SCOPES, ids=["only", "without"])
def test_both_sides_tell_of_the_bots_symbols_alone(scope: Scope) -> None:
    for side in (ScopedLedger(Side(), scope), ScopedVenue(Side(), scope)):
        positions, fills = side.positions(NOW), side.fills(NOW, NOW)
        assert isinstance(positions, PositionStatement)
        assert isinstance(fills, FillStatement)
        assert [one.symbol for one in positions.positions] == [BTC]
        assert [one.symbol for one in fills.fills] == [BTC]
        assert fills.symbols is None
    orders, activities = (ScopedVenue(Side(), scope).orders(NOW), ScopedVenue(Side(), scope).activities(NOW))
    assert not isinstance(orders, Unavailable)
    assert not isinstance(activities, Unavailable)
    assert [one.symbol for one in orders] == [BTC]
    assert [one.symbol for one in activities] == [BTC, None]


@pytest.mark.parametrize("scope", SCOPES, ids=["only", "without"])
def test_fills_that_are_left_out_are_not_covered_either(scope: Scope) -> None:
    told = ScopedVenue(Side(covers=frozenset({BTC, ETH})), scope).fills(NOW, NOW)

    assert isinstance(told, FillStatement)
    assert told.symbols == frozenset({BTC})


def test_everything_else_is_as_the_side_within() -> None:
    ledger, venue = ScopedLedger(Side("a"), SCOPES[0]), ScopedVenue(Side("b"), SCOPES[0])

    assert (ledger.name, venue.name, ledger.mark()) == ("a", "b", "mark")
    assert ledger.balances(NOW) is venue.balances(NOW) is BALANCES


def test_what_could_not_be_read_stays_unavailable() -> None:
    ledger, venue = ScopedLedger(Side(is_down=True), SCOPES[0]), ScopedVenue(Side(is_down=True), SCOPES[0])
    told = [ledger.positions(NOW), ledger.fills(NOW, NOW), venue.positions(NOW), venue.fills(NOW, NOW)]

    assert [*told, venue.orders(NOW), venue.activities(NOW)] == [NOT_TOLD] * 6
