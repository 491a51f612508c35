"""What a person may decide about a break. Each act returns the step to be recorded, or raises Refused and says why."""

from dataclasses import replace
from datetime import datetime, timedelta

from recon_exporter.domain.break_steps import Step, Transition
from recon_exporter.domain.break_words import span
from recon_exporter.domain.breaks import Break, BreakState

ACCEPT_AT_MOST = timedelta(days=90)
"""How far away the end of an acceptance may be where nobody decided otherwise."""


class Refused(ValueError):
    """The act is not possible; the text is for the person."""


def is_listed(one: Break) -> bool:
    """Whether it belongs on the list: unresolved, or flagged for review, also after it is resolved."""
    return one.state is not BreakState.RESOLVED or one.for_review


def acknowledge(one: Break, by: str, now: datetime) -> Transition:
    """Somebody has seen it and looks after it; it counts on."""
    _check_unresolved(one, "acknowledged")
    return Transition(Step.ACKNOWLEDGED, replace(one, acknowledged_by=_person(by), acknowledged_at=now))


def review(one: Break, by: str) -> Transition:
    """Keep it on the list until it is retired, also after it is resolved."""
    _person(by)
    return Transition(Step.FLAGGED, replace(one, for_review=True))


def accept(  # who, until when, and what is allowed
    one: Break, by: str, until: datetime, now: datetime, *, four_eyes: bool, at_most: timedelta = ACCEPT_AT_MOST
) -> Transition:
    """Let it not count until a date not further away than ``at_most``, and at most at its present size.

    With four eyes the first person proposes; it takes effect when another person accepts it too, until the earlier of
    both dates.
    """
    _check_unresolved(one, "accepted")
    person = _person(by)
    if until <= now:
        raise Refused(f"break {one.identifier} cannot be accepted until {until.isoformat()}: that is past")
    if until - now > at_most:
        latest = (now + at_most).isoformat(timespec="seconds")
        raise Refused(
            f"break {one.identifier} cannot be accepted until {until.isoformat()}: policy.accept_at_most is "
            f"{span(at_most)}, that is until {latest}"
        )
    proposed = _proposal(one, now) if four_eyes else None
    if four_eyes and (proposed is None or _is_same(proposed[0], person)):
        after = replace(one, proposed_by=person, proposed_until=until)
        return Transition(Step.ACCEPTANCE_PROPOSED, after)
    persons = person if proposed is None else f"{proposed[0]} and {person}"
    return Transition(Step.ACCEPTED, _accepted(one, persons, until if proposed is None else min(until, proposed[1])))


def retire(one: Break, by: str, now: datetime) -> Transition:
    """End it by a person's word; of one that is resolved already, close the review. Found again, it opens again."""
    person = _person(by)
    if one.state is not BreakState.RESOLVED:
        ended = replace(one, state=BreakState.RESOLVED, resolved_at=now, resolution=f"retired by {person}")
        return Transition(Step.RETIRED, replace(ended, for_review=False))
    if not one.for_review:
        raise Refused(f"break {one.identifier} is resolved already: {one.resolution}")
    return Transition(Step.REVIEW_CLOSED, replace(one, for_review=False))


def _accepted(one: Break, persons: str, until: datetime) -> Break:
    return replace(
        one,
        state=BreakState.ACCEPTED,
        accepted_by=persons,
        accepted_until=until,
        accepted_size=one.discrepancy.size,
        proposed_by=None,
        proposed_until=None,
    )


def _proposal(one: Break, now: datetime) -> tuple[str, datetime] | None:
    """Who proposed to accept it until when, where that is still open."""
    if one.proposed_by is None or one.proposed_until is None or one.proposed_until <= now:
        return None
    return (one.proposed_by, one.proposed_until)


def _check_unresolved(one: Break, act: str) -> None:
    if one.state is BreakState.RESOLVED:
        raise Refused(f"break {one.identifier} is resolved ({one.resolution}) and cannot be {act}")


def _person(by: str) -> str:
    person = " ".join(by.split())
    if not person:
        raise Refused("a change of a break needs the name of a person")
    return person


def _is_same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
