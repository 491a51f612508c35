"""Minute rows of one bot: what is new, what is newest, what is damaged."""

from __future__ import annotations

import os
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.statement import Malformed, Unavailable
from support.hbot import (
    BOT,
    MIDNIGHT,
    MINUTE,
    NOON,
    SECOND,
    WIDE_MINUTE_COLUMNS,
    HbotFleet,
    append,
    line,
    minute_row,
    minute_rows,
    rotate,
    times,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def fleet(tmp_path: Path) -> HbotFleet:
    return HbotFleet(tmp_path)


def test_first_reading_examines_all_of_today_and_knows_the_row_before(fleet: HbotFleet) -> None:
    fleet.add_rows(*minute_rows(MIDNIGHT - MINUTE, 30), *minute_rows(MIDNIGHT + 2 * MINUTE, 3))
    book = fleet.book(MIDNIGHT + 2 * MINUTE)

    assert times(book.rows) == [MIDNIGHT, MIDNIGHT + MINUTE, MIDNIGHT + 2 * MINUTE]
    assert book.previous is not None
    assert book.previous.at == MIDNIGHT - MINUTE
    assert book.closing == book.previous
    assert book.newest == book.rows[-1]


def test_first_reading_of_a_long_file_reads_its_end_only(fleet: HbotFleet) -> None:
    fleet.add_rows(*minute_rows(MIDNIGHT - MINUTE, 2000))
    size = fleet.minute().stat().st_size
    with fleet.minute().open("r+b") as file:  # what lies far back is damaged, and nobody looks there
        file.seek(size // 2)
        file.write(b"\0" * 100)
    fleet.add_rows(minute_row(MIDNIGHT))

    assert fleet.book(MIDNIGHT).bad_lines["minute"] == 0


def test_every_new_row_comes_exactly_once(fleet: HbotFleet) -> None:
    fleet.add_rows(*minute_rows(NOON, 3))
    first = fleet.book(NOON)
    fleet.add_rows(*minute_rows(NOON + 5 * MINUTE, 5))
    second = fleet.book(NOON + 5 * MINUTE)
    third = fleet.book(NOON + 5 * MINUTE)

    assert len(first.rows) == 3
    assert times(second.rows) == [NOON + number * MINUTE for number in range(1, 6)]
    assert second.previous == first.newest
    assert third.rows == ()
    assert third.previous == third.newest == second.newest


def test_reading_that_was_not_recorded_is_repeated(fleet: HbotFleet) -> None:
    fleet.add_rows(*minute_rows(NOON, 3))
    first, second = fleet.read(), fleet.read()

    assert first == second
    fleet.cycle()
    assert fleet.book().rows == ()


def test_unterminated_last_line_changes_nothing_until_it_is_completed(fleet: HbotFleet) -> None:
    fleet.add_rows(*minute_rows(NOON, 3))
    before = fleet.book()
    text = line(minute_row(NOON + MINUTE))
    append(fleet.minute(), text[:40])
    torn = fleet.book()
    append(fleet.minute(), text[40:])
    whole = fleet.book(NOON + MINUTE)

    assert (torn.newest, torn.rows, torn.damage) == (before.newest, (), ())
    assert times(whole.rows) == [NOON + MINUTE]
    assert whole.damage == ()


def test_rotation_is_followed_through_the_end_of_the_old_file(fleet: HbotFleet) -> None:
    fleet.add_rows(*minute_rows(NOON, 3))
    fleet.cycle()
    fleet.add_rows(minute_row(NOON + MINUTE))
    rotate(fleet.minute(), "20260306T120130Z")
    fleet.add_rows(minute_row(NOON + 2 * MINUTE, net_base_pct="0.1"), columns=WIDE_MINUTE_COLUMNS)
    book = fleet.book(NOON + 2 * MINUTE)

    assert times(book.rows) == [NOON + MINUTE, NOON + 2 * MINUTE]
    assert book.rows[-1].numbers["net_base_pct"] == Decimal("0.1")
    assert book.damage == ()


def test_two_rotations_between_readings_lose_nothing(fleet: HbotFleet) -> None:
    fleet.add_rows(minute_row(NOON))
    fleet.cycle()
    fleet.add_rows(minute_row(NOON + MINUTE))
    rotate(fleet.minute(), "20260306T120130Z")
    fleet.add_rows(minute_row(NOON + 2 * MINUTE), columns=WIDE_MINUTE_COLUMNS)
    rotate(fleet.minute(), "20260306T120230Z")
    fleet.add_rows(minute_row(NOON + 3 * MINUTE))

    assert times(fleet.book(NOON + 3 * MINUTE).rows) == [NOON + number * MINUTE for number in (1, 2, 3)]


def test_middle_of_a_rotation_is_no_loss(fleet: HbotFleet) -> None:
    fleet.add_rows(*minute_rows(NOON, 3))
    before = fleet.book()
    rotate(fleet.minute(), "20260306T120030Z")
    between = fleet.book()
    fleet.add_rows(minute_row(NOON + MINUTE))

    assert (between.newest, between.rows) == (before.newest, ())
    assert times(fleet.book(NOON + MINUTE).rows) == [NOON + MINUTE]


def test_first_reading_after_a_rotation_looks_into_the_old_file(fleet: HbotFleet) -> None:
    fleet.add_rows(*minute_rows(MIDNIGHT - MINUTE, 40), *minute_rows(MIDNIGHT + MINUTE, 2))
    rotate(fleet.minute(), "20260307T000130Z")
    fleet.add_rows(minute_row(MIDNIGHT + 2 * MINUTE), columns=WIDE_MINUTE_COLUMNS)
    book = fleet.book(MIDNIGHT + 2 * MINUTE)

    assert times(book.rows) == [MIDNIGHT, MIDNIGHT + MINUTE, MIDNIGHT + 2 * MINUTE]
    assert book.closing is not None
    assert book.closing.at == MIDNIGHT - MINUTE


def test_file_cut_to_nothing_goes_on_from_the_last_row_examined(fleet: HbotFleet) -> None:
    fleet.add_rows(*minute_rows(NOON, 3, fees_paid_today_quote="10"))
    fleet.cycle()
    fleet.minute().unlink()
    fleet.minute().write_text("")
    empty = fleet.book()
    append(fleet.minute(), fleet_header() + line(minute_row(NOON + MINUTE, fees_paid_today_quote="1")))
    book = fleet.book(NOON + MINUTE)

    assert empty.newest is None
    assert times(book.rows) == [NOON + MINUTE]
    assert book.previous is not None
    assert book.previous.at == NOON


def test_replaced_file_is_read_anew(fleet: HbotFleet, tmp_path: Path) -> None:
    fleet.add_rows(*minute_rows(NOON, 3))
    append(fleet.minute(), "2026-03-06T12:00:30+00:00,torn\n")
    damaged = fleet.book(NOON + MINUTE)
    repaired = tmp_path / "repaired"
    repaired.write_text("".join(fleet.minute().read_text().splitlines(keepends=True)[:-1]))
    repaired.replace(fleet.minute())
    book = fleet.book(NOON + MINUTE)

    assert damaged.damage
    assert book.damage == ()
    assert len(book.rows) == 3
    assert book.previous is None


def test_file_written_again_in_place_is_read_anew(fleet: HbotFleet) -> None:
    fleet.add_rows(*minute_rows(NOON, 3))
    fleet.cycle()
    text = fleet.minute().read_text()
    fleet.minute().write_text(text.replace("running", "stopped"))
    status = fleet.minute().stat()
    os.utime(fleet.minute(), ns=(status.st_atime_ns, status.st_mtime_ns + 1))

    assert len(fleet.book().rows) == 3


def test_rows_of_yesterday_that_nobody_examined_come_with_those_of_today(fleet: HbotFleet) -> None:
    fleet.add_rows(minute_row(MIDNIGHT - 2 * MINUTE))
    fleet.cycle(MIDNIGHT - 2 * MINUTE)
    fleet.add_rows(*minute_rows(MIDNIGHT + MINUTE, 3))
    book = fleet.book(MIDNIGHT + MINUTE)

    assert times(book.rows) == [MIDNIGHT - MINUTE, MIDNIGHT, MIDNIGHT + MINUTE]
    assert book.closing == book.rows[0]


def test_bot_silent_for_days_is_examined_from_today_on(fleet: HbotFleet) -> None:
    fleet.add_rows(minute_row(NOON))
    fleet.cycle(NOON)
    later = NOON + timedelta(days=4)
    fleet.add_rows(*minute_rows(later - timedelta(days=2), 5), *minute_rows(later, 2))
    book = fleet.book(later)

    assert times(book.rows) == [later - MINUTE, later]
    assert book.previous is not None
    assert book.previous.at == later - timedelta(days=2)
    assert book.closing is None


def test_future_row_is_set_aside_and_does_not_hide_those_that_follow(fleet: HbotFleet) -> None:
    fleet.add_rows(minute_row(NOON), minute_row(NOON + timedelta(days=300)))
    first = fleet.book()
    fleet.add_rows(minute_row(NOON + MINUTE))
    second = fleet.book(NOON + MINUTE)

    assert first.future_at == second.future_at == NOON + timedelta(days=300)
    assert (first.newest, second.newest) == (first.rows[-1], second.rows[-1])
    assert times(second.rows) == [NOON + MINUTE]
    assert not first.health[0].is_up


def test_future_row_is_forgotten_at_the_end_of_the_day_or_once_the_clock_has_come_there(fleet: HbotFleet) -> None:
    fleet.add_rows(minute_row(NOON), minute_row(NOON + 5 * MINUTE))
    assert fleet.book().future_at == NOON + 5 * MINUTE
    assert fleet.book(NOON + 3 * MINUTE).future_at is None
    fleet.add_rows(minute_row(MIDNIGHT + timedelta(days=300)))
    assert fleet.book(NOON + 4 * MINUTE).future_at is not None
    assert fleet.book(MIDNIGHT).future_at is None


def test_row_within_the_skew_is_no_future_row(fleet: HbotFleet) -> None:
    fleet.add_rows(minute_row(NOON + 2 * MINUTE))
    book = fleet.book()

    assert book.future_at is None
    assert book.newest is not None


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-06T12:00:30+00:00,a,bitget",
        "not a time" + "," * 32,
        "2026-03-06T12:00:30,a" + "," * 31,
        '2026-03-06T12:00:30+00:00,"a' + "," * 31,
        "2026-03-06T12:00:30+00:00,\0" + "," * 31,
        "2026-03-06T12:00:30+00:00,a" + "," * 40,
    ],
)
def test_bad_line_is_skipped_counted_and_told(fleet: HbotFleet, text: str) -> None:
    fleet.add_rows(minute_row(NOON))
    offset = fleet.minute().stat().st_size
    append(fleet.minute(), f"{text}\n")
    fleet.add_rows(minute_row(NOON + MINUTE))
    book = fleet.book(NOON + MINUTE)

    assert times(book.rows) == [NOON, NOON + MINUTE]
    assert [(damage.source, damage.field, damage.place) for damage in book.damage] == [
        ("minute", None, f"minute.csv:byte {offset}")
    ]
    assert book.bad_lines["minute"] == 1


