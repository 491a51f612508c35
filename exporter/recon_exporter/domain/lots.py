"""Several positions that are one instrument under two names, summed."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Context, Decimal

from recon_exporter.domain.money import ROUNDING, ZERO, ratio, total
from recon_exporter.domain.statement import Position

_AVERAGE = Context(prec=28)


def summed(positions: Sequence[Position]) -> Position | None:
    """One position of all of them, named as the first; None where they cancel out.

    The average price is weighted by quantity, to 28 digits. It is unknown where one of them tells none, where they
    offset each other, and where their currencies differ. A write of any of them counts, and so does what each may be
    off by.
    """
    quantity = total(position.quantity for position in positions)
    if not quantity:
        return None
    currencies = {position.currency for position in positions}
    marks = [position.mark_price for position in positions if position.mark_price is not None]
    is_one_currency = len(currencies) == 1
    return replace(
        positions[0],
        quantity=quantity,
        average_price=_average(positions) if is_one_currency else None,
        mark_price=max(marks, default=None) if is_one_currency else None,
        currency=positions[0].currency if is_one_currency else None,
        written_at=max((position.written_at for position in positions if position.written_at), default=None),
        step=max((position.step for position in positions if position.step is not None), default=None),
        uncertainty=total(position.uncertainty for position in positions),
    )


def _average(positions: Sequence[Position]) -> Decimal | None:
    priced = [(one.quantity, one.average_price) for one in positions if one.average_price is not None]
    if len(priced) < len(positions) or len({quantity.is_signed() for quantity, _ in priced}) > 1:
        return None
    cost = ZERO
    for quantity, price in sorted(priced):
        cost = ROUNDING.fma(quantity, price, cost)
    return _AVERAGE.plus(ratio(cost, total(quantity for quantity, _ in priced)))
