"""Windows and pages of the local Binance: what is not told, and that nothing says so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import ccxt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.demo.binance_server import MARKETS, futures, spot
from recon_exporter.demo.binance_server.calls import Call
from recon_exporter.demo.exchange import Credentials, Exchange, Fault, milliseconds
from support.alpaca import OPEN, StandingClock
from support.binance import BinanceDesk, running_binance

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

SPOT, PERPETUAL = "BTC/USDT", "BTC/USDT:USDT"
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def desk() -> Iterator[BinanceDesk]:
    for running in running_binance():
        running.account.deposit("USDT", 10**9)
        running.account.deposit("USDT", 10**9, "usdm")
        yield running


def trade(desk: BinanceDesk, symbol: str, count: int, since: datetime, apart: timedelta = SECOND) -> list[str]:
    """So many trades from a moment on; their identifiers."""
    return [
        desk.account.trade(symbol, "0.001", 50_000, at=since + apart * index, fee=0).trade_id for index in range(count)
    ]


def ago(desk: BinanceDesk, span: timedelta) -> datetime:
    return desk.clock.now() - span


def told(desk: BinanceDesk, symbol: str, **parameters: Any) -> list[str]:  # noqa: ANN401  # ccxt's parameters
    asked = {name: milliseconds(value) if name.endswith("Time") else value for name, value in parameters.items()}
    call = desk.ccxt.privateGetMyTrades if symbol == SPOT else desk.ccxt.fapiPrivateGetUserTrades
    return [str(row["id"]) for row in call({"symbol": "BTCUSDT", **asked})]


@pytest.mark.parametrize("symbol", [SPOT, PERPETUAL])
def test_without_a_beginning_the_latest_are_told_and_no_more_than_500(desk: BinanceDesk, symbol: str) -> None:
    identifiers = trade(desk, symbol, 501, ago(desk, HOUR))

    assert told(desk, symbol) == identifiers[1:]
    assert told(desk, symbol, limit=3) == identifiers[-3:]


@pytest.mark.parametrize("symbol", [SPOT, PERPETUAL])
def test_a_page_has_at_most_1000(desk: BinanceDesk, symbol: str) -> None:
    identifiers = trade(desk, symbol, 1001, ago(desk, HOUR))

    assert told(desk, symbol, limit=1000) == identifiers[1:]
    with pytest.raises(ccxt.BadRequest, match="-1130"):
        told(desk, symbol, limit=1001)


@pytest.mark.parametrize("symbol", [SPOT, PERPETUAL])
def test_from_an_identifier_on_all_can_be_walked(desk: BinanceDesk, symbol: str) -> None:
    identifiers = trade(desk, symbol, 7, ago(desk, 20 * DAY), apart=DAY)

    walked: list[str] = []
    first = 0
    while page := told(desk, symbol, fromId=first, limit=3):
        walked, first = walked + page, int(page[-1]) + 1
    assert walked == identifiers


def test_an_identifier_goes_with_no_time(desk: BinanceDesk) -> None:
    start = ago(desk, HOUR)

    with pytest.raises(ccxt.BadRequest, match="-1128"):
        told(desk, SPOT, fromId=1, startTime=start)
    with pytest.raises(ccxt.BadRequest, match=r"-1106.*startTime.*not required"):
        told(desk, PERPETUAL, fromId=1, startTime=start)


def test_spot_tells_a_day_at_most(desk: BinanceDesk) -> None:
    identifiers = trade(desk, SPOT, 3, ago(desk, 2 * DAY), apart=DAY)
    start = ago(desk, 2 * DAY)

    assert told(desk, SPOT, startTime=start, endTime=start + DAY) == identifiers[:2]
    with pytest.raises(ccxt.BadRequest, match=r"-1127.*More than 24 hours"):
        told(desk, SPOT, startTime=start, endTime=start + DAY + SECOND)


def test_spot_asked_with_a_beginning_alone_tells_up_to_now_oldest_first(desk: BinanceDesk) -> None:
    identifiers = trade(desk, SPOT, 5, ago(desk, 4 * DAY), apart=DAY)

    assert told(desk, SPOT, startTime=ago(desk, 3 * DAY)) == identifiers[1:]
    assert told(desk, SPOT, startTime=ago(desk, 3 * DAY), limit=2) == identifiers[1:3]
    assert told(desk, SPOT, endTime=ago(desk, DAY), limit=2) == identifiers[2:4]


def test_futures_tell_a_week_at_most(desk: BinanceDesk) -> None:
    identifiers = trade(desk, PERPETUAL, 3, ago(desk, 14 * DAY), apart=7 * DAY)
    start = ago(desk, 14 * DAY)

    assert told(desk, PERPETUAL) == identifiers[1:], "the last seven days, both ends included"
    assert told(desk, PERPETUAL, startTime=start) == identifiers[:2]
    assert told(desk, PERPETUAL, endTime=ago(desk, 8 * DAY)) == identifiers[:1]
    with pytest.raises(ccxt.BaseError, match=r"-4165.*Invalid time interval"):
        told(desk, PERPETUAL, startTime=start, endTime=start + 7 * DAY + SECOND)


def test_ccxt_asks_futures_for_one_week_from_the_beginning_and_nobody_says_that_more_came(desk: BinanceDesk) -> None:
    trade(desk, PERPETUAL, 3, ago(desk, 20 * DAY), apart=9 * DAY)

    assert len(desk.ccxt.fetch_my_trades(PERPETUAL, milliseconds(ago(desk, 20 * DAY)))) == 1


def test_trades_of_one_millisecond_are_all_told(desk: BinanceDesk) -> None:
    identifiers = trade(desk, SPOT, 5, ago(desk, HOUR), apart=timedelta(0))

    assert told(desk, SPOT, fromId=int(identifiers[2])) == identifiers[2:]


def test_trades_can_be_asked_of_one_order(desk: BinanceDesk) -> None:
    trade(desk, SPOT, 2, ago(desk, HOUR))
    order_id = desk.account.order(SPOT, "0.3", 50_000).order_id
    mine = [desk.account.trade(SPOT, "0.1", 50_000, order_id=order_id).trade_id for _ in range(2)]

    assert told(desk, SPOT, orderId=order_id) == mine


def test_orders_keep_the_same_windows(desk: BinanceDesk) -> None:
    since = ago(desk, 3 * DAY)
    for index in range(4):
        desk.account.trade(SPOT, 1, 50_000, at=since + DAY * index)

    orders = desk.ccxt.fetch_orders(SPOT)
    assert len(desk.ccxt.fetch_orders(SPOT, milliseconds(since), None, {"until": milliseconds(since + DAY)})) == 2
    assert [order["id"] for order in desk.ccxt.fetch_orders(SPOT, None, 2)] == [order["id"] for order in orders[-2:]]
    assert len(desk.ccxt.privateGetAllOrders({"symbol": "BTCUSDT", "orderId": orders[1]["id"]})) == 3


def test_income_is_of_seven_days_and_walked_page_by_page(desk: BinanceDesk) -> None:
    for days in (9, 3, 2, 1):
        desk.account.fund(PERPETUAL, days, at=ago(desk, days * DAY))

    income = desk.ccxt.fapiPrivateGetIncome
    told_now = [row["income"] for row in income({"incomeType": "FUNDING_FEE"})]
    second = income({"incomeType": "FUNDING_FEE", "limit": 2, "page": 2})
    everything = desk.ccxt.fetch_funding_history(PERPETUAL, milliseconds(ago(desk, 30 * DAY)))

    assert told_now == ["3.00000000", "2.00000000", "1.00000000"]
    assert [row["income"] for row in second] == ["1.00000000"]
    assert len(everything) == 4


@pytest.mark.parametrize("symbol", [SPOT, PERPETUAL])
def test_a_symbol_is_wanted_and_must_be_listed(desk: BinanceDesk, symbol: str) -> None:
    with pytest.raises(ccxt.ArgumentsRequired):
        desk.ccxt.fetch_my_trades()
    call = desk.ccxt.privateGetMyTrades if symbol == SPOT else desk.ccxt.fapiPrivateGetUserTrades
    with pytest.raises(ccxt.BadRequest, match=r"-1102.*symbol"):
        call()
    with pytest.raises(ccxt.BadSymbol, match="-1121"):
        call({"symbol": "NONEUSDT"})


def test_a_number_must_be_one(desk: BinanceDesk) -> None:
    with pytest.raises(ccxt.BadRequest, match=r"-1100.*startTime"):
        desk.ccxt.privateGetMyTrades({"symbol": "BTCUSDT", "startTime": "yesterday"})


@pytest.mark.parametrize("symbol", [SPOT, PERPETUAL])
def test_one_page_only_looks_like_a_short_history(desk: BinanceDesk, symbol: str) -> None:
    identifiers = trade(desk, symbol, 9, ago(desk, HOUR))
    desk.server.fail(Fault.ONE_PAGE)

    first = told(desk, symbol, fromId=0, limit=4)

    assert first == identifiers[-4:]
    assert told(desk, symbol, fromId=int(first[-1]) + 1, limit=4) == []


@pytest.mark.parametrize(("symbol", "days"), [(SPOT, 1), (PERPETUAL, 7)])
@given(ages=st.lists(st.integers(0, 20 * 24 * 60), max_size=20), limit=st.integers(1, 7))
def test_window_by_window_and_page_by_page_every_trade_is_told_once(
    symbol: str, days: int, ages: list[int], limit: int
) -> None:
    exchange = Exchange(StandingClock(OPEN), MARKETS)
    account = exchange.open_account(Credentials("key", "secret"))
    made = [account.trade(symbol, "0.001", 1, at=OPEN - timedelta(minutes=age), fee=0) for age in ages]
    view, tell = exchange.view(account, timedelta(0), one_page=False), spot.trades if symbol == SPOT else futures.trades

    def told(**parameters: int) -> list[int]:
        texts = {name: str(value) for name, value in parameters.items()}
        return [int(str(row["id"])) for row in tell(Call(view, {"symbol": "BTCUSDT", **texts}))]

    by_window: list[int] = []
    for day in range(0, 21, days):
        start = milliseconds(OPEN - DAY * (20 - day))
        by_window += told(startTime=start, endTime=start + days * 86_400_000 - 1, limit=1000)
    by_page: list[int] = []
    while page := told(fromId=by_page[-1] + 1 if by_page else 0, limit=limit):
        by_page += page
    assert sorted(by_window) == sorted(by_page) == sorted(int(trade.trade_id) for trade in made)
