"""Positions at Alpaca are read exactly, and believed only where the account's own totals agree."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter.demo.alpaca_server import Fault
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import PositionStatement
from recon_exporter.domain.statement import Position, Unavailable
from support.alpaca import OPEN, SOUND, Desk, answering, running_desk, venue_at

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def desk() -> Iterator[Desk]:
    yield from running_desk()


def statement(desk: Desk) -> PositionStatement:
    told = desk.venue().positions(desk.clock.now())
    assert isinstance(told, PositionStatement)
    return told


def refusal(desk: Desk) -> Unavailable:
    told = desk.venue().positions(desk.clock.now())
    assert isinstance(told, Unavailable)
    return told


def test_a_share_is_read_with_its_prices_and_currency(desk: Desk) -> None:
    desk.account.fill("AAPL", "10.000000001", "187.123456789")
    desk.account.price("AAPL", "190.01")

    assert statement(desk).positions == (
        Position(
            symbol="AAPL",
            quantity=Decimal("10.000000001"),
            mark_price=Decimal("190.01"),
            average_price=Decimal("187.123456789"),
            currency="USD",
        ),
    )


def test_the_statement_says_of_what_and_when_it_is(desk: Desk) -> None:
    told = statement(desk)

    assert (told.bot, told.source, told.as_of, told.has_write_times) == ("swing-us", "alpaca", OPEN, False)


def test_a_short_position_has_a_negative_quantity(desk: Desk) -> None:
    desk.account.fill("TSLA", "-5", "200")

    assert statement(desk).positions[0].quantity == Decimal(-5)


@pytest.mark.parametrize("symbol", ["BTC/USD", "ETH/BTC", "SOL/USDT", "USDT/USD", "AVAX/USDC"])
def test_a_crypto_pair_has_its_slash_again(desk: Desk, symbol: str) -> None:
    desk.account.fill(symbol, "0.25", "100.5")

    assert [position.symbol for position in statement(desk).positions] == [symbol]


def test_an_option_keeps_its_symbol_and_counts_contracts(desk: Desk) -> None:
    desk.account.fill("AAPL270115C00200000", "-2", "3.5")

    told = statement(desk).positions[0]
    assert (told.symbol, told.quantity) == ("AAPL270115C00200000", Decimal(-2))


def test_positions_are_sorted_and_each_is_there_once(desk: Desk) -> None:
    for symbol in ("MSFT", "AAPL", "BTC/USD", "TSLA"):
        desk.account.fill(symbol, 1, 10)
    desk.account.fill("AAPL", 2, 13)

    told = statement(desk).positions
    assert [position.symbol for position in told] == ["AAPL", "BTC/USD", "MSFT", "TSLA"]
    assert (told[0].quantity, told[0].average_price) == (Decimal(3), Decimal(12))


def test_a_closed_position_is_no_position(desk: Desk) -> None:
    desk.account.fill("AAPL", 10, 100)
    desk.account.fill("AAPL", -10, 110)

    assert statement(desk).positions == ()


def test_an_empty_book_is_proven_by_totals_of_zero(desk: Desk) -> None:
    told = statement(desk)

    assert told.positions == ()
    assert told.proof == "0 positions listed, and the account's own totals agree: long 0 and short 0 USD"


def test_no_positions_against_totals_that_are_not_zero_is_no_empty_book(desk: Desk) -> None:
    desk.account.fill("AAPL", 10, 100)
    desk.server.fail(Fault.EMPTY, "/v2/positions")

    told = refusal(desk)
    assert told.reason is Reason.SOURCE_INCOMPLETE
    assert "long positions worth 1000" in told.detail


def test_a_list_without_its_shorts_is_incomplete(desk: Desk) -> None:
    desk.account.fill("AAPL", 10, 100)
    desk.account.fill("TSLA", -1, 200)
    desk.server.fail(Fault.HALF_BOOK, "/v2/positions")

    told = refusal(desk)
    assert told.reason is Reason.SOURCE_INCOMPLETE
    assert "short positions worth 200" in told.detail


def test_a_list_without_half_of_its_longs_is_incomplete(desk: Desk) -> None:
    desk.account.fill("AAPL", 10, 100)
    desk.account.fill("MSFT", 10, 100)
    desk.server.fail(Fault.HALF_BOOK, "/v2/positions")

    told = refusal(desk)
    assert told == Unavailable(
        Reason.SOURCE_INCOMPLETE,
        "the account holds long positions worth 2000, its list of them comes to 1000, 3 times in succession",
    )


def test_totals_that_moved_between_two_requests_are_read_again(desk: Desk) -> None:
    desk.account.fill("AAPL", 10, 100)
    desk.server.fail(Fault.EMPTY, "/v2/positions", times=2)

    assert len(statement(desk).positions) == 1


def test_prices_that_move_between_two_requests_are_no_contradiction() -> None:
    account = SOUND["/v2/account"] | {"long_market_value": "1080"}

    with answering(SOUND | {"/v2/account": account}) as url:
        assert isinstance(venue_at(url).positions(OPEN), PositionStatement)


def test_a_position_without_a_price_has_none() -> None:
    position = SOUND["/v2/positions"][0] | {"current_price": None, "market_value": None}

    with answering(SOUND | {"/v2/positions": [position]}) as url:
        told = venue_at(url).positions(OPEN)

    assert isinstance(told, PositionStatement)
    assert told.positions[0].mark_price is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"qty": "ten"}, "positions[0].qty: found 'ten', expected a finite number"),
        ({"qty": "NaN"}, "positions[0].qty: found 'NaN', expected a finite number"),
        ({"qty": None}, "positions[0].qty: found None, expected a finite number"),
        ({"qty": "-10"}, "positions[0].qty: found '-10', expected a positive quantity, because the side is long"),
        ({"side": "flat"}, "positions[0].side: found 'flat', expected buy, sell, long or short"),
        ({"symbol": ""}, "positions[0].symbol: found None, expected a text"),
        ({"avg_entry_price": []}, "positions[0].avg_entry_price: found [], expected a text"),
    ],
)
def test_a_position_that_cannot_be_read_is_named(change: dict[str, object], words: str) -> None:
    position = SOUND["/v2/positions"][0] | change

    with answering(SOUND | {"/v2/positions": [position]}) as url:
        told = venue_at(url).positions(OPEN)

    assert told == Unavailable(Reason.SOURCE_MALFORMED, f"Alpaca's {words}")


def test_one_symbol_twice_is_no_book() -> None:
    with answering(SOUND | {"/v2/positions": SOUND["/v2/positions"] * 2}) as url:
        told = venue_at(url).positions(OPEN)

    assert told == Unavailable(Reason.SOURCE_MALFORMED, "Alpaca's positions: found 'AAPL', expected each symbol once")


@pytest.mark.parametrize("document", [{}, "positions", [1]])
def test_positions_of_another_shape_are_no_book(document: object) -> None:
    with answering(SOUND | {"/v2/positions": document}) as url:
        told = venue_at(url).positions(OPEN)

    assert isinstance(told, Unavailable)
    assert told.reason is Reason.SOURCE_MALFORMED


def test_an_account_without_totals_proves_nothing() -> None:
    account = {"currency": "USD", "long_market_value": None, "short_market_value": "0"}

    with answering(SOUND | {"/v2/account": account, "/v2/positions": []}) as url:
        told = venue_at(url).positions(OPEN)

    assert isinstance(told, Unavailable)
    assert "account.long_market_value" in told.detail


def test_numbers_that_are_no_texts_keep_every_digit() -> None:
    body = json.dumps(SOUND["/v2/positions"]).replace('"100.0"', "0.100000000000000005551115123")

    with answering(SOUND | {"/v2/positions": body}) as url:
        told = venue_at(url).positions(OPEN)

    assert isinstance(told, PositionStatement)
    assert told.positions[0].average_price == Decimal("0.100000000000000005551115123")
