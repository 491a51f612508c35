"""What persons may decide about a break, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter.domain.break_acts import Refused, accept, acknowledge, is_listed, retire, review
from recon_exporter.domain.break_steps import Step
from recon_exporter.domain.breaks import Break, BreakState, BreakType
from support.positions import DAY, HOUR, NOW, later, make_break, make_discrepancy

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

OPEN = make_break()
GONE = later(OPEN, state=BreakState.RESOLVED, resolved_at=NOW, resolution="no longer found")
WEEK = NOW + 7 * DAY


def test_acknowledged_break_counts_on() -> None:
    step = acknowledge(OPEN, " ann ", NOW)

    assert (step.action, step.after.acknowledged_by, step.after.acknowledged_at) == (Step.ACKNOWLEDGED, "ann", NOW)
    assert step.after.counts(NOW)


def test_accepted_break_does_not_count_until_its_date() -> None:
    step = accept(OPEN, "ann", WEEK, NOW, four_eyes=False)

    assert (step.action, step.after.state, step.after.accepted_by) == (Step.ACCEPTED, BreakState.ACCEPTED, "ann")
    assert step.after.accepted_size == Decimal(2)
    assert not step.after.counts(NOW)
    assert step.after.counts(WEEK)


def test_accepting_what_has_no_size_expires_too() -> None:
    stale = make_break(make_discrepancy(BreakType.STALE_POSITION, difference=None))

    assert accept(stale, "ann", WEEK, NOW, four_eyes=False).after.accepted_size is None


@pytest.mark.parametrize("until", [NOW, NOW - DAY])
def test_acceptance_until_now_or_earlier_is_refused(until: datetime) -> None:
    with pytest.raises(Refused, match="that is past"):
        accept(OPEN, "ann", until, NOW, four_eyes=False)


@pytest.mark.parametrize("four_eyes", [False, True])
def test_acceptance_that_ends_too_far_away_is_refused(*, four_eyes: bool) -> None:
    at_most = 30 * DAY
    with pytest.raises(Refused, match=r"policy\.accept_at_most is 30 d, that is until 2026-04-05T21:15:00\+00:00"):
        accept(OPEN, "ann", NOW + at_most + timedelta(seconds=1), NOW, four_eyes=four_eyes, at_most=at_most)

    accept(OPEN, "ann", NOW + at_most, NOW, four_eyes=four_eyes, at_most=at_most)


def test_four_eyes_take_two_persons_and_the_earlier_date() -> None:
    proposed = accept(OPEN, "ann", WEEK, NOW, four_eyes=True)
    confirmed = accept(proposed.after, "bob", WEEK + DAY, NOW + HOUR, four_eyes=True)

    assert (proposed.action, proposed.after.state) == (Step.ACCEPTANCE_PROPOSED, BreakState.CONFIRMED)
    assert proposed.after.counts(NOW)
    assert (confirmed.action, confirmed.after.accepted_by) == (Step.ACCEPTED, "ann and bob")
    assert (confirmed.after.accepted_until, confirmed.after.proposed_by) == (WEEK, None)


@pytest.mark.parametrize("same", ["ann", " Ann", "ANN "])
def test_one_person_never_makes_four_eyes(same: str) -> None:
    proposed = accept(OPEN, "ann", WEEK, NOW, four_eyes=True).after

    assert accept(proposed, same, WEEK, NOW + HOUR, four_eyes=True).action is Step.ACCEPTANCE_PROPOSED


def test_proposal_that_has_run_out_has_to_be_made_again() -> None:
    proposed = accept(OPEN, "ann", NOW + HOUR, NOW, four_eyes=True).after

    assert accept(proposed, "bob", WEEK, NOW + HOUR, four_eyes=True).action is Step.ACCEPTANCE_PROPOSED


def test_break_flagged_for_review_stays_listed_until_it_is_retired() -> None:
    flagged = review(OPEN, "ann").after
    resolved = later(flagged, state=BreakState.RESOLVED, resolution="no longer found")
    closed = retire(resolved, "bob", NOW)

    assert is_listed(OPEN)
    assert is_listed(resolved)
    assert not is_listed(GONE)
    assert (closed.action, is_listed(closed.after)) == (Step.REVIEW_CLOSED, False)
    assert closed.after.resolution == "no longer found"


def test_retired_break_is_resolved_by_a_person() -> None:
    step = retire(review(OPEN, "ann").after, "bob", NOW)

    assert (step.action, step.after.state, step.after.resolution) == (
        Step.RETIRED,
        BreakState.RESOLVED,
        "retired by bob",
    )
    assert not is_listed(step.after)


@pytest.mark.parametrize(
    "act",
    [
        lambda one: acknowledge(one, "ann", NOW),
        lambda one: accept(one, "ann", WEEK, NOW, four_eyes=False),
        lambda one: retire(one, "ann", NOW),
    ],
    ids=["acknowledge", "accept", "retire"],
)
def test_resolved_break_is_left_as_it_is(act: Callable[[Break], object]) -> None:
    with pytest.raises(Refused, match="resolved"):
        act(GONE)


@pytest.mark.parametrize("nobody", ["", "  ", "\t\n"])
def test_every_act_needs_a_person(nobody: str) -> None:
    acts: list[Callable[[], object]] = [
        lambda: acknowledge(OPEN, nobody, NOW),
        lambda: review(OPEN, nobody),
        lambda: accept(OPEN, nobody, WEEK, NOW, four_eyes=True),
        lambda: retire(OPEN, nobody, NOW),
    ]

    for act in acts:
        with pytest.raises(Refused, match="name of a person"):
            act()


def test_accepting_again_moves_the_date() -> None:
    first: Break = accept(OPEN, "ann", WEEK, NOW, four_eyes=False).after

    assert accept(first, "bob", WEEK + DAY, NOW, four_eyes=False).after.accepted_until == WEEK + DAY
