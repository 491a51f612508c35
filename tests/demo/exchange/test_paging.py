"""Pages that come newest first tell every row once, whatever happened in one millisecond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.demo.exchange import Page
from recon_exporter.demo.exchange.floor import by_time

Row = tuple[datetime, str]
START = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.lists(st.integers(0, 5), max_size=30)


def rows_of(told: list[int]) -> list[Row]:
    identify = by_time()
    made = [(at, identify("", at)) for at in (START + timedelta(milliseconds=number) for number in told)]
    return sorted(made, key=lambda row: row[0])


def page_of(rows: list[Row], page: Page, only: int | None = None) -> list[Row]:
    return page.of(rows, lambda row: row[0], lambda row: row[1], only=only)


@given(moments, st.integers(1, 4))
def test_walking_back_by_identifier_meets_every_row_once(told: list[int], limit: int) -> None:
    rows, seen = rows_of(told), list[Row]()
    before: int | None = None
    while page := page_of(rows, Page(limit, before=before)):
        seen += page
        before = int(page[-1][1])

    assert seen == rows[::-1]


@given(moments, st.integers(0, 5), st.integers(0, 5))
def test_a_window_includes_both_ends(told: list[int], start: int, end: int) -> None:
    first, last = (START + timedelta(milliseconds=number) for number in (start, end))
    rows = rows_of(told)

    assert page_of(rows, Page(100, first, last)) == [row for row in rows[::-1] if first <= row[0] <= last]


@given(moments, st.integers(1, 10))
def test_what_is_hidden_stays_hidden_on_every_page(told: list[int], only: int) -> None:
    rows = rows_of(told)

    assert page_of(rows, Page(100), only) == rows[-only:][::-1]
