"""The life of breaks that cycles find: confirmed by several looks in a row, gone after as many clean ones.

A look that the venue's slowness makes serve two cycles counts once. What a look could not judge changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from recon_exporter.domain.break_life import Aged, Lived, expire, opened, recurrences_of, resolved, seen, summed_up
from recon_exporter.domain.breaks import Break, BreakIdentity, BreakState, Discrepancy
from recon_exporter.domain.differences import Differences

_OUT_OF_ORDER = timedelta(minutes=30)
"""By how much looks of several processes may come in another order than they were made in."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How many looks in a row confirm a break, how many clean ones end it, and how old it must be to be confirmed."""

    cycles: int = 2
    clear: int = 1
    settle: timedelta = timedelta(seconds=60)


def age_differences(
    known: Iterable[Break], differences: Differences, looked_at: datetime, confirmation: Confirmation
) -> Aged:
    """Carry the breaks of one bot and check through one look at both sides.

    ``known`` are all lives of them, resolved ones too. A look told twice changes nothing.
    """
    lives = tuple(known)
    standing = {one.discrepancy.identity: one for one in lives if one.state is not BreakState.RESOLVED}
    recurrences = recurrences_of(lives)
    found = {one.identity: one for one in differences.discrepancies}
    lived: dict[BreakIdentity, Lived] = {}
    for identity, discrepancy in found.items():
        one = standing.get(identity) or opened(discrepancy, looked_at, recurrences.get(identity, 0))
        lived[identity] = _found(one, discrepancy, looked_at, confirmation)
    for identity in standing.keys() - found.keys():
        lived[identity] = _not_found(standing[identity], differences, found, looked_at, confirmation)
    return summed_up(lived, standing)


def _is_known(one: Break, looked_at: datetime) -> bool:
    """Whether this look was counted; one that is far ahead was made while the clock was wrong."""
    return one.judged_at is not None and looked_at <= one.judged_at <= looked_at + _OUT_OF_ORDER


def _is_old(one: Break, looked_at: datetime, confirmation: Confirmation) -> bool:
    """Whether it has stood for long enough, or was opened while the clock was ahead: then nobody knows for how long."""
    age = looked_at - one.first_seen
    return age >= confirmation.settle or age < -_OUT_OF_ORDER


def _found(one: Break, discrepancy: Discrepancy, looked_at: datetime, confirmation: Confirmation) -> Lived:
    if _is_known(one, looked_at):
        return expire(one, looked_at)
    in_row = one.found_in_row + 1
    is_confirmed = in_row >= confirmation.cycles and _is_old(one, looked_at, confirmation)
    after, steps = seen(one, discrepancy, looked_at, is_confirmed=is_confirmed)
    return (replace(after, found_in_row=in_row, clean_in_row=0, judged_at=looked_at), steps)


def _not_found(
    one: Break,
    differences: Differences,
    found: dict[BreakIdentity, Discrepancy],
    looked_at: datetime,
    confirmation: Confirmation,
) -> Lived:
    if _is_known(one, looked_at) or not differences.has_judged(one.discrepancy):
        return expire(one, looked_at)
    clean = replace(one, found_in_row=0, clean_in_row=one.clean_in_row + 1, judged_at=looked_at)
    return resolved(clean, found, looked_at) if clean.clean_in_row >= confirmation.clear else expire(clean, looked_at)