def test_bytes_that_are_no_utf_8_are_a_bad_line(fleet: HbotFleet) -> None:
    fleet.add_rows(minute_row(NOON))
    append(fleet.minute(), b"2026-03-06T12:00:30+00:00,\xff\xfe\n")

    assert fleet.book().bad_lines["minute"] == 1


def test_blank_line_is_nothing(fleet: HbotFleet) -> None:
    fleet.add_rows(minute_row(NOON))
    append(fleet.minute(), "\n\r\n")
    fleet.add_rows(minute_row(NOON + MINUTE))
    book = fleet.book(NOON + MINUTE)

    assert (len(book.rows), book.bad_lines["minute"]) == (2, 0)


def test_malformed_value_stays_damage_until_the_end_of_the_day(fleet: HbotFleet) -> None:
    fleet.add_rows(minute_row(NOON, base_pct="NaN"))
    first = fleet.book()
    fleet.add_rows(minute_row(NOON + MINUTE))
    second = fleet.book(NOON + MINUTE)
    fleet.restart()
    third = fleet.book(NOON + MINUTE)
    tomorrow = fleet.book(MIDNIGHT)

    assert first.newest is not None
    assert isinstance(first.newest.numbers["base_pct"], Malformed)
    assert [damage.field for damage in first.damage] == ["base_pct"]
    assert first.damage == second.damage == third.damage
    assert tomorrow.damage == ()
    assert tomorrow.bad_lines["minute"] == 1


