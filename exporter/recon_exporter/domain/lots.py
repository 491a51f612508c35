"""Several lots of one position as one: quantities are summed, prices weighted."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from recon_exporter.domain.money import ROUNDING, ZERO, ratio, total
from recon_exporter.domain.statement import Position


def summed(positions: Sequence[Position]) -> Position | None:
    """One position of all lots of one symbol and leg, named as the first; None where they cancel out.

    The average price is that of the lots on the side of the sum: a lot of the other side closes at that price. It is
    None where one of them has none, or where currencies differ. Any lot that was written counts as a write.
    """
    quantity = total(position.quantity for position in positions)
    if not quantity:
        return None
    if len(positions) == 1:
        return positions[0]
    holding = [position for position in positions if (position.quantity > ZERO) == (quantity > ZERO)]
    currencies = {position.currency for position in positions}
    marks = [position.mark_price for position in positions if position.mark_price is not None]
    return replace(
        positions[0],
        quantity=quantity,
        average_price=_average(holding) if len(currencies) == 1 else None,
        mark_price=max(marks, default=None),
        currency=positions[0].currency if len(currencies) == 1 else None,
        written_at=max((position.written_at for position in positions if position.written_at), default=None),
    )


def _average(positions: Sequence[Position]) -> Decimal | None:
    lots = sorted((one.quantity, one.average_price) for one in positions if one.average_price is not None)
    if len(lots) < len(positions):
        return None
    worth = ZERO
    for quantity, price in lots:
        worth = ROUNDING.fma(quantity, price, worth)
    return ratio(worth, total(quantity for quantity, _ in lots))
