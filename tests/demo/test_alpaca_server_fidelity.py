"""The local Alpaca is near enough to the real one for Alpaca's own client, and for ccxt, neither of them changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import ccxt
import pytest
from alpaca.common.enums import Sort
from alpaca.common.exceptions import APIError
from alpaca.trading.client import TradingClient
from alpaca.trading.enums import AccountStatus, AssetClass, OrderSide, OrderStatus, PositionSide, QueryOrderStatus
from alpaca.trading.models import NonTradeActivity, TradeActivity
from alpaca.trading.requests import GetCalendarRequest, GetOrdersRequest

from recon_exporter.demo.alpaca_server import Fault
from support.alpaca import KEY, OPEN, SECRET, Desk, running_desk

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def desk() -> Iterator[Desk]:
    for desk in running_desk():
        desk.account.fill("AAPL", 10, "187.25", "bot-1")
        desk.account.fill("TSLA", -5, 200, "bot-2")
        desk.account.fill("BTC/USD", "0.25", 60_000, "bot-3")
        desk.account.fill("AAPL270115C00200000", 2, "1.5", "bot-4")
        desk.account.partial_fill("MSFT", 10, 4, 410, "bot-5")
        yield desk


@pytest.fixture
def client(desk: Desk) -> TradingClient:
    return TradingClient(KEY, SECRET, paper=True, url_override=desk.server.url)


@pytest.fixture
def exchange(desk: Desk) -> ccxt.alpaca:
    exchange = ccxt.alpaca({"apiKey": KEY, "secret": SECRET, "enableRateLimit": False})
    exchange.urls["api"] = {"trader": desk.server.url}
    return exchange


def test_alpacas_client_reads_the_account(client: TradingClient) -> None:
    account: Any = client.get_account()

    assert (account.status, account.currency) == (AccountStatus.ACTIVE, "USD")
    assert Decimal(account.equity) == Decimal(account.cash) + Decimal(account.long_market_value) + Decimal(
        account.short_market_value
    )
    assert account.short_market_value == "-1000"


def test_alpacas_client_reads_the_positions(client: TradingClient) -> None:
    positions: Any = client.get_all_positions()

    assert [(one.symbol, one.qty, one.side, one.asset_class) for one in positions] == [
        ("AAPL", "10", PositionSide.LONG, AssetClass.US_EQUITY),
        ("AAPL270115C00200000", "2", PositionSide.LONG, AssetClass.US_OPTION),
        ("BTCUSD", "0.25", PositionSide.LONG, AssetClass.CRYPTO),
        ("MSFT", "4", PositionSide.LONG, AssetClass.US_EQUITY),
        ("TSLA", "-5", PositionSide.SHORT, AssetClass.US_EQUITY),
    ]
    assert [one.market_value for one in positions][1] == "300"


def test_alpacas_client_reads_the_orders(client: TradingClient) -> None:
    closed: Any = client.get_orders(GetOrdersRequest(status=QueryOrderStatus.CLOSED, direction=Sort.ASC, limit=500))
    (waiting,) = client.get_orders()

    assert {one.client_order_id: (one.side, one.status, one.filled_qty) for one in closed} == {
        "bot-1": (OrderSide.BUY, OrderStatus.FILLED, "10"),
        "bot-2": (OrderSide.SELL, OrderStatus.FILLED, "5"),
        "bot-3": (OrderSide.BUY, OrderStatus.FILLED, "0.25"),
        "bot-4": (OrderSide.BUY, OrderStatus.FILLED, "2"),
    }
    told: Any = waiting
    assert (told.status, told.qty, told.filled_qty, told.filled_avg_price) == (
        OrderStatus.PARTIALLY_FILLED,
        "10",
        "4",
        "410",
    )


def test_alpacas_client_chooses_orders_by_time_symbol_and_side(desk: Desk, client: TradingClient) -> None:
    desk.clock.advance(timedelta(seconds=1))
    desk.account.fill("TSLA", 5, 200, "bot-6")
    request = GetOrdersRequest(
        status=QueryOrderStatus.ALL, after=OPEN, until=OPEN + timedelta(days=1), symbols=["TSLA"], side=OrderSide.BUY
    )

    found: Any = client.get_orders(request)
    assert [one.client_order_id for one in found] == ["bot-6"]


def test_alpacas_client_reads_clock_and_calendar(client: TradingClient) -> None:
    clock: Any = client.get_clock()
    days: Any = client.get_calendar(GetCalendarRequest(start=date(2026, 11, 20), end=date(2026, 11, 23)))

    assert (clock.timestamp, clock.is_open) == (OPEN, True)
    assert clock.next_close == datetime(2026, 11, 20, 21, tzinfo=UTC)
    assert [(day.date, day.open.hour, day.close.hour) for day in days] == [
        (date(2026, 11, 20), 9, 16),
        (date(2026, 11, 23), 9, 16),
    ]


def test_alpacas_models_take_the_activities(desk: Desk, client: TradingClient) -> None:
    desk.account.split("AAPL", 4, 1)
    desk.account.transfer(10)
    account = uuid4()
    # The trading API leaves out the account, which the models of the broker API ask for.
    fills: Any = client.get("/account/activities/FILL", {"page_size": 100})
    others: Any = client.get("/account/activities", {"category": "non_trade_activity"})

    assert {TradeActivity(account_id=account, **row).symbol for row in fills} >= {"AAPL", "BTC/USD"}
    assert {NonTradeActivity(account_id=account, **row).activity_type.value for row in others} == {"SPLIT", "CSD"}


def test_alpacas_client_is_refused_with_a_wrong_key(desk: Desk) -> None:
    client = TradingClient("other", SECRET, paper=True, url_override=desk.server.url)

    with pytest.raises(APIError) as caught:
        client.get_account()
    assert (caught.value.status_code, caught.value.code) == (401, 40110000)


def test_ccxt_signs_and_reads_every_raw_call(exchange: ccxt.alpaca) -> None:
    assert exchange.traderPrivateGetV2Account()["currency"] == "USD"
    assert len(exchange.traderPrivateGetV2Positions()) == 5
    assert len(exchange.traderPrivateGetV2Orders({"status": "closed"})) == 4
    assert len(exchange.traderPrivateGetV2AccountActivitiesActivityType({"activity_type": "FILL"})) == 5
    assert exchange.traderPrivateGetV2AccountActivities({"category": "non_trade_activity"}) == []
    assert exchange.traderPrivateGetV2Clock()["is_open"] is True
    assert len(exchange.traderPrivateGetV2Calendar({"start": "2026-11-20", "end": "2026-11-20"})) == 1


def test_ccxts_unified_calls_parse_what_they_know(exchange: ccxt.alpaca) -> None:
    assert exchange.fetch_time() == OPEN.timestamp() * 1000
    exchange.set_markets(
        [exchange.safe_market_structure({"id": "BTC/USD", "symbol": "BTC/USD", "base": "BTC", "quote": "USD"})]
    )
    (trade,) = [one for one in exchange.fetch_my_trades() if one["symbol"] == "BTC/USD"]
    assert (trade["side"], trade["amount"], trade["price"]) == ("buy", 0.25, 60_000.0)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.RATE_LIMITED, ccxt.RateLimitExceeded),
        (Fault.REFUSED, ccxt.PermissionDenied),
        (Fault.FORBIDDEN, ccxt.PermissionDenied),
        (Fault.UNAVAILABLE, ccxt.ExchangeNotAvailable),
        (Fault.DROPPED, ccxt.NetworkError),
    ],
)
def test_ccxt_knows_the_errors(desk: Desk, exchange: ccxt.alpaca, fault: Fault, error: type[Exception]) -> None:
    desk.server.fail(fault)

    with pytest.raises(error):
        exchange.traderPrivateGetV2Account()


def test_ccxt_is_refused_the_status_that_alpaca_does_not_have(exchange: ccxt.alpaca) -> None:
    with pytest.raises(ccxt.ExchangeError):
        exchange.traderPrivateGetV2Orders({"status": "filled"})