def test_damage_of_yesterday_is_none_of_today(fleet: HbotFleet) -> None:
    fleet.add_rows(*minute_rows(MIDNIGHT - MINUTE, 3, mid="inf"))
    append(fleet.minute(), "no time at all\n")
    fleet.add_rows(minute_row(MIDNIGHT - SECOND))
    fleet.add_rows(minute_row(MIDNIGHT))

    assert fleet.book(MIDNIGHT).damage == ()


def test_damage_is_bounded_and_every_field_is_still_told(fleet: HbotFleet) -> None:
    fleet.add_rows(*minute_rows(NOON, 60, mid="NaN"), minute_row(NOON, base_pct="NaN"))
    book = fleet.book()

    assert len(book.damage) == 21
    assert {damage.field for damage in book.damage} == {"mid", "base_pct"}
    assert book.bad_lines["minute"] == 61


@pytest.mark.parametrize(
    ("gap", "expected"), [(20 * SECOND, MINUTE), (2 * MINUTE, 2 * MINUTE), (timedelta(hours=2), 15 * MINUTE)]
)
def test_cadence_is_the_median_of_the_gaps_within_bounds(fleet: HbotFleet, gap: timedelta, expected: timedelta) -> None:
    fleet.add_rows(*[minute_row(NOON - gap * number) for number in reversed(range(5))])

    assert fleet.book().cadence == expected


