"""What a spot account holds, told as positions: exchanges tell balances there, bots keep positions.

The asset of a pair is held once, whichever pairs trade it: where the ledger has several pairs of one asset, its
balance is told under the first of them, and the ledger's positions of the asset are one with it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from recon_exporter.domain.money import ZERO, total
from recon_exporter.domain.positions import BalanceStatement, PositionStatement
from recon_exporter.domain.statement import Position

USUAL_QUOTE = "USDT"
"""What an asset is told in that no pair of the ledger names, where pairs are priced in several."""


def is_spot(symbol: str) -> bool:
    """Whether it is a pair of two assets, neither a contract nor a ticker."""
    return "/" in symbol and ":" not in symbol


def with_spot_as_positions(
    venue: PositionStatement,
    balances: BalanceStatement,
    ledger: PositionStatement,
    *,
    is_shared: bool,
    priced_in: frozenset[str] = frozenset(),
) -> PositionStatement:
    """The venue's book with what it holds of the assets that the ledger trades on spot.

    Of a shared account what goes beyond the ledger is not the bot's; of one that is the bot's alone everything counts,
    assets of which the ledger has no pair included, except those that its pairs are priced in. ``priced_in`` are such
    assets that are known without the ledger, which may have lost all its pairs.
    """
    pairs = _pairs(ledger.positions)
    quotes = {symbol.partition("/")[2] for symbol in pairs.values()} | priced_in
    held = {asset: balance.total for asset, balance in balances.balances.items()}
    told = [_held(asset, symbol, held.get(asset, ZERO), ledger, is_shared=is_shared) for asset, symbol in pairs.items()]
    if not is_shared and quotes:
        others = held.keys() - pairs.keys() - quotes
        quote = USUAL_QUOTE if USUAL_QUOTE in quotes else min(quotes)
        told += [(f"{asset}/{quote}", held[asset]) for asset in sorted(others)]
    spot = [Position(symbol, quantity, None) for symbol, quantity in told if quantity]
    positions = tuple(sorted((*venue.positions, *spot), key=lambda position: position.key))
    return replace(venue, positions=positions, proof=f"{venue.proof}; {balances.proof}")


def by_asset(ledger: PositionStatement) -> PositionStatement:
    """The ledger's book in which several pairs of one asset are one position, under the first of them."""
    pairs = _pairs(ledger.positions)
    names = {one.symbol: pairs[_asset(one.symbol)] for one in ledger.positions if is_spot(one.symbol)}
    if all(name == symbol for symbol, name in names.items()):
        return ledger
    merged: dict[tuple[str, str], Position] = {}
    for one in ledger.positions:
        named = replace(one, symbol=names.get(one.symbol, one.symbol))
        known = merged.get(named.key)
        merged[named.key] = named if known is None else _sum(known, named)
    positions = tuple(merged[key] for key in sorted(merged) if merged[key].quantity)
    return replace(ledger, positions=positions)


def _pairs(positions: Iterable[Position]) -> Mapping[str, str]:
    """The first pair of each asset that is held on spot."""
    pairs: dict[str, str] = {}
    for symbol in sorted(one.symbol for one in positions if is_spot(one.symbol)):
        pairs.setdefault(_asset(symbol), symbol)
    return pairs


def _asset(symbol: str) -> str:
    return symbol.partition("/")[0]


def _held(
    asset: str, symbol: str, quantity: Decimal, ledger: PositionStatement, *, is_shared: bool
) -> tuple[str, Decimal]:
    believed = total(one.quantity for one in ledger.positions if is_spot(one.symbol) and _asset(one.symbol) == asset)
    return (symbol, believed if is_shared and quantity >= believed else quantity)


def _sum(one: Position, other: Position) -> Position:
    """Prices of different pairs are not comparable: the sum has none."""
    uncertainty = total((one.uncertainty, other.uncertainty))
    quantity = total((one.quantity, other.quantity))
    return replace(one, quantity=quantity, average_price=None, mark_price=None, uncertainty=uncertainty)
