"""Builders of what both sides of a bot say in a cycle: each gives something sound, and a test names what it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from recon_exporter.domain.breaks import BreakType
from recon_exporter.domain.fill_match import FillMatch
from recon_exporter.domain.fill_matching import FillMatcher
from recon_exporter.domain.positions import (
    BalanceStatement,
    Basis,
    Fee,
    Fill,
    FillStatement,
    PositionStatement,
)
from recon_exporter.domain.sides import BalanceSides, PositionSides, Sides, SideTerms
from recon_exporter.domain.statement import Balance, Position
from recon_exporter.domain.symbols import Symbols
from recon_exporter.domain.terms import Terms, Tolerance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NOW = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
BOT = "grid-btc"
PAIR = "BTC/USDT"
FEE = (Fee("USDT", Decimal("0.05")),)

MIRROR = {
    BreakType.FILL_MISSING_IN_LEDGER: BreakType.FILL_MISSING_AT_VENUE,
    BreakType.FILL_MISSING_AT_VENUE: BreakType.FILL_MISSING_IN_LEDGER,
}


def make_terms(
    *, prefixes: tuple[str, ...] = (), tolerance: Tolerance | None = None, aliases: Mapping[str, str] | None = None
) -> Terms:
    return Terms(
        symbols=Symbols.of(aliases or {}),
        tolerance=tolerance or Tolerance(Decimal(0), Decimal("0.005"), Decimal("0.01")),
        tolerance_of={},
        stale_after=None,
        stale_after_of={},
        halt_quantity_ratio=Decimal("0.10"),
        dollar_rates={},
        client_id_prefixes=prefixes,
    )


def make_side_terms(comparison: Terms | None = None, /, **changes: object) -> SideTerms:
    terms = SideTerms(comparison or make_terms(), Decimal(1000))
    return replace(terms, **changes)  # type: ignore[arg-type]  # names and types are those of SideTerms


def make_fill(
    name: str = "t1",
    quantity: str = "0.5",
    price: str = "60000",
    *,
    at: datetime = NOW - 20 * MINUTE,
    **changes: object,
) -> Fill:
    """A buy of half a bitcoin, in an order of its own."""
    fill = Fill(name, f"o-{name}", f"c-{name}", PAIR, Decimal(quantity), Decimal(price), FEE, at)
    return replace(fill, **changes)  # type: ignore[arg-type]  # names and types are those of Fill


def make_fills(*fills: Fill, **changes: object) -> FillStatement:
    """A side that tells these fills, and that it has no others of the last three hours."""
    ordered = tuple(sorted(fills, key=lambda fill: fill.at))
    statement = FillStatement(BOT, "made up", ordered, NOW - 3 * HOUR, NOW)
    return replace(statement, **changes)  # type: ignore[arg-type]  # names and types are those of FillStatement


def match(ledger: FillStatement, venue: FillStatement, terms: SideTerms | None = None) -> FillMatch:
    """What a fresh matcher finds in one look."""
    return fed(FillMatcher(BOT, terms or make_side_terms()), ledger, venue)


def fed(
    matcher: FillMatcher, ledger: FillStatement, venue: FillStatement, again: FillStatement | None = None
) -> FillMatch:
    result = matcher.feed(ledger, venue, again or ledger)
    assert isinstance(result, FillMatch), result
    return result


def kinds(result: FillMatch) -> list[tuple[BreakType, str]]:
    """Type and item of each difference, sorted."""
    return sorted((one.type, one.item) for one in result.differences)


def make_positions(*positions: Position, at: datetime = NOW) -> PositionStatement:
    ordered = tuple(sorted(positions, key=lambda position: position.key))
    return PositionStatement(BOT, "made up", at, ordered, has_write_times=False, proof="made up")


def make_balances(
    amounts: Mapping[str, str], prices: Mapping[str, str] | None = None, *, basis: Basis = Basis.WALLET
) -> BalanceStatement:
    return BalanceStatement(
        bot=BOT,
        source="made up",
        as_of=NOW,
        basis=basis,
        balances={asset: Balance(Decimal(amount), None) for asset, amount in amounts.items()},
        prices={asset: Decimal(price) for asset, price in (prices or {}).items()},
        proof="made up",
    )


def make_sides(**changes: object) -> Sides:
    """Sides that agree in everything: one fill, one position, one asset."""
    holding = make_positions(Position(PAIR, Decimal(1), Decimal(60000)))
    sides = Sides(
        positions=PositionSides(holding, holding),
        balances=BalanceSides(make_balances({"BTC": "1"}), make_balances({"BTC": "1"})),
        fills=match(make_fills(make_fill()), make_fills(make_fill())),
        terms=make_side_terms(),
    )
    return replace(sides, **changes)  # type: ignore[arg-type]  # names and types are those of Sides


def by_time(fills: Iterable[Fill]) -> tuple[Fill, ...]:
    return tuple(sorted(fills, key=lambda fill: (fill.at, fill.fill_id)))
