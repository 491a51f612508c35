"""A list is whole, or says from when on it is: whatever the order, the size and the clumps of its pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.venues.ccxt.paging import Budget, Pages, Walk, spans
from recon_exporter.venues.ccxt.rows import Row, from_milliseconds, milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from recon_exporter.venues.ccxt.paging import Span

BEGIN = datetime(2026, 11, 20, tzinfo=UTC)
END = BEGIN + timedelta(milliseconds=60)
MOMENTS = st.lists(st.integers(0, 60), max_size=40)


def rows_at(moments: Sequence[int]) -> list[Row]:
    begin = milliseconds(BEGIN)
    return [
        Row({"id": str(number), "timestamp": begin + at}, f"[{number}]") for number, at in enumerate(sorted(moments))
    ]


def telling(rows: Sequence[Row], size: int, *, newest_first: bool, ends: bool = True) -> Callable[[Span], list[Row]]:
    """An exchange that tells one page of a span; without ``ends`` it takes no notice of the end."""

    def page(span: Span) -> list[Row]:
        chosen = [row for row in rows if span[0] <= row.time("timestamp") <= (span[1] if ends else END)]
        return chosen[::-1][:size] if newest_first else chosen[:size]

    return page


def walked(
    ask: Callable[[Span], Sequence[Row]], size: int | None, *, known: bool | None, budget: int = 500
) -> tuple[Walk, datetime]:
    walk = Walk(Pages(ask, lambda row: row.told["id"], size, known), Budget(budget))
    return walk, walk.over((BEGIN, END))


def told(walk: Walk, since: datetime) -> list[str]:
    return sorted(row.text("id") for row in walk.rows if row.time("timestamp") >= since)


def expected(rows: Sequence[Row], since: datetime) -> list[str]:
    return sorted(row.text("id") for row in rows if row.time("timestamp") >= since)


@given(
    moments=MOMENTS,
    size=st.integers(1, 7),
    newest_first=st.booleans(),
    is_known=st.booleans(),
    is_size_known=st.booleans(),
    budget=st.integers(1, 60),
)
def test_what_is_said_to_be_whole_is_whole(
    *, moments: list[int], size: int, newest_first: bool, is_known: bool, is_size_known: bool, budget: int
) -> None:
    rows = rows_at(moments)
    ask = telling(rows, size, newest_first=newest_first)
    if not is_size_known and any(moments.count(moment) >= size for moment in moments):
        return  # a page of one millisecond cannot be told from the last one where nobody knows how long a page is
    walk, since = walked(ask, size if is_size_known else None, known=newest_first if is_known else None, budget=budget)

    assert told(walk, since + timedelta(milliseconds=1)) == expected(rows, since + timedelta(milliseconds=1))
    if since == BEGIN:
        assert told(walk, BEGIN) == expected(rows, BEGIN)


@given(moments=MOMENTS, size=st.integers(2, 7), newest_first=st.booleans(), is_known=st.booleans())
def test_with_pages_enough_all_is_had_unless_one_millisecond_fills_a_page(
    *, moments: list[int], size: int, newest_first: bool, is_known: bool
) -> None:
    rows = rows_at(moments)
    walk, since = walked(telling(rows, size, newest_first=newest_first), size, known=newest_first if is_known else None)

    if all(moments.count(moment) < size for moment in moments) and len(moments) != size:
        assert (since, told(walk, BEGIN)) == (BEGIN, expected(rows, BEGIN))


@given(moments=MOMENTS, size=st.integers(1, 7), is_known=st.booleans())
def test_an_exchange_that_takes_no_notice_of_the_end_is_not_believed_to_be_at_its_own(
    *, moments: list[int], size: int, is_known: bool
) -> None:
    rows = rows_at(moments)
    walk, since = walked(telling(rows, size, newest_first=True, ends=False), size, known=True if is_known else None)

    assert told(walk, since + timedelta(milliseconds=1)) == expected(rows, since + timedelta(milliseconds=1))


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_page_of_exactly_its_size_is_not_the_last_one(*, newest_first: bool) -> None:
    asked: list[Span] = []
    told_of = telling(rows_at([1, 2, 3]), 3, newest_first=newest_first)

    def ask(span: Span) -> list[Row]:
        asked.append(span)
        return told_of(span)

    walk, since = walked(ask, 3, known=newest_first)

    assert len(asked) == 2
    assert len(walk.rows) == 3
    assert since == BEGIN + timedelta(milliseconds=2)  # nothing shows that what is before could be told at all


def test_rows_of_one_millisecond_across_two_pages_are_each_told_once() -> None:
    rows = rows_at([10, 20, 20, 20, 30])
    walk, since = walked(telling(rows, 4, newest_first=True), 4, known=None)

    assert (since, told(walk, BEGIN)) == (BEGIN, ["0", "1", "2", "3", "4"])


def test_one_identity_twice_on_a_page_is_two_rows_and_on_two_pages_is_one() -> None:
    row = rows_at([10, 10])
    same = [Row({**one.told, "id": "flip"}, one.place) for one in row]
    walk, _ = walked(telling(same, 5, newest_first=True), 5, known=True)
    again = walk.over((BEGIN, END))

    assert (again, len(walk.rows)) == (BEGIN, 2)


def test_where_the_budget_ends_the_newest_part_is_whole() -> None:
    rows = rows_at(range(60))
    walk, since = walked(telling(rows, 10, newest_first=True), 10, known=True, budget=3)

    assert since == from_milliseconds(milliseconds(BEGIN) + 33)
    assert told(walk, since) == expected(rows, since)


def test_spans_are_the_newest_first_and_leave_nothing_out() -> None:
    found = list(spans(BEGIN, END, timedelta(milliseconds=25)))

    assert found[0][1] == END
    assert found[-1][0] == BEGIN
    assert all(earlier[1] == later[0] for later, earlier in pairwise(found))
    assert list(spans(BEGIN, END, None)) == [(BEGIN, END)]
    assert list(spans(END, BEGIN, None)) == []
