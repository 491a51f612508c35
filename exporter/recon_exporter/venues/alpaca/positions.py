"""The whole book of one account, believed only where the account's own totals agree with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from recon_exporter.domain.money import ZERO, plain, product, total
from recon_exporter.domain.positions import PositionStatement
from recon_exporter.domain.statement import Position
from recon_exporter.venues.alpaca.answers import BadAnswer, Row, many, one, signed
from recon_exporter.venues.alpaca.client import Ask, Question
from recon_exporter.venues.alpaca.failures import incomplete
from recon_exporter.venues.alpaca.symbols import symbol_of

LOOKS = 3
"""How often both are read before a contradiction is believed: an order may fill between two requests."""


@dataclass(frozen=True, slots=True)
class Held:
    """A position, and its value as Alpaca tells it, None where it has no price."""

    position: Position
    value: Decimal | None


def read_positions(ask: Ask, bot: str, source: str, now: datetime, coverage: Decimal) -> PositionStatement:
    """The statement; raises VenueFailure or BadAnswer where there is none."""
    why = None
    for _ in range(LOOKS):
        rows = many(ask(Question.POSITIONS), "positions")
        account = one(ask(Question.ACCOUNT), "account")
        currency = account.text("currency")
        book = [held for held in (_held(row, currency) for row in rows) if held.position.quantity != ZERO]
        why = _contradiction(book, account, coverage)
        if why is None:
            return PositionStatement(
                bot, source, now, _sorted(book), has_write_times=False, proof=_proof(book, account)
            )
    raise incomplete(f"{why}, {LOOKS} times in succession")


def _held(row: Row, currency: str) -> Held:
    quantity, side = row.number("qty"), row.text("side")
    if quantity < ZERO and side == "long":
        raise BadAnswer(f"{row.place}.qty", plain(quantity), "a positive quantity, because the side is long")
    position = Position(
        symbol=symbol_of(row.text("symbol"), row.maybe_text("asset_class")),
        quantity=signed(row, quantity),
        mark_price=row.maybe_number("current_price"),
        average_price=row.number("avg_entry_price"),
        currency=currency,
    )
    return Held(position, row.maybe_number("market_value"))


def _sorted(book: Sequence[Held]) -> tuple[Position, ...]:
    positions = sorted((held.position for held in book), key=lambda position: position.key)
    for before, after in pairwise(positions):
        if before.key == after.key:
            raise BadAnswer("positions", after.symbol, "each symbol once")
    return tuple(positions)


def _contradiction(book: Sequence[Held], account: Row, coverage: Decimal) -> str | None:
    """What the totals hold and the list does not, in words; a list that comes to more than they do is no such thing."""
    sides = {
        "long": [held for held in book if held.position.quantity > ZERO],
        "short": [held for held in book if held.position.quantity < ZERO],
    }
    for side, listed in sides.items():
        told = account.number(f"{side}_market_value").copy_abs()
        if told == ZERO or any(held.value is None for held in listed):
            continue
        found = total(held.value.copy_abs() for held in listed if held.value is not None)
        if not listed or found < product(told, coverage):
            return f"the account holds {side} positions worth {plain(told)}, its list of them comes to {plain(found)}"
    return None


def _proof(book: Sequence[Held], account: Row) -> str:
    values = " and ".join(f"{side} {plain(account.number(f'{side}_market_value'))}" for side in ("long", "short"))
    return f"{len(book)} positions listed, and the account's own totals agree: {values} {account.text('currency')}"