def test_cadence_is_a_minute_where_gaps_are_few_and_is_known_at_once_after_midnight(fleet: HbotFleet) -> None:
    fleet.add_rows(minute_row(NOON - 10 * MINUTE), minute_row(NOON - 5 * MINUTE), minute_row(NOON), bot="few")
    fleet.add_rows(*[minute_row(MIDNIGHT - 5 * MINUTE * number) for number in reversed(range(20))])
    books = fleet.cycle(MIDNIGHT)

    assert books["few"].cadence == MINUTE  # type: ignore[union-attr]
    assert books[BOT].cadence == 5 * MINUTE  # type: ignore[union-attr]


def test_long_pause_does_not_change_the_cadence(fleet: HbotFleet) -> None:
    fleet.add_rows(*minute_rows(NOON - timedelta(hours=5), 10), *minute_rows(NOON, 4))

    assert fleet.book().cadence == MINUTE


@pytest.mark.parametrize("content", ["", "ts,mid", "ts,mid\n"])
def test_file_without_a_row_is_a_book_without_newest(fleet: HbotFleet, content: str) -> None:
    fleet.folder().mkdir(parents=True)
    fleet.minute().write_text(content)
    book = fleet.book()

    assert (book.newest, book.rows, book.previous) == (None, (), None)
    assert book.health[0].is_up is False


@pytest.mark.parametrize("header", ["mid,base_pct", "ts,mid,mid", "\0"])
def test_header_that_cannot_be_relied_on_makes_the_bot_unavailable(fleet: HbotFleet, header: str) -> None:
    fleet.folder().mkdir(parents=True)
    fleet.minute().write_text(f"{header}\n{NOON.isoformat()},1,2\n")
    answer = fleet.cycle()[BOT]

    assert isinstance(answer, Unavailable)
    assert answer.reason is Reason.SOURCE_MALFORMED
    assert "minute.csv" in answer.detail


def test_stale_source_is_not_up(fleet: HbotFleet) -> None:
    fleet.live_until(NOON)

    assert [health.is_up for health in fleet.book(NOON + 3 * MINUTE).health] == [True, True, True]
    assert fleet.book(NOON + 3 * MINUTE + SECOND).health[0].is_up is False


def fleet_header() -> str:
    return ",".join(minute_row(NOON)) + "\n"
