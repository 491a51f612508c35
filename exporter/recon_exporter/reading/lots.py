"""Several lots of one symbol and leg → one position."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Context, Decimal, Inexact

from recon_exporter.domain.money import ROUNDING, InvalidAmount, ratio, total
from recon_exporter.domain.statement import Position
from recon_exporter.reading.cells import number

PRICE = Context(prec=28)
"""An average is rounded to 28 digits, so that its product with a quantity is still exact."""

NEVER = datetime.min.replace(tzinfo=UTC)


class LotsDisagree(ValueError):
    """Lots that cannot be one position; ``str()`` says why."""


def position_of(lots: Sequence[Position]) -> Position | None:
    """The position that the lots of one key make, none of quantity zero; None where they add up to zero.

    The price of entry is weighted by quantity, and unknown where one lot tells none or where lots of opposite sign
    offset each other. The mark is that of the lot written last, which is also when the position was written.
    """
    first = lots[0]
    if len(lots) == 1:
        return first
    currencies = sorted({lot.currency for lot in lots if lot.currency is not None})
    if len(currencies) > 1:
        raise LotsDisagree(f"lots in {' and '.join(currencies)}")
    quantity = _sum(lots)
    if not quantity:
        return None
    marked = [lot for lot in lots if lot.mark_price is not None]
    return Position(
        symbol=first.symbol,
        quantity=quantity,
        mark_price=max(marked, key=_recency).mark_price if marked else None,
        leg=first.leg,
        average_price=_average(lots, quantity),
        currency=currencies[0] if currencies else None,
        written_at=max((lot.written_at for lot in lots if lot.written_at is not None), default=None),
    )


def _sum(lots: Sequence[Position]) -> Decimal:
    try:
        return number(total(lot.quantity for lot in lots))
    except (Inexact, InvalidAmount):
        raise LotsDisagree("quantities of which the sum has more digits than an amount can have") from None


def _average(lots: Sequence[Position], quantity: Decimal) -> Decimal | None:
    if len({lot.quantity.is_signed() for lot in lots}) > 1:
        return None
    prices = [lot.average_price for lot in lots]
    cost = Decimal(0)
    for lot, price in zip(lots, prices, strict=True):
        if price is None:
            return None
        cost = ROUNDING.add(cost, ROUNDING.multiply(lot.quantity, price))
    return PRICE.plus(ratio(cost, quantity))


def _recency(lot: Position) -> tuple[datetime, Decimal]:
    """Of lots written at one time the higher mark counts, so that the order of rows does not matter."""
    return (lot.written_at or NEVER, lot.mark_price or Decimal(0))
