"""Whether two positions look like the same one before and after a split of the shares."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from recon_exporter.domain.bookkeeping import Entry
from recon_exporter.domain.breaks import Break
from recon_exporter.domain.money import ROUNDING, ZERO, difference, ratio
from recon_exporter.domain.movements import Cause, Movement
from recon_exporter.domain.positions import Activity, ActivityKind

_LARGEST = 100
"""Shares are split or put together one to so many often enough to be guessed."""
_LARGEST_UNEVEN = 10
"""Likewise three to two, and the like."""
_SAME_COST = Decimal("0.01")
"""The share by which the cost may change: averages are rounded, fractions are paid out."""


def split_by_ratio(one: Break, activities: Iterable[Activity]) -> tuple[Movement, ...]:
    """A split that turns the ledger's quantity into the venue's, where the cost of the position stayed the same.

    Where a side tells no price, only a split that the venue tells of is believed.
    """
    found = one.discrepancy
    ours, theirs = found.ledger_quantity, found.venue_quantity
    if not ours or not theirs or ours.is_signed() != theirs.is_signed():
        return ()
    told = [activity for activity in activities if activity.kind is ActivityKind.SPLIT]
    proof = f"; the venue tells of {told[-1].code} {told[-1].activity_id}" if told else _same_cost(one)
    factor = Fraction(theirs) / Fraction(ours)
    if not proof or not _is_usual(factor):
        return ()
    gap = difference(theirs, ours)
    evidence = f"the quantities are as {factor.numerator} to {factor.denominator}, venue to ledger{proof}"
    entry = Entry(one.last_seen, gap, None, is_split=True)
    return (Movement(Cause.SPLIT, gap, (entry,), (), one.last_seen, evidence),)


def split_of_price(one: Break, activities: Iterable[Activity]) -> tuple[Movement, ...]:
    """A split that the venue tells of and by which one side alone has divided its price."""
    found = one.discrepancy
    told = [activity for activity in activities if activity.kind is ActivityKind.SPLIT]
    if not told or not found.ledger_price or not found.venue_price:
        return ()
    factor = (Fraction(found.ledger_price) / Fraction(found.venue_price)).limit_denominator(_LARGEST)
    rebuilt = ROUNDING.multiply(found.venue_price, ratio(Decimal(factor.numerator), Decimal(factor.denominator)))
    off = ratio(ROUNDING.subtract(rebuilt, found.ledger_price).copy_abs(), found.ledger_price.copy_abs())
    if off > _SAME_COST or not _is_usual(factor):
        return ()
    evidence = (
        f"the prices are as {factor.numerator} to {factor.denominator}, ledger to venue; "
        f"the venue tells of {told[-1].code} {told[-1].activity_id}"
    )
    return (Movement(Cause.SPLIT, ZERO, (), (), one.last_seen, evidence),)


def _is_usual(factor: Fraction) -> bool:
    small, large = sorted((factor.numerator, factor.denominator))
    return 1 <= small < large <= _LARGEST and (small == 1 or large <= _LARGEST_UNEVEN)


def _same_cost(one: Break) -> str:
    found = one.discrepancy
    if not (found.ledger_price and found.venue_price and found.ledger_quantity and found.venue_quantity):
        return ""
    before = ROUNDING.multiply(found.ledger_quantity, found.ledger_price)
    after = ROUNDING.multiply(found.venue_quantity, found.venue_price)
    is_same = ratio(ROUNDING.subtract(after, before).copy_abs(), before.copy_abs()) <= _SAME_COST
    return ", and the cost of the position is the same" if is_same else ""
