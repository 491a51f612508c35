"""A break from its first sight to its end, by runs and by persons."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.domain.break_acts import accept
from recon_exporter.domain.break_life import Aged, age, expire
from recon_exporter.domain.break_steps import Step, identifier
from recon_exporter.domain.breaks import Break, BreakState, BreakType, Discrepancy
from support.positions import (
    BOT,
    DAY,
    HOUR,
    NOW,
    comparison_of,
    later,
    make_break,
    make_discrepancy,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

AAPL = make_discrepancy()
KO = make_discrepancy(symbol="KO")


def aged(
    known: Iterable[Break] = (), found: Iterable[Discrepancy] = (), now: datetime = NOW, *, is_confirmed: bool = True
) -> Aged:
    """One run whose earlier look saw all of this too, or none of it."""
    discrepancies = tuple(found)
    confirmed = [one.identity for one in discrepancies] if is_confirmed else []
    return age(known, comparison_of(*discrepancies), now, confirmed=confirmed)


def actions(run: Aged) -> list[Step]:
    return [step.action for step in run.transitions]


def test_break_opens_and_is_confirmed_by_two_looks_of_one_run() -> None:
    run = aged(found=[AAPL])
    (one,) = run.breaks

    assert (one.state, one.first_seen, one.confirmed_at, one.times_seen) == (BreakState.CONFIRMED, NOW, NOW, 1)
    assert (run.opened, actions(run)) == ((one,), [Step.OPENED, Step.CONFIRMED])


def test_break_that_only_the_last_look_saw_is_open_until_the_next_run_sees_it() -> None:
    first = aged(found=[AAPL], is_confirmed=False)
    second = aged(first.breaks, [AAPL], NOW + DAY, is_confirmed=False)

    assert (first.breaks[0].state, actions(first)) == (BreakState.OPEN, [Step.OPENED])
    assert (second.breaks[0].state, actions(second)) == (BreakState.CONFIRMED, [Step.CONFIRMED])


def test_identifier_is_ten_hexadecimal_digits_of_identity_and_opening_time() -> None:
    one, other = identifier(AAPL.identity, NOW), identifier(AAPL.identity, NOW + DAY)

    assert one == identifier(make_discrepancy(ledger="77").identity, NOW) != other
    assert len(one) == 10
    assert int(one, 16) >= 0


def test_change_of_size_is_the_same_break_and_age_runs_from_first_sight() -> None:
    first = aged(found=[AAPL])
    second = aged(first.breaks, [make_discrepancy(ledger="11", difference="3")], NOW + DAY)
    (one,) = second.breaks

    assert (one.identifier, one.first_seen, one.last_seen, one.times_seen) == (
        first.breaks[0].identifier,
        NOW,
        NOW + DAY,
        2,
    )
    assert (second.opened, second.changed, actions(second)) == ((), (one,), [Step.CHANGED])


def test_new_price_alone_is_no_change_of_the_break() -> None:
    first = aged(found=[AAPL])
    second = aged(first.breaks, [replace(AAPL, exposure=None, detail="other words")], NOW + DAY)

    assert (second.changed, actions(second)) == ((), [])
    assert second.breaks[0].discrepancy.detail == "other words"


def test_verified_run_that_does_not_find_it_resolves_it() -> None:
    run = aged(aged(found=[AAPL]).breaks, [], NOW + DAY)
    (one,) = run.resolved

    assert (one.state, one.resolved_at, one.resolution) == (BreakState.RESOLVED, NOW + DAY, "no longer found")
    assert (run.breaks, actions(run)) == ((), [Step.RESOLVED])


def test_resolved_break_tells_which_other_stands_in_its_place() -> None:
    missing = make_discrepancy(BreakType.MISSING_AT_BROKER, venue=None, difference="10")
    run = aged(aged(found=[AAPL]).breaks, [missing], NOW + DAY)

    assert run.resolved[0].resolution == "no longer found, now MISSING_AT_BROKER"


def test_break_that_could_not_be_judged_stands_on() -> None:
    price = make_discrepancy(BreakType.PRICE_MISMATCH)
    known = aged(found=[price]).breaks
    blind = comparison_of(unjudged=[price.identity])

    assert age(known, blind, NOW + DAY, confirmed=()).breaks == known


def test_break_of_another_bot_is_left_alone() -> None:
    other = make_break(make_discrepancy(bot="other"))
    run = aged([other], [AAPL])

    assert {one.discrepancy.bot for one in (*run.breaks, *run.resolved)} == {BOT}


def test_break_that_comes_back_is_a_new_life_and_recurrences_are_counted() -> None:
    lives: list[Break] = []
    opened = aged()
    for day in range(3):
        opened = aged(lives, [AAPL], NOW + 2 * day * DAY)
        lives += aged([*lives, *opened.breaks], [], NOW + (2 * day + 1) * DAY).resolved

    assert [one.recurrences for one in lives] == [0, 1, 2]
    assert len({one.identifier for one in lives}) == 3
    assert actions(opened) == [Step.REOPENED, Step.CONFIRMED]


def accepted(until: datetime = NOW + 7 * DAY) -> Break:
    """The break of two shares, accepted by a person."""
    return later(
        make_break(AAPL),
        state=BreakState.ACCEPTED,
        accepted_by="ann",
        accepted_until=until,
        accepted_size=AAPL.difference,
    )


def test_accepted_break_stays_accepted_while_it_is_seen() -> None:
    run = aged([accepted()], [AAPL], NOW + DAY)

    assert (run.breaks[0].state, run.breaks[0].counts(NOW + DAY), actions(run)) == (BreakState.ACCEPTED, False, [])


def test_acceptance_always_ends_on_its_date() -> None:
    run = aged([accepted(NOW + DAY)], [AAPL], NOW + DAY)

    assert (run.breaks[0].state, run.breaks[0].accepted_until) == (BreakState.CONFIRMED, None)
    assert (run.breaks[0].counts(NOW + DAY), actions(run)) == (True, [Step.ACCEPTANCE_ENDED])


def test_acceptance_ends_where_the_break_outgrows_what_was_accepted() -> None:
    shrunk = aged([accepted()], [make_discrepancy(difference="-1")], NOW + DAY)
    back = aged(shrunk.breaks, [AAPL], NOW + 2 * DAY)
    grown = aged(back.breaks, [make_discrepancy(difference="-2.1")], NOW + 3 * DAY)

    assert [run.breaks[0].state for run in (shrunk, back, grown)] == ["accepted", "accepted", "confirmed"]
    assert actions(grown) == [Step.CHANGED, Step.ACCEPTANCE_ENDED]


def price_difference(quantity: str) -> Discrepancy:
    return make_discrepancy(BreakType.PRICE_MISMATCH, ledger=quantity, venue=quantity, difference="0.5")


def test_acceptance_of_a_price_ends_where_more_is_held_at_it() -> None:
    small = accept(make_break(price_difference("10")), "ann", NOW + 7 * DAY, NOW, four_eyes=False).after
    same = aged([small], [price_difference("10")], NOW + DAY)
    grown = aged(same.breaks, [price_difference("1000")], NOW + 2 * DAY)

    assert [run.breaks[0].state for run in (same, grown)] == ["accepted", "confirmed"]


def test_acceptance_ends_where_the_break_begins_to_ask_for_a_halt() -> None:
    run = aged([accepted()], [make_discrepancy(ledger="3", venue="1", auto_halt=True)], NOW + DAY)

    assert (run.breaks[0].state, run.breaks[0].counts(NOW + DAY)) == (BreakState.CONFIRMED, True)
    assert actions(run) == [Step.CHANGED, Step.ACCEPTANCE_ENDED]


def test_second_person_accepts_nothing_that_has_grown_since_the_first_proposed_it() -> None:
    proposed = accept(make_break(AAPL), "ann", NOW + 7 * DAY, NOW, four_eyes=True).after
    (same,) = aged([proposed], [AAPL], NOW + DAY).breaks
    (grown,) = aged([same], [make_discrepancy(difference="50")], NOW + 2 * DAY).breaks

    assert accept(same, "bob", NOW + 7 * DAY, NOW + DAY, four_eyes=True).action is Step.ACCEPTED
    assert accept(grown, "bob", NOW + 7 * DAY, NOW + 2 * DAY, four_eyes=True).action is Step.ACCEPTANCE_PROPOSED


def test_acceptance_expires_also_where_no_run_can_judge() -> None:
    assert expire(accepted(NOW + DAY), NOW + DAY)[1] == (Step.ACCEPTANCE_ENDED,)
    assert expire(accepted(NOW + DAY), NOW + HOUR) == (accepted(NOW + DAY), ())


def test_flags_outlive_the_resolution() -> None:
    flagged = later(make_break(AAPL), for_review=True, acknowledged_by="ann")
    (one,) = aged([flagged], [], NOW + DAY).resolved

    assert (one.for_review, one.acknowledged_by) == (True, "ann")


found_sets = st.lists(st.sampled_from([AAPL, KO, make_discrepancy(symbol="MSFT"), accepted().discrepancy]), unique=True)


@given(st.lists(found_sets, min_size=1, max_size=6), st.booleans())
def test_replaying_a_run_changes_nothing(runs: list[list[Discrepancy]], is_confirmed: bool) -> None:  # noqa: FBT001
    known: list[Break] = [accepted()]
    for day, found in enumerate(runs, 1):
        now = NOW + day * DAY
        run = aged(known, found, now, is_confirmed=is_confirmed)
        after = [*(one for one in known if one.state is BreakState.RESOLVED), *run.breaks, *run.resolved]
        again = aged(after, found, now, is_confirmed=is_confirmed)

        assert (again.breaks, again.transitions) == (run.breaks, ())
        known = after


@given(found_sets, found_sets)
def test_breaks_after_a_run_are_those_it_found(before: list[Discrepancy], found: list[Discrepancy]) -> None:
    run = aged(aged(found=before).breaks, found, NOW + DAY)

    assert {one.discrepancy.identity for one in run.breaks} == {one.identity for one in found}
    assert {one.discrepancy.identity for one in run.opened} == {one.identity for one in found if one not in before}
    assert {one.discrepancy.identity for one in run.resolved} == {one.identity for one in before if one not in found}


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_run_of_an_earlier_time_moves_no_time_back(*, is_confirmed: bool) -> None:
    known = aged(found=[AAPL], is_confirmed=is_confirmed).breaks

    assert aged(known, [AAPL], NOW - DAY, is_confirmed=is_confirmed).breaks == known
