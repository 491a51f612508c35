"""The whole book of one account, believed only where the account's own balances do not contradict it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.money import ZERO, product
from recon_exporter.domain.positions import PositionStatement
from recon_exporter.domain.statement import Position
from recon_exporter.venues.ccxt.account import Ask
from recon_exporter.venues.ccxt.balances import lifeless, lists_assets, must_show_life
from recon_exporter.venues.ccxt.failures import VenueFailure, incomplete
from recon_exporter.venues.ccxt.instruments import market_of, step, unit
from recon_exporter.venues.ccxt.quirks import Quirk
from recon_exporter.venues.ccxt.quirks.base import Section
from recon_exporter.venues.ccxt.rows import BadAnswer, Row, any_but_zero, many, one

LOOKS = 3
"""How often both are read before a contradiction is believed: an order may fill between two requests."""


def read_positions(
    ask: Ask, quirk: Quirk, sections: Sequence[Section], owner: tuple[str, str], now: datetime
) -> PositionStatement:
    """The statement of ``owner`` (bot, source); raises VenueFailure or BadAnswer where there is none."""
    contracts = [section for section in sections if section.has_positions]
    if not contracts:
        proof = "no part of the account that is asked holds positions: " + _names(sections)
        return PositionStatement(*owner, now, (), has_write_times=False, proof=proof)
    found: list[Position] = []
    is_alive = False
    for section in contracts:
        held, shows_life = _of_section(ask, quirk, section, _balance_of(section, sections))
        found += held
        is_alive |= shows_life
    if not is_alive:
        _must_never_have_been_used(ask, contracts, sections)
    proof = f"{len(found)} positions listed in {_names(contracts)}, and no balance contradicts them"
    return PositionStatement(*owner, now, _sorted(found), has_write_times=False, proof=proof)


def symbols_held(ask: Ask, quirk: Quirk, section: Section) -> frozenset[str]:
    """The symbols of the open positions of a section, as far as they are told."""
    rows = many(quirk.positions(ask, section), f"positions of {section.name}")
    return frozenset(position.symbol for row in rows if (position := _position(ask, row, rows)).quantity)


def _must_never_have_been_used(ask: Ask, contracts: Sequence[Section], sections: Sequence[Section]) -> None:
    """Nothing at all in contracts is believed where nobody said that the bot has any, and spot shows life."""
    if ask.names_parts:
        raise lifeless(ask, contracts)
    must_show_life(ask, sections)


def _of_section(ask: Ask, quirk: Quirk, section: Section, balanced: Section | None) -> tuple[list[Position], bool]:
    """The positions, and whether the section lists anything; ``balanced`` is the part whose balance serves it."""
    if not ask.has("fetchPositions"):
        raise VenueFailure(Reason.SOURCE_UNREADABLE, f"ccxt cannot ask {ask.exchange} for positions", "unsupported")
    for look in range(LOOKS):
        rows = many(quirk.positions(ask, section), f"positions of {section.name}")
        held = [position for row in rows if (position := _position(ask, row, rows)).quantity != ZERO]
        if held or balanced is None:
            return held, bool(held)
        told = (ask.anew if look else ask.once)("fetchBalance", params=dict(balanced.parameters))
        balance = one(told, f"balance of {balanced.name}")
        if not any_but_zero(quirk.in_use(balance, section)):
            return [], lists_assets(balance)
    raise incomplete(
        f"{ask.exchange} lists no position in {section.name}, but its balance there is that of an account with"
        f" positions, {LOOKS} times in succession"
    )


def _balance_of(section: Section, sections: Sequence[Section]) -> Section | None:
    """The part of the account whose balance serves a section: its own, or the one that serves several."""
    common = (other for other in sections if other.has_balance and not other.has_trades)
    return section if section.has_balance else next(common, None)


def _position(ask: Ask, row: Row, rows: Sequence[Row]) -> Position:
    market = market_of(ask.markets, row)
    contracts = row.number("contracts").copy_abs()
    position = Position(
        symbol=row.text("symbol"),
        quantity=ZERO,
        mark_price=row.maybe_number("markPrice"),
        average_price=row.maybe_number("entryPrice"),
        currency=market.maybe_text("quote"),
        step=step(market, ask.precision_mode),
    )
    if contracts == ZERO:
        return position
    side = row.one_of("side", "long", "short")
    size = product(contracts, unit(market, row.maybe_number("contractSize")))
    return replace(position, quantity=_signed(size, side), leg=side if _is_leg(row, rows) else "net")


def _signed(quantity: Decimal, side: str) -> Decimal:
    return quantity if side == "long" else quantity.copy_negate()


def _is_leg(row: Row, rows: Sequence[Row]) -> bool:
    """Whether both sides can be held at a time: told, or else seen."""
    if row.told.get("hedged") is not None:
        return bool(row.told["hedged"])
    sides = Counter(
        other.text("side")
        for other in rows
        if other.told.get("symbol") == row.told["symbol"] and other.told.get("side")
    )
    return len(sides) > 1


def _sorted(positions: Sequence[Position]) -> tuple[Position, ...]:
    ordered = sorted(positions, key=lambda position: position.key)
    for before, after in pairwise(ordered):
        if before.key == after.key:
            raise BadAnswer("positions", after.symbol, "each symbol and leg once")
    return tuple(ordered)


def _names(sections: Sequence[Section]) -> str:
    return ", ".join(section.name for section in sections)
