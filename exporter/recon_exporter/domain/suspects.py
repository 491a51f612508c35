"""Which movements explain a difference: those that fit it exactly before those that make it smaller."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from recon_exporter.domain.breaks import Break, BreakType
from recon_exporter.domain.executions import matched
from recon_exporter.domain.money import ZERO, difference, total
from recon_exporter.domain.movements import (
    CLOSING,
    Cause,
    Movement,
    Ownership,
    of_activity,
    of_execution,
    of_order,
    of_phantom,
)
from recon_exporter.domain.positions import Activity, ActivityKind
from recon_exporter.domain.splits import split_by_ratio
from recon_exporter.domain.terms import Terms
from recon_exporter.domain.trail import Trail

Chosen = tuple[Movement, ...]
_SAME_CLOSURE = timedelta(days=1)
"""How far apart a broker may date its closing of a position and the execution that it made."""
_BOOKED_AS_TRADE = frozenset({Cause.MISSED_FILL, Cause.MANUAL_ORDER, Cause.PARTIAL_FILLS})


def suspects(one: Break, trail: Trail, terms: Terms) -> Chosen:
    """The movements that explain the difference in quantity, exactly where any do, else as much of it as can be."""
    need = needed(one)
    if not need and not trail.has_ledger_fills:
        return ()
    executions = _executions(one, trail, terms)
    activities = tuple(_activities(one, trail))
    for chosen in _candidates(one, trail, executions, activities):
        if chosen and moved(chosen) == need:
            return tuple(_with_broker(movement, trail.activities) for movement in chosen)
    return _nearest(need, executions if trail.has_ledger_fills else (), activities)


def needed(one: Break) -> Decimal:
    """What the ledger's position has to change by to be that of the venue."""
    return difference(one.discrepancy.venue_quantity or ZERO, one.discrepancy.ledger_quantity or ZERO)


def moved(movements: Iterable[Movement]) -> Decimal:
    """What the ledger's position changes by where all of them are corrected."""
    return total(movement.quantity for movement in movements)


def _executions(one: Break, trail: Trail, terms: Terms) -> Chosen:
    if not trail.has_venue_orders:
        return ()
    is_orphan = one.discrepancy.type is BreakType.MISSING_IN_DB
    ownership = Ownership(terms.client_id_prefixes, Cause.MANUAL_ORDER if is_orphan else Cause.MISSED_FILL)
    matches = matched(trail.ledger_fills, trail.venue_fills, trail.orders.values())
    found = (of_order(match, trail.orders.get(match.key), ownership) for match in matches)
    return tuple(movement for movement in found if movement is not None)


def _activities(one: Break, trail: Trail) -> Iterator[Movement]:
    """What moved the position otherwise; a broker that closed all of it need not tell how much that was."""
    for activity in sorted(trail.activities, key=lambda activity: activity.at):
        # The quantity of a dividend is what it was paid on.
        if activity.quantity and activity.kind is not ActivityKind.DIVIDEND:
            yield of_activity(activity, activity.quantity, one.discrepancy.symbol)
        elif activity.quantity is None and activity.kind in CLOSING and not one.discrepancy.venue_quantity:
            yield of_activity(activity, needed(one), one.discrepancy.symbol)


def _candidates(one: Break, trail: Trail, executions: Chosen, activities: Chosen) -> Iterator[Chosen]:
    """Sets of movements that may be the explanation, the likelier first.

    Where the ledger keeps executions, all that it lacks belong to the explanation; where it keeps none, any of the
    venue's may be booked already, and what fits is taken.
    """
    together = tuple(_together(activities))
    if trail.has_ledger_fills:
        yield executions
        yield from ((*executions, *some) for some in together)
    yield from together
    yield from ((movement,) for movement in reversed(executions))
    yield _latest(executions, needed(one))
    if not trail.has_ledger_fills:
        yield from ((of_execution(fill),) for fill in reversed(trail.venue_fills))
    yield split_by_ratio(one, trail.activities)
    is_unheard_of = not trail.venue_fills and not trail.activities
    if one.discrepancy.type is BreakType.MISSING_AT_BROKER and trail.is_venue_complete and is_unheard_of:
        yield (of_phantom(one, trail.since),)


def _together(activities: Chosen) -> Iterator[Chosen]:
    """Each alone, the latest first, all of one cause, and all."""
    yield from ((movement,) for movement in reversed(activities))
    for cause in sorted({movement.cause for movement in activities}):
        yield tuple(movement for movement in activities if movement.cause is cause)
    yield activities


def _latest(executions: Chosen, need: Decimal) -> Chosen:
    """The latest ones that come to this together."""
    reached = ZERO
    for place in range(len(executions) - 1, -1, -1):
        reached = total((reached, executions[place].quantity))
        if reached == need:
            return executions[place:]
    return ()


def _nearest(need: Decimal, executions: Chosen, activities: Chosen) -> Chosen:
    """What leaves least of the difference, where it leaves less than all of it."""

    def left(chosen: Sequence[Movement]) -> Decimal:
        return difference(need, moved(chosen)).copy_abs()

    best = min((executions, activities, (*executions, *activities)), key=left)
    return best if left(best) < need.copy_abs() else ()


def _with_broker(movement: Movement, activities: Iterable[Activity]) -> Movement:
    """An execution of which the broker says that it closed the position by itself."""
    if movement.cause not in _BOOKED_AS_TRADE:
        return movement
    for activity in activities:
        is_its = activity.quantity in {None, movement.quantity} and abs(activity.at - movement.at) <= _SAME_CLOSURE
        if activity.kind in CLOSING and is_its:
            evidence = f"{movement.evidence}; the broker tells of {activity.code} {activity.activity_id}"
            return replace(movement, cause=Cause.CLOSED_BY_BROKER, evidence=evidence)
    return movement
