"""The life of breaks from one run to the next: opened, confirmed, changed, resolved, opened again."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from recon_exporter.domain.break_steps import Step, Transition, identifier
from recon_exporter.domain.breaks import EOD, Break, BreakIdentity, BreakState, Discrepancy
from recon_exporter.domain.comparison import Comparison

GONE = "no longer found"
Lived = tuple[Break, tuple[Step, ...]]


@dataclass(frozen=True, slots=True)
class Aged:
    """The breaks of one bot after a run.

    ``breaks`` are all unresolved ones, sorted by identity. ``opened``, ``changed`` (other amounts) and ``resolved`` are
    those of this run, as they are after it; ``transitions`` are all steps in their order, for the audit log.
    """

    breaks: tuple[Break, ...]
    opened: tuple[Break, ...]
    changed: tuple[Break, ...]
    resolved: tuple[Break, ...]
    transitions: tuple[Transition, ...]


def age(known: Iterable[Break], comparison: Comparison, now: datetime, *, confirmed: Collection[BreakIdentity]) -> Aged:
    """Carry the breaks of the compared bot through one verified run.

    ``known`` may hold breaks of other bots and checks, which are left alone, and resolved ones, by which recurrences
    are counted.
    ``confirmed`` are the identities that an earlier look of the same run saw too. A run told twice changes nothing.
    """
    lives = [one for one in known if (one.discrepancy.bot, one.discrepancy.check) == (comparison.bot, EOD)]
    standing = {one.discrepancy.identity: one for one in lives if one.state is not BreakState.RESOLVED}
    recurrences = recurrences_of(lives)
    found = {one.identity: one for one in comparison.discrepancies}
    lived: dict[BreakIdentity, Lived] = {}
    for identity, discrepancy in found.items():
        one = standing.get(identity) or opened(discrepancy, now, recurrences.get(identity, 0))
        is_confirmed = identity in confirmed or now > one.last_seen
        lived[identity] = seen(one, discrepancy, now, is_confirmed=is_confirmed)
    for identity in standing.keys() - found.keys():
        one = standing[identity]
        lived[identity] = resolved(one, found, now) if comparison.has_judged(one.discrepancy) else expire(one, now)
    return summed_up(lived, standing)


def expire(one: Break, now: datetime) -> Lived:
    """End an acceptance whose time has come, also where no run has judged the break."""
    if one.accepted_until is None or one.accepted_until > now:
        return (one, ())
    return (_without_acceptance(one), (Step.ACCEPTANCE_ENDED,))


def summed_up(lived: Mapping[BreakIdentity, Lived], standing: Mapping[BreakIdentity, Break]) -> Aged:
    """What a run made of the breaks that stood before it, and of new ones."""
    after = [lived[identity] for identity in sorted(lived)]
    transitions = tuple(
        Transition(_named(step, one), one)
        for one, steps in after
        for step in ((() if one.discrepancy.identity in standing else (Step.OPENED,)) + steps)
    )
    return Aged(
        breaks=tuple(one for one, _ in after if one.state is not BreakState.RESOLVED),
        opened=tuple(one for one, _ in after if one.discrepancy.identity not in standing),
        changed=tuple(one for one, steps in after if Step.CHANGED in steps),
        resolved=tuple(one for one, _ in after if one.state is BreakState.RESOLVED),
        transitions=transitions,
    )


def _named(step: Step, one: Break) -> Step:
    return Step.REOPENED if step is Step.OPENED and one.recurrences else step


def recurrences_of(lives: Iterable[Break]) -> Mapping[BreakIdentity, int]:
    """How often each identity has lived and ended."""
    ended: dict[BreakIdentity, int] = {}
    for one in lives:
        identity = one.discrepancy.identity
        if one.state is BreakState.RESOLVED:
            ended[identity] = max(ended.get(identity, 0), one.recurrences + 1)
    return ended


def opened(discrepancy: Discrepancy, now: datetime, recurrences: int) -> Break:
    """A break seen for the first time, after so many earlier lives."""
    return Break(
        identifier=identifier(discrepancy.identity, now),
        discrepancy=discrepancy,
        state=BreakState.OPEN,
        first_seen=now,
        last_seen=now,
        times_seen=1,
        recurrences=recurrences,
    )


def seen(one: Break, discrepancy: Discrepancy, now: datetime, *, is_confirmed: bool) -> Lived:
    """The break after it was found again, as it is now; what it grew beyond ends its acceptance."""
    steps: list[Step] = []
    is_later = now > one.last_seen
    after = replace(
        one, discrepancy=discrepancy, last_seen=max(now, one.last_seen), times_seen=one.times_seen + is_later
    )
    if _amounts(one.discrepancy) != _amounts(discrepancy):
        steps.append(Step.CHANGED)
    is_graver = discrepancy.auto_halt and not one.discrepancy.auto_halt
    if after.accepted_until is not None and (
        after.accepted_until <= now or is_graver or _is_larger(discrepancy.size, after.accepted_size)
    ):
        after = _without_acceptance(after)
        steps.append(Step.ACCEPTANCE_ENDED)
    if is_graver or _is_larger(discrepancy.size, one.discrepancy.size):
        after = replace(after, proposed_by=None, proposed_until=None)
    if after.confirmed_at is None and is_confirmed:
        state = BreakState.CONFIRMED if after.state is BreakState.OPEN else after.state
        after = replace(after, state=state, confirmed_at=now)
        steps.append(Step.CONFIRMED)
    return (after, tuple(steps))


def resolved(one: Break, found: Mapping[BreakIdentity, Discrepancy], now: datetime) -> Lived:
    """Gone; where another break stands at its key now, that is said."""
    place = (one.discrepancy.symbol, one.discrepancy.leg)
    successors = sorted(now_there.type for now_there in found.values() if (now_there.symbol, now_there.leg) == place)
    how = f"{GONE}, now {' and '.join(successors)}" if successors else GONE
    return (replace(one, state=BreakState.RESOLVED, resolved_at=now, resolution=how), (Step.RESOLVED,))


def _amounts(one: Discrepancy) -> tuple[Decimal | None, Decimal | None, Decimal | None, bool]:
    return (one.ledger_quantity, one.venue_quantity, one.difference, one.auto_halt)


def _is_larger(size: Decimal | None, than: Decimal | None) -> bool:
    return size is not None and than is not None and size > than


def _without_acceptance(one: Break) -> Break:
    state = BreakState.CONFIRMED if one.confirmed_at else BreakState.OPEN
    return replace(one, state=state, accepted_by=None, accepted_until=None, accepted_size=None)
