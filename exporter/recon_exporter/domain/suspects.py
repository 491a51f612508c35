"""Which movements explain a difference: those that fit it exactly before those that make it smaller."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal

from recon_exporter.domain.bookkeeping import Entry
from recon_exporter.domain.break_words import number
from recon_exporter.domain.breaks import Break, BreakType
from recon_exporter.domain.executions import matched
from recon_exporter.domain.money import ROUNDING, ZERO, difference, ratio, total
from recon_exporter.domain.movements import CLOSING, Cause, Movement, Ownership, of_activity, of_order
from recon_exporter.domain.positions import Activity
from recon_exporter.domain.terms import Terms
from recon_exporter.domain.trail import Trail

Chosen = tuple[Movement, ...]
_SAME_CLOSURE = timedelta(days=1)
"""How far apart a broker may date its closing of a position and the execution that it made."""
_SAME_COST = Decimal("0.01")
"""The share by which the cost of a position may change over a split: averages are rounded to cents."""
_LARGEST_SPLIT = 100


def suspects(one: Break, trail: Trail, terms: Terms) -> Chosen:
    """The movements that explain the difference in quantity, exactly where any do, else as much of it as can be."""
    need = needed(one)
    executions = _executions(one, trail, terms)
    activities = _activities(trail, need)
    for chosen in _candidates(one, trail, executions, activities):
        if chosen and _moved(chosen) == need:
            return _with_broker(chosen, trail)
    return _with_broker(_nearest(need, executions, activities, trail), trail)


def needed(one: Break) -> Decimal:
    """What the ledger's position has to change by to be that of the venue."""
    found = one.discrepancy
    return difference(found.venue_quantity or ZERO, found.ledger_quantity or ZERO)
