"""Fills at Alpaca are complete or not told at all: pages, what they leave out, and running totals that do not fit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recon_exporter.demo.alpaca_server import Fault
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import Fill
from recon_exporter.domain.statement import Unavailable
from support.alpaca import OPEN, SOUND, Desk, answering, running_desk, venue_at

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR = timedelta(hours=1)
MILLISECOND = timedelta(milliseconds=1)
SINCE = OPEN - timedelta(hours=1)


@pytest.fixture
def desk() -> Iterator[Desk]:
    yield from running_desk()


def fills(desk: Desk, since: datetime = SINCE) -> tuple[Fill, ...]:
    told = desk.venue().fills(since, OPEN + HOUR)
    assert not isinstance(told, Unavailable), told
    return told.fills


def trade(desk: Desk, count: int, *, apart: timedelta) -> set[str]:
    """So many orders of one execution each; the identifiers of the orders."""
    identifiers = set()
    for _ in range(count):
        identifiers.add(desk.account.fill("AAPL", 1, 100))
        desk.clock.advance(apart)
    return identifiers


def questions(desk: Desk) -> list[dict[str, str]]:
    """What was asked for fills."""
    return [dict(asked.parameters) for asked in desk.server.asked if asked.path.endswith("/FILL")]


def row(number: int, **change: object) -> dict[str, object]:
    """One execution of an order, as Alpaca tells it."""
    told: dict[str, object] = {
        "id": f"20261120153000{number:03}::{number}",
        "activity_type": "FILL",
        "transaction_time": f"2026-11-20T20:30:00.{number:03}Z",
        "type": "partial_fill",
        "price": "100",
        "qty": "1",
        "cum_qty": str(number),
        "side": "buy",
        "symbol": "AAPL",
        "order_id": "order-1",
    }
    return told | change


def order(**change: object) -> dict[str, object]:
    """An order of ten shares that has filled."""
    told: dict[str, object] = {
        "id": "order-1",
        "client_order_id": "bot-1",
        "symbol": "AAPL",
        "side": "buy",
        "qty": "10",
        "filled_qty": "10",
        "submitted_at": "2026-11-20T20:30:00Z",
        "filled_at": "2026-11-20T20:30:01Z",
        "replaces": None,
    }
    return told | change


def told_of(rows: list[dict[str, object]], orders: list[dict[str, object]]) -> tuple[Fill, ...] | Unavailable:
    with answering(SOUND | {"/v2/account/activities/FILL": rows, "/v2/orders": orders}) as url:
        told = venue_at(url).fills(SINCE, OPEN + HOUR)
        return told if isinstance(told, Unavailable) else told.fills


def test_a_fill_is_told_with_its_order(desk: Desk) -> None:
    order_id = desk.account.fill("AAPL", "0.5", "187.25", "bot-17")

    (fill,) = fills(desk)
    assert fill == Fill(
        fill_id=fill.fill_id,
        order_id=order_id,
        client_order_id="bot-17",
        symbol="AAPL",
        quantity=Decimal("0.5"),
        price=Decimal("187.25"),
        fees=None,
        at=OPEN,
    )


@pytest.mark.parametrize("side", ["sell", "sell_short"])
def test_a_sale_has_a_negative_quantity(side: str) -> None:
    told = told_of([row(1, side=side)], [])

    assert not isinstance(told, Unavailable)
    assert [fill.quantity for fill in told] == [Decimal(-1)]


def test_fills_are_told_from_the_moment_on_and_oldest_first(desk: Desk) -> None:
    before = desk.account.fill("AAPL", 1, 100)
    desk.clock.advance(MILLISECOND)
    since = desk.clock.now()
    later = [desk.account.fill("MSFT", 1, 100)]
    desk.clock.advance(MILLISECOND)
    later.append(desk.account.fill("AAPL", -1, 100))

    told = fills(desk, since)
    assert [fill.order_id for fill in told] == later
    assert before not in later


def test_fills_of_before_are_left_out_where_their_whole_day_was_asked_for(desk: Desk) -> None:
    trade(desk, 5, apart=MILLISECOND)
    since = desk.clock.now()
    traded = trade(desk, 120, apart=MILLISECOND)

    assert {fill.order_id for fill in fills(desk, since)} == traded


def test_the_client_identifier_of_an_earlier_order_is_not_known(desk: Desk) -> None:
    identifier = desk.account.order("AAPL", 2, "bot-1")
    desk.clock.advance(timedelta(hours=2))
    desk.account.execution(identifier, 1, 100)

    assert [fill.client_order_id for fill in fills(desk, desk.clock.now())] == [None]


def test_a_partial_fill_of_an_open_order_is_told(desk: Desk) -> None:
    desk.account.partial_fill("AAPL", 10, 4, 100)

    assert [fill.quantity for fill in fills(desk)] == [Decimal(4)]


@pytest.mark.parametrize("count", [99, 100, 101, 200, 250])
def test_every_page_is_walked(desk: Desk, count: int) -> None:
    traded = trade(desk, count, apart=MILLISECOND)

    assert {fill.order_id for fill in fills(desk)} == traded


def test_one_page_is_asked_for_once(desk: Desk) -> None:
    trade(desk, 99, apart=MILLISECOND)
    fills(desk)

    assert [set(asked) for asked in questions(desk)] == [{"direction", "after", "page_size"}]


def test_what_shares_the_millisecond_of_a_page_end_is_found_by_its_day(desk: Desk) -> None:
    traded = trade(desk, 95, apart=MILLISECOND) | trade(desk, 30, apart=timedelta(0))

    assert {fill.order_id for fill in fills(desk)} == traded
    assert [asked["date"] for asked in questions(desk) if "date" in asked] == ["2026-11-20"]


def test_orders_of_before_are_found_too_though_no_order_tells_of_them(desk: Desk) -> None:
    placed = [desk.account.order("AAPL", 1) for _ in range(130)]
    desk.clock.advance(timedelta(hours=2))
    for identifier in placed:
        desk.account.execution(identifier, 1, 100)

    assert {fill.order_id for fill in fills(desk, desk.clock.now())} == set(placed)


def test_a_full_page_with_nothing_after_it_is_not_believed_either(desk: Desk) -> None:
    traded = trade(desk, 104, apart=timedelta(0))

    assert {fill.order_id for fill in fills(desk)} == traded


def test_a_page_end_between_two_days_is_found_on_both(desk: Desk) -> None:
    desk.clock.at = datetime(2026, 11, 21, 4, 59, 59, 999_000, tzinfo=UTC)
    traded = trade(desk, 120, apart=timedelta(0))
    desk.clock.advance(MILLISECOND)
    traded |= trade(desk, 120, apart=timedelta(0))

    assert {fill.order_id for fill in fills(desk)} == traded


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bursts=st.lists(st.integers(1, 130), min_size=1, max_size=6), gap=st.sampled_from([1, 7, 3_600_000]))
def test_no_fill_is_lost_however_they_fall(bursts: list[int], gap: int) -> None:
    for desk in running_desk():
        traded: set[str] = set()
        for burst in bursts:
            traded |= trade(desk, burst, apart=timedelta(0))
            desk.clock.advance(gap * MILLISECOND)

        assert {fill.order_id for fill in fills(desk)} == traded


def test_executions_of_one_millisecond_in_no_order_are_no_gap(desk: Desk) -> None:
    desk.account.fill("AAPL", 100, 50, parts=20)

    assert sum(fill.quantity for fill in fills(desk)) == Decimal(100)


def test_a_running_total_that_does_not_follow_is_a_gap() -> None:
    told = told_of([row(1), row(2), row(4)], [])

    assert told == Unavailable(Reason.SOURCE_INCOMPLETE, "Alpaca does not tell all fills of order order-1: 1 missing")


def test_an_order_that_has_filled_more_than_its_fills_is_a_gap() -> None:
    told = told_of([row(1), row(2)], [order()])

    assert told == Unavailable(Reason.SOURCE_INCOMPLETE, "Alpaca does not tell all fills of order order-1: 8 missing")


def test_an_order_without_any_fill_told_is_a_gap() -> None:
    told = told_of([], [order(filled_qty="0.5")])

    assert told == Unavailable(Reason.SOURCE_INCOMPLETE, "Alpaca does not tell all fills of order order-1: 0.5 missing")


def test_a_gap_is_looked_for_on_its_days(desk: Desk) -> None:
    desk.account.fill("AAPL", 10, 100)
    desk.server.fail(Fault.EMPTY, "/v2/account/activities/FILL", times=1)

    assert [fill.quantity for fill in fills(desk)] == [Decimal(10)]


def test_fills_that_came_before_are_no_gap_of_an_earlier_order() -> None:
    told = told_of([row(8), row(9)], [])

    assert not isinstance(told, Unavailable)
    assert len(told) == 2


def test_an_order_that_fills_while_it_is_read_is_no_gap() -> None:
    assert not isinstance(told_of([row(1), row(2)], [order(filled_qty="1")]), Unavailable)


@pytest.mark.parametrize("change", [{"replaces": "order-0"}, {"symbol": None, "side": ""}])
def test_orders_whose_fills_stand_elsewhere_are_no_gap(change: dict[str, object]) -> None:
    assert told_of([], [order(**change)]) == ()


def test_a_page_that_repeats_itself_is_no_end(desk: Desk) -> None:
    trade(desk, 150, apart=MILLISECOND)
    desk.server.fail(Fault.FIRST_PAGE_ONLY, "/v2/account/activities/FILL")

    told = desk.venue().fills(SINCE, OPEN + HOUR)
    assert told == Unavailable(Reason.SOURCE_INCOMPLETE, "Alpaca repeats a page of its fills instead of going on")


def test_a_whole_day_that_lacks_what_the_pages_held_is_incomplete() -> None:
    rows = [row(number, order_id=f"order-{number}", cum_qty="1") for number in range(100)]

    def page_or_day(parameters: dict[str, str]) -> object:
        if "date" in parameters:
            return rows[1:]
        return [] if "page_token" in parameters else rows

    with answering(SOUND | {"/v2/account/activities/FILL": page_or_day}) as url:
        told = venue_at(url).fills(SINCE, OPEN + HOUR)

    assert told == Unavailable(Reason.SOURCE_INCOMPLETE, "Alpaca's fills of 2026-11-20 lack some that it told before")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"qty": "many"}, "fills[0].qty: found 'many', expected a finite number"),
        ({"price": None}, "fills[0].price: found None, expected a finite number"),
        ({"side": "hold"}, "fills[0].side: found 'hold', expected buy, sell, long or short"),
        ({"transaction_time": "yesterday"}, "fills[0].transaction_time: found 'yesterday', expected a time with its"),
        ({"id": None}, "fills[0].id: found None, expected a text"),
    ],
)
def test_a_fill_that_cannot_be_read_is_named(change: dict[str, object], words: str) -> None:
    told = told_of([row(1, **change)], [])

    assert isinstance(told, Unavailable)
    assert told.reason is Reason.SOURCE_MALFORMED
    assert words in told.detail


def test_a_time_to_the_nanosecond_is_read() -> None:
    told = told_of([row(1, transaction_time="2026-11-20T15:30:00.123456789-05:00")], [])

    assert not isinstance(told, Unavailable)
    assert told[0].at == datetime(2026, 11, 20, 20, 30, 0, 123_456, tzinfo=UTC)
