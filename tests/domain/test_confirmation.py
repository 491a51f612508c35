"""Breaks of cycles: confirmed by looks in a row, ended by clean ones, and untouched by what a look could not judge."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.domain.breaks import Break, BreakState, BreakType, Discrepancy
from recon_exporter.domain.confirmation import Confirmation, age_differences
from recon_exporter.domain.differences import Differences, Window
from support.positions import NOW, make_discrepancy

if TYPE_CHECKING:
    from recon_exporter.domain.break_life import Aged

MINUTE = timedelta(minutes=1)
USUAL = Confirmation(cycles=2, clear=1, settle=timedelta(seconds=60))


def missing(item: str = "trade-1", quantity: str = "1") -> Discrepancy:
    found = make_discrepancy(BreakType.FILL_MISSING_IN_LEDGER, venue=quantity)
    return replace(found, check="fills", item=item, happened_at=NOW)


def looked(known: tuple[Break, ...], minute: float, *found: Discrepancy, **changes: object) -> Aged:
    differences = replace(Differences(found), **changes)  # type: ignore[arg-type]
    return age_differences(known, differences, NOW + minute * MINUTE, USUAL)


def test_first_look_opens_and_the_second_confirms() -> None:
    first = looked((), 0, missing())
    second = looked(first.breaks, 1, missing())

    assert [one.state for one in first.breaks] == [BreakState.OPEN]
    assert [one.state for one in second.breaks] == [BreakState.CONFIRMED]
    assert [str(one.action) for one in second.transitions] == ["break_confirmed"]


def test_looks_in_quick_succession_confirm_nothing_before_it_has_settled() -> None:
    after = looked(looked(looked((), 0, missing()).breaks, 0.2, missing()).breaks, 0.9, missing())

    assert [one.state for one in after.breaks] == [BreakState.OPEN]
    assert [one.state for one in looked(after.breaks, 1, missing()).breaks] == [BreakState.CONFIRMED]


def test_one_look_told_to_two_cycles_counts_once() -> None:
    first = looked((), 0, missing())
    again = looked(first.breaks, 0, missing())

    assert again.breaks == first.breaks
    assert again.transitions == ()


def test_a_look_without_it_begins_the_count_anew() -> None:
    strict = replace(USUAL, cycles=3, clear=2)
    known: tuple[Break, ...] = ()
    for minute, found in enumerate([True, True, False, True, True]):
        differences = Differences((missing(),) if found else ())
        known = age_differences(known, differences, NOW + minute * MINUTE, strict).breaks

    assert [(one.state, one.found_in_row) for one in known] == [(BreakState.OPEN, 2)]


def test_clock_that_ran_ahead_for_a_while_neither_freezes_a_break_nor_hides_one() -> None:
    ahead = 60 * 24 * 365
    opened_before = looked(looked((), 0, missing()).breaks, ahead, missing())
    opened_ahead = looked((), ahead, missing())
    found = looked(looked(opened_ahead.breaks, 1, missing()).breaks, 2, missing())

    assert looked(opened_before.breaks, 1).breaks == ()
    assert [one.state for one in found.breaks] == [BreakState.CONFIRMED]


def test_it_ends_after_as_many_clean_looks_as_asked() -> None:
    patient = replace(USUAL, clear=2)
    known = looked((), 0, missing()).breaks
    once = age_differences(known, Differences(()), NOW + MINUTE, patient)
    twice = age_differences(once.breaks, Differences(()), NOW + 2 * MINUTE, patient)

    assert [one.clean_in_row for one in once.breaks] == [1]
    assert (twice.breaks, [one.state for one in twice.resolved]) == ((), [BreakState.RESOLVED])


def test_what_lies_outside_the_window_stands_on() -> None:
    known = looked((), 0, missing()).breaks
    later = Window(NOW + MINUTE, NOW + 10 * MINUTE)

    assert looked(known, 1, window=later).breaks == known


def test_fill_that_was_booked_after_all_resolves_its_break_and_no_other() -> None:
    known = looked((), 0, missing("a"), missing("b")).breaks
    after = looked(known, 1, missing("b"))

    assert [one.discrepancy.item for one in after.breaks] == ["b"]
    assert [one.discrepancy.item for one in after.resolved] == ["a"]


def test_break_that_comes_back_is_a_recurrence() -> None:
    known = looked((), 0, missing())
    ended = looked(known.breaks, 1)
    again = looked((*ended.breaks, *ended.resolved), 2, missing())

    assert [(one.recurrences, str(again.transitions[0].action)) for one in again.breaks] == [(1, "break_reopened")]


@given(st.lists(st.booleans(), max_size=12))
def test_no_sequence_of_looks_confirms_what_was_not_seen_twice_in_a_row(seen: list[bool]) -> None:
    known: tuple[Break, ...] = ()
    for minute, is_seen in enumerate(seen):
        known = looked(known, minute, *([missing()] if is_seen else ())).breaks
        is_confirmed = any(one.state is BreakState.CONFIRMED for one in known)
        assert is_confirmed == (minute > 0 and seen[minute - 1] and is_seen)
