"""fills.csv and the event store together: what the book says of the day's fills."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.statement import OpenOrder, Unavailable
from support.hbot import (
    BOT,
    MIDNIGHT,
    MINUTE,
    NOON,
    SECOND,
    WIDE_FILL_COLUMNS,
    HbotFleet,
    Row,
    append,
    fill_event,
    fill_row,
    minute_event,
    minute_row,
    rotate,
    specified_event,
    top_level_event,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from recon_exporter.domain.statement import FillBook

NOW = NOON + 10 * MINUTE


@pytest.fixture
def fleet(tmp_path: Path) -> HbotFleet:
    fleet = HbotFleet(tmp_path)
    fleet.live_until(NOW, rows=30)
    return fleet


def fill(number: int, at_: int = 0, **values: object) -> Row:
    return fill_row(NOON + at_ * SECOND, f"ord-{number}", **values)


def counts(book: FillBook) -> tuple[int, int, int]:
    return (book.ledger_count, book.events_count, len(book.open))


def read(fleet: HbotFleet) -> FillBook:
    return fleet.book(NOW).fills


def test_same_fills_on_both_sides_leave_nothing_open(fleet: HbotFleet) -> None:
    fleet.add_fills(*[fill(number, number) for number in range(5)])
    fleet.add_events(*[fill_event(BOT, fill(number, number)) for number in reversed(range(5))])
    book = read(fleet)

    assert counts(book) == (5, 5, 0)
    assert (book.ledger, book.events, book.day) == (None, None, NOON.date())
    assert book.newest_ledger_at == NOON + 4 * SECOND
    assert book.newest_event_at == NOW


@pytest.mark.parametrize("shape", [specified_event, fill_event, top_level_event])
def test_every_shape_of_event_meets_its_row(fleet: HbotFleet, shape: Callable[[str, Row], Row]) -> None:
    fleet.add_fills(fill(1))
    fleet.add_events(shape(BOT, fill(1)))

    assert counts(read(fleet)) == (1, 1, 0)


def test_wide_layout_is_read_by_its_header(fleet: HbotFleet) -> None:
    fleet.fills().unlink()
    fleet.add_fills(fill(1, exchange_trade_id="trade-1"), columns=WIDE_FILL_COLUMNS)

    assert read(fleet).open == (OpenOrder("ord-1", 1, Decimal("0.001"), NOON),)


def test_fill_missing_on_one_side_is_open(fleet: HbotFleet) -> None:
    fleet.add_fills(fill(1), fill(2))
    fleet.add_events(fill_event(BOT, fill(2)), fill_event(BOT, fill(3, 5, amount_base=Decimal("0.5"))))

    assert read(fleet).open == (
        OpenOrder("ord-1", 1, Decimal("0.001"), NOON),
        OpenOrder("ord-3", -1, Decimal("-0.5"), NOON + 5 * SECOND),
    )


def test_event_delivered_again_counts_once_now_later_and_after_a_restart(fleet: HbotFleet) -> None:
    event = fill_event(BOT, fill(1))
    fleet.add_fills(fill(1))
    fleet.add_events(event, event)
    first = counts(read(fleet))
    fleet.add_events(event)
    second = counts(read(fleet))
    fleet.restart()
    fleet.add_events(event)

    assert first == second == counts(read(fleet)) == (1, 1, 0)


def test_both_kinds_of_event_for_one_fill_count_once(fleet: HbotFleet) -> None:
    fills = [fill(1), fill(1, 1), fill(1, 2, amount_base=Decimal(3))]
    fleet.add_fills(*fills)
    fleet.add_events(*[fill_event(BOT, each) for each in fills])
    first = counts(read(fleet))
    fleet.add_events(*[fill_event(BOT, each, event_type="bot_fill") for each in fills])
    second = counts(read(fleet))
    fleet.restart()
    fleet.add_events(fill_event(BOT, fill(9), event_type="bot_fill"), fill_event(BOT, fill(9)))

    assert first == second == (3, 3, 0)
    assert counts(read(fleet)) == (3, 4, 1)


def test_two_equal_fills_of_one_order_are_two(fleet: HbotFleet) -> None:
    fleet.add_fills(fill(1), fill(1))
    fleet.add_events(fill_event(BOT, fill(1), event_id="a"), fill_event(BOT, fill(1), event_id="b"))

    assert counts(read(fleet)) == (2, 2, 0)


def test_backfilled_events_are_no_evidence_and_counted_apart(fleet: HbotFleet) -> None:
    event = fill_event(BOT, fill(1), producer="backfill.fills_csv")
    fleet.add_fills(fill(1))
    fleet.add_events(event, event)
    book = read(fleet)

    assert counts(book) == (1, 0, 1)
    assert book.backfilled_count == 1


def test_probe_orders_count_on_neither_side(fleet: HbotFleet) -> None:
    probe = fill_row(NOON, "probe-ord-1")
    fleet.add_fills(probe)
    fleet.add_events(fill_event(BOT, probe))

    assert counts(read(fleet)) == (0, 0, 0)


def test_fills_of_all_earlier_days_count_for_nothing(fleet: HbotFleet) -> None:
    days = [fill_row(NOON - timedelta(days=back, seconds=number), "old") for back in (3, 2, 1) for number in range(400)]
    fleet.fills().unlink()
    fleet.add_fills(*days)
    book = read(fleet)

    assert counts(book) == (0, 0, 0)
    assert book.newest_ledger_at == days[-1]["ts"]


def test_events_meet_the_bot_of_their_instance_and_no_other(fleet: HbotFleet) -> None:
    fleet.live_until(NOW, bot="bot2")
    fleet.add_events(fill_event("bot2", fill(1)), fill_event("stranger", fill(2)))
    books = fleet.cycle(NOW)

    assert counts(books[BOT].fills) == (0, 0, 0)  # type: ignore[union-attr]
    assert counts(books["bot2"].fills) == (0, 1, 1)  # type: ignore[union-attr]
    assert sorted(books) == [BOT, "bot2"]


def test_bot_that_appears_after_its_events_meets_them(fleet: HbotFleet) -> None:
    fleet.add_events(fill_event("bot2", fill(1)))
    fleet.cycle(NOW)
    fleet.restart()
    fleet.live_until(NOW, bot="bot2")
    fleet.add_fills(fill(1), bot="bot2")

    assert counts(fleet.book(NOW, "bot2").fills) == (1, 1, 0)


def test_both_spellings_of_the_time_fall_on_the_same_day(fleet: HbotFleet) -> None:
    at = NOON.replace(hour=0, minute=0)
    one, two = fill_row(at, "one"), fill_row(at, "two")
    fleet.add_fills(one, two)
    fleet.add_events(fill_event(BOT, one), fill_event(BOT, two, epoch_ms=True))

    assert counts(read(fleet)) == (2, 2, 0)


def test_fill_in_flight_over_midnight_agrees_on_every_side_of_it(fleet: HbotFleet) -> None:
    before, after = fill_row(MIDNIGHT - SECOND, "ord-1"), fill_row(MIDNIGHT + SECOND, "ord-1")
    fleet.add_fills(before)
    fleet.live_until(MIDNIGHT)
    flying = fleet.book(MIDNIGHT).fills
    fleet.add_events(fill_event(BOT, after), arrived=MIDNIGHT)
    landed = fleet.book(MIDNIGHT + MINUTE).fills
    cold = fleet.cold().book(MIDNIGHT + MINUTE).fills

    assert counts(flying) == (0, 0, 1)
    assert counts(landed) == counts(cold) == (0, 0, 0)


def test_open_order_of_yesterday_ends_with_its_day_and_one_in_grace_does_not(fleet: HbotFleet) -> None:
    fleet.add_fills(fill_row(MIDNIGHT - 3 * MINUTE, "old"), fill_row(MIDNIGHT - MINUTE, "in-grace"))
    fleet.live_until(MIDNIGHT)
    yesterday, today = fleet.book(MIDNIGHT - SECOND).fills, fleet.book(MIDNIGHT).fills

    assert [order.order_id for order in yesterday.open] == ["in-grace", "old"]
    assert [order.order_id for order in today.open] == ["in-grace"]
    assert [order.order_id for order in fleet.cold().book(MIDNIGHT).fills.open] == ["in-grace"]


def test_event_of_yesterday_delivered_today_concerns_nothing_any_more(fleet: HbotFleet) -> None:
    fleet.add_events(fill_event(BOT, fill(1)), arrived=MIDNIGHT)
    fleet.live_until(MIDNIGHT)

    assert counts(fleet.book(MIDNIGHT).fills) == (0, 0, 0)


def test_end_of_yesterdays_file_is_read_on_a_cold_start(fleet: HbotFleet) -> None:
    late = fill_row(MIDNIGHT + SECOND, "ord-1")
    fleet.add_events(fill_event(BOT, late), arrived=NOON)  # the writer of the store had not changed its file yet
    fleet.add_fills(late)
    fleet.live_until(MIDNIGHT + MINUTE)

    assert counts(fleet.book(MIDNIGHT + MINUTE).fills) == (1, 1, 0)


def test_unread_end_of_yesterdays_file_is_read_after_midnight(fleet: HbotFleet) -> None:
    fleet.cycle(NOW)
    late = fill_row(MIDNIGHT + SECOND, "ord-1")
    fleet.add_events(fill_event(BOT, late), arrived=NOON)
    fleet.live_until(MIDNIGHT + MINUTE)

    assert counts(fleet.book(MIDNIGHT + MINUTE).fills) == (0, 1, 1)


@pytest.mark.parametrize("count", ["0", "0.0"])
def test_missing_fills_file_is_proven_empty_by_the_bots_own_counter(fleet: HbotFleet, count: str) -> None:
    fleet.fills().unlink()
    fleet.add_rows(minute_row(NOW, fills_count_today=Decimal(count)))

    assert read(fleet).ledger is None


@pytest.mark.parametrize("count", [Decimal(1), "", "NaN"])
def test_missing_fills_file_that_nothing_proves_empty_is_missing(fleet: HbotFleet, count: object) -> None:
    fleet.fills().unlink()
    fleet.add_rows(minute_row(NOW, fills_count_today=count))
    book = fleet.book(NOW)

    assert book.fills.ledger is not None
    assert book.fills.ledger.reason is Reason.SOURCE_MISSING
    assert [health.is_up for health in book.health if health.source == "fills"] == [False]


def test_stale_row_proves_nothing_about_a_missing_fills_file(fleet: HbotFleet) -> None:
    fleet.fills().unlink()

    assert fleet.book(NOW + timedelta(minutes=30)).fills.ledger is not None


@pytest.mark.parametrize("content", ["", "ts,order_id,amount_base", "ts,order_id\n"])
def test_fills_file_without_its_header_proves_nothing(fleet: HbotFleet, content: str) -> None:
    fleet.fills().write_text(content)
    ledger = read(fleet).ledger

    assert ledger is not None
    assert ledger.reason is Reason.SOURCE_MALFORMED
    assert read(fleet).ledger == ledger


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount_base": "NaN"}, "amount_base"),
        ({"amount_base": ""}, "amount_base"),
        ({"order_id": " "}, "order_id"),
        ({"ts": "yesterday"}, "ts"),
        ({"ts": NOW + timedelta(minutes=30)}, "ts"),
        ({"side": "buy\0"}, None),
    ],
)
def test_bad_row_of_fills_is_skipped_counted_and_told(fleet: HbotFleet, change: Row, field: str | None) -> None:
    fleet.add_fills(fill(1), fill(2) | change, fill(3))
    book = fleet.book(NOW)

    assert book.fills.ledger_count == 2
    assert [(damage.source, damage.field) for damage in book.damage] == [("fills", field)]
    assert book.bad_lines["fills"] == 1
    assert fleet.book(MIDNIGHT).damage == ()


def test_rotated_fills_file_is_read_to_its_end(fleet: HbotFleet) -> None:
    fleet.add_fills(fill(1))
    fleet.cycle(NOW)
    fleet.add_fills(fill(2))
    rotate(fleet.fills(), "20260306T120500Z")
    fleet.add_fills(fill(3), columns=WIDE_FILL_COLUMNS)
    fleet.add_events(*[fill_event(BOT, fill(number)) for number in (1, 2, 3)])

    assert counts(read(fleet)) == (3, 3, 0)
    assert counts(fleet.cold().book(NOW).fills) == (3, 3, 0)


@pytest.mark.parametrize("is_in_place", [True, False])
def test_fills_file_written_anew_has_all_fills_read_anew(fleet: HbotFleet, *, is_in_place: bool) -> None:
    fleet.live_until(NOW, bot="bot2")
    for bot in (BOT, "bot2"):
        fleet.add_fills(fill(1), fill(2), bot=bot)
        fleet.add_events(fill_event(bot, fill(1)), fill_event(bot, fill(2)))
    append(fleet.fills(), "torn,line\n")
    damaged = fleet.book(NOW)
    text = "".join(fleet.fills().read_text().splitlines(keepends=True)[:-2])
    if not is_in_place:
        fleet.fills().unlink()
    fleet.fills().write_text(text)
    books = fleet.cycle(NOW)

    assert damaged.damage
    assert books[BOT].damage == ()  # type: ignore[union-attr]
    assert counts(books[BOT].fills) == (1, 2, 1)  # type: ignore[union-attr]
    assert counts(books["bot2"].fills) == (2, 2, 0)  # type: ignore[union-attr]
    assert fleet.book(NOW) == fleet.book(NOW)
    fleet.restart()
    assert counts(read(fleet)) == (1, 2, 1)


def test_fills_file_that_vanishes_takes_its_fills_with_it(fleet: HbotFleet) -> None:
    fleet.add_fills(fill(1))
    fleet.cycle(NOW)
    text = fleet.fills().read_text()
    fleet.fills().unlink()
    gone = read(fleet)
    fleet.fills().write_text(text)

    assert (gone.ledger_count, gone.ledger) == (0, None)
    assert counts(read(fleet)) == (1, 0, 1)


@pytest.mark.parametrize("is_today_there", [True, False])
def test_store_without_its_folder_or_todays_file_is_missing(fleet: HbotFleet, *, is_today_there: bool) -> None:
    fleet.store().unlink()
    if not is_today_there:
        fleet.files.event_store.rmdir()
    book = fleet.book(NOW)

    assert book.fills.events is not None
    assert book.fills.events.reason is Reason.SOURCE_MISSING
    assert [health.is_up for health in book.health if health.source == "events"] == [False]


def test_todays_file_that_vanishes_is_missing_though_the_store_was_alive_just_now(fleet: HbotFleet) -> None:
    fleet.cycle(NOW)
    fleet.store().unlink()
    events = read(fleet).events

    assert events is not None
    assert events.reason is Reason.SOURCE_MISSING


def test_first_minutes_of_a_day_need_no_file_yet_while_yesterdays_was_alive(fleet: HbotFleet) -> None:
    fleet.live_until(MIDNIGHT - SECOND)

    assert fleet.book(MIDNIGHT + MINUTE).fills.events is None
    late = fleet.book(MIDNIGHT + timedelta(hours=2)).fills.events
    assert late is not None
    assert late.reason is Reason.SOURCE_MISSING


def test_store_without_signs_of_life_is_stale(fleet: HbotFleet) -> None:
    events = fleet.book(NOW + timedelta(hours=2)).fills.events

    assert events is not None
    assert events.reason is Reason.SOURCE_STALE


def test_event_of_the_future_is_no_sign_of_life(fleet: HbotFleet) -> None:
    fleet.add_events(minute_event(BOT, minute_row(NOW + timedelta(days=1))))

    assert read(fleet).newest_event_at == NOW


def test_fill_event_of_the_future_is_bad(fleet: HbotFleet) -> None:
    fleet.add_events(fill_event(BOT, fill_row(NOW + timedelta(hours=1), "ord-1")))
    book = fleet.book(NOW)

    assert book.fills.events_count == 0
    assert [(damage.source, damage.field) for damage in book.damage] == [("events", "ts_utc")]


def test_bad_event_line_concerns_the_bot_that_it_names(fleet: HbotFleet) -> None:
    fleet.live_until(NOW, bot="bot2")
    torn = json.dumps(fill_event(BOT, fill(1)))[:-20]
    append(fleet.store(), f"{torn}\n")
    books = fleet.cycle(NOW)

    assert [damage.source for damage in books[BOT].damage] == ["events"]  # type: ignore[union-attr]
    assert books[BOT].bad_lines["events"] == 1  # type: ignore[union-attr]
    assert books["bot2"].damage == ()  # type: ignore[union-attr]
    assert books["bot2"].bad_lines["events"] == 0  # type: ignore[union-attr]


@pytest.mark.parametrize("line", [b"\0\0\0\0", b'"order_filled"', b"{", b'{"event_type": "order_filled" x}'])
def test_bad_event_line_without_a_name_concerns_all_bots(fleet: HbotFleet, line: bytes) -> None:
    fleet.live_until(NOW, bot="bot2")
    append(fleet.store(), line + b"\n")
    books = fleet.cycle(NOW)

    for bot in (BOT, "bot2"):
        assert [damage.source for damage in books[bot].damage] == ["events"]  # type: ignore[union-attr]
        assert books[bot].bad_lines["events"] == 1  # type: ignore[union-attr]
    assert fleet.book(MIDNIGHT).damage == ()


def test_torn_event_line_does_not_hide_what_follows_it(fleet: HbotFleet) -> None:
    append(fleet.store(), '{"event_id": "torn", "instance_na\n')
    fleet.add_events(fill_event(BOT, fill(1)))
    fleet.add_fills(fill(1))

    assert counts(read(fleet)) == (1, 1, 0)


def test_unterminated_event_waits_for_its_end(fleet: HbotFleet) -> None:
    text = json.dumps(fill_event(BOT, fill(1))) + "\n"
    append(fleet.store(), text[:50])
    before = fleet.book(NOW)
    append(fleet.store(), text[50:])

    assert (before.damage, before.fills.events_count) == ((), 0)
    assert read(fleet).events_count == 1


def test_store_written_anew_has_all_fills_read_anew(fleet: HbotFleet) -> None:
    fleet.add_fills(fill(1))
    fleet.add_events(fill_event(BOT, fill(1)), fill_event(BOT, fill(2)))
    fleet.cycle(NOW)
    text = fleet.store().read_text().splitlines(keepends=True)
    fleet.store().write_text("".join(text[:-1]))

    assert counts(read(fleet)) == (1, 1, 0)


def test_fills_of_all_variants_of_a_bot_count(fleet: HbotFleet) -> None:
    fleet.files.append_minutes(BOT, [minute_row(NOW - 5 * MINUTE)], variant="b")
    fleet.files.append_fills(BOT, [fill(1)], variant="b")
    fleet.add_fills(fill(2))
    fleet.add_events(fill_event(BOT, fill(1)), fill_event(BOT, fill(2)))

    assert counts(read(fleet)) == (2, 2, 0)


def test_quantities_are_added_exactly(fleet: HbotFleet) -> None:
    tiny, huge = Decimal("1e-30"), Decimal(99999999999999999999)
    fleet.add_fills(fill(1, amount_base=tiny), fill(1, amount_base=huge))

    assert read(fleet).open[0].quantity_difference == Decimal("99999999999999999999.000000000000000000000000000001")


def test_unreadable_bot_has_no_book_and_others_have_theirs(fleet: HbotFleet) -> None:
    fleet.live_until(NOW, bot="bot2")
    fleet.minute().unlink()
    fleet.minute().mkdir()
    books = fleet.cycle(NOW)

    assert isinstance(books[BOT], Unavailable)
    assert counts(books["bot2"].fills) == (0, 0, 0)  # type: ignore[union-attr]
