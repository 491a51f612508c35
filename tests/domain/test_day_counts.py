"""The fills of the day, over looks that overlap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.domain.day_counts import DayCount, counted
from recon_exporter.domain.positions import FillStatement
from support.positions import make_fill

MIDNIGHT = datetime(2026, 3, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def statement(since: int, until: int, *minutes: int) -> FillStatement:
    """Fills at these minutes after midnight."""
    fills = tuple(make_fill("1", fill_id=f"f{minute}", at=MIDNIGHT + minute * MINUTE) for minute in minutes)
    return FillStatement("bot", "x", fills, MIDNIGHT + since * MINUTE, MIDNIGHT + until * MINUTE)


def test_fills_that_are_read_again_count_once() -> None:
    first = counted(None, statement(0, 20, 5, 15))

    assert counted(first, statement(10, 30, 15, 25)).count == 3


def test_fill_that_is_told_late_counts_too() -> None:
    first = counted(None, statement(0, 20, 5, 15))

    assert counted(first, statement(10, 30, 12, 15, 25)).count == 4


def test_longer_look_back_counts_nothing_anew() -> None:
    first = counted(counted(None, statement(0, 20, 5, 15)), statement(10, 30, 15, 25))

    assert counted(first, statement(0, 30, 5, 15, 25)).count == 3


def test_count_begins_anew_at_midnight() -> None:
    before = counted(None, statement(-60, -1, -30))

    assert (before.count, counted(before, statement(-10, 1, -5, 0)).count) == (1, 1)


def test_day_whose_beginning_nobody_read_is_not_whole_until_the_next_begins() -> None:
    late = counted(counted(None, statement(1, 20, 5)), statement(10, 30, 15))
    next_day = counted(late, statement(24 * 60, 24 * 60 + 1))

    assert (late.is_whole, next_day.is_whole, counted(None, statement(0, 20)).is_whole) == (False, True, True)


@given(st.sets(st.integers(0, 200)), st.lists(st.integers(0, 200), min_size=1, max_size=6), st.integers(5, 40))
def test_looks_in_any_rhythm_count_each_fill_once(minutes: set[int], ends: list[int], overlap: int) -> None:
    known: DayCount | None = None
    last = 0
    for end in sorted(ends):
        since = max(0, last - overlap)
        known = counted(known, statement(since, end, *sorted(one for one in minutes if since <= one <= end)))
        last = end

    assert known is not None
    assert known.count == len([one for one in minutes if one <= last])
