"""Orders at Alpaca: those that have ended and filled, of which Alpaca itself knows no status to ask for."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import Order
from recon_exporter.domain.statement import Unavailable
from support.alpaca import OPEN, SOUND, Desk, answering, running_desk, venue_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

SINCE = OPEN - timedelta(hours=1)


@pytest.fixture
def desk() -> Iterator[Desk]:
    yield from running_desk()


def orders(desk: Desk, since: datetime = SINCE) -> tuple[Order, ...]:
    told = desk.venue().orders(since)
    assert not isinstance(told, Unavailable), told
    return told


def row(**change: object) -> dict[str, object]:
    told: dict[str, object] = {
        "id": "order-1",
        "client_order_id": "bot-1",
        "symbol": "AAPL",
        "asset_class": "us_equity",
        "side": "buy",
        "qty": "10",
        "filled_qty": "10",
        "filled_avg_price": "100.5",
        "status": "filled",
        "submitted_at": "2026-11-20T20:30:00Z",
        "filled_at": "2026-11-20T20:30:01Z",
    }
    return told | change


def test_a_filled_order_is_told_whole(desk: Desk) -> None:
    identifier = desk.account.fill("TSLA", "-5", "200.25", "bot-3")

    assert orders(desk) == (
        Order(
            order_id=identifier,
            client_order_id="bot-3",
            symbol="TSLA",
            quantity=Decimal(-5),
            filled_quantity=Decimal(-5),
            average_price=Decimal("200.25"),
            status="filled",
            submitted_at=OPEN,
            filled_at=OPEN,
        ),
    )


def test_a_manual_order_has_a_client_identifier_that_is_not_the_bots(desk: Desk) -> None:
    desk.account.manual_order("AAPL", 3, 100)

    (told,) = orders(desk)
    assert told.client_order_id is not None
    assert not told.client_order_id.startswith("bot-")


def test_a_cancelled_order_that_filled_in_part_is_told_with_its_part(desk: Desk) -> None:
    identifier = desk.account.partial_fill("AAPL", 10, 4, 100)
    desk.account.end(identifier, "canceled")

    (told,) = orders(desk)
    assert (told.quantity, told.filled_quantity, told.status) == (Decimal(10), Decimal(4), "canceled")


def test_what_is_open_or_never_filled_is_left_out(desk: Desk) -> None:
    desk.account.partial_fill("AAPL", 10, 4, 100)
    desk.account.end(desk.account.order("AAPL", 10), "expired")

    assert orders(desk) == ()


def test_closed_orders_are_asked_for_and_no_status_that_alpaca_lacks(desk: Desk) -> None:
    orders(desk)

    (asked,) = [asked for asked in desk.server.asked if asked.path == "/v2/orders"]
    assert asked.parameters["status"] == "closed"


def test_orders_are_told_from_the_moment_on_and_oldest_first(desk: Desk) -> None:
    desk.account.fill("AAPL", 1, 100)
    desk.clock.advance(timedelta(microseconds=1))
    since = desk.clock.now()
    later = [desk.account.fill("AAPL", 1, 100)]
    desk.clock.advance(timedelta(seconds=1))
    later.append(desk.account.fill("AAPL", 1, 100))

    assert [order.order_id for order in orders(desk, since)] == later


@pytest.mark.parametrize("apart", [timedelta(0), timedelta(microseconds=100), timedelta(milliseconds=3)])
def test_more_orders_than_one_answer_holds_are_all_found(desk: Desk, apart: timedelta) -> None:
    placed = set()
    for number in range(720):
        placed.add(desk.account.fill("AAPL", 1, 100))
        if number % 240 == 0:
            desk.clock.advance(timedelta(milliseconds=5))
        desk.clock.advance(apart)

    assert {order.order_id for order in orders(desk)} == placed


def test_more_orders_of_one_moment_than_one_answer_holds_are_not_told_in_part(desk: Desk) -> None:
    for _ in range(600):
        desk.account.fill("AAPL", 1, 100)

    told = desk.venue().orders(SINCE)
    assert told == Unavailable(Reason.SOURCE_INCOMPLETE, "Alpaca repeats a page of its orders instead of going on")


def test_an_order_for_an_amount_of_money_has_the_quantity_that_it_filled() -> None:
    with answering(SOUND | {"/v2/orders": [row(qty=None, notional="500", filled_qty="4.97512438")]}) as url:
        told = venue_at(url).orders(SINCE)

    assert not isinstance(told, Unavailable)
    assert told[0].quantity == told[0].filled_quantity == Decimal("4.97512438")


def test_the_head_of_an_order_of_several_legs_is_no_order() -> None:
    head = row(id="head", symbol="", side="", asset_class="")

    with answering(SOUND | {"/v2/orders": [head, row(id="leg", symbol="AAPL270115C00200000")]}) as url:
        told = venue_at(url).orders(SINCE)

    assert not isinstance(told, Unavailable)
    assert [order.order_id for order in told] == ["leg"]


def test_crypto_orders_have_their_slash_either_way() -> None:
    rows = [row(id=symbol, symbol=symbol, asset_class="crypto") for symbol in ("BTC/USD", "BTCUSD")]

    with answering(SOUND | {"/v2/orders": rows}) as url:
        told = venue_at(url).orders(SINCE)

    assert not isinstance(told, Unavailable)
    assert {order.symbol for order in told} == {"BTC/USD"}


def test_an_order_that_cannot_be_read_is_named() -> None:
    with answering(SOUND | {"/v2/orders": [row(filled_qty="some")]}) as url:
        told = venue_at(url).orders(SINCE)

    assert told == Unavailable(
        Reason.SOURCE_MALFORMED, "Alpaca's orders[0].filled_qty: found 'some', expected a finite number"
    )
