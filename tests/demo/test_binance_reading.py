"""Unmodified ccxt reads all of an account at the local Binance."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter.demo.exchange import Credentials, Kind, Leg, milliseconds
from support.binance import BinanceDesk, running_binance

if TYPE_CHECKING:
    from collections.abc import Iterator

SPOT, PERPETUAL = "BTC/USDT", "BTC/USDT:USDT"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def desk() -> Iterator[BinanceDesk]:
    yield from running_binance()


@pytest.fixture
def hedged() -> Iterator[BinanceDesk]:
    yield from running_binance(hedge=True)


def test_markets_are_loaded_with_and_without_a_key(desk: BinanceDesk) -> None:
    with_key, without = desk.ccxt.load_markets(), desk.asking(None).load_markets()

    assert set(with_key) == set(without) == set(desk.server.exchange.snapshot().markets)
    perpetual = with_key[PERPETUAL]
    assert (perpetual["linear"], perpetual["settle"], perpetual["contractSize"]) == (True, "USDT", "1")
    assert (perpetual["precision"]["amount"], with_key[SPOT]["precision"]["amount"]) == ("0.00100000", "0.00001000")
    assert with_key[SPOT]["marginModes"] == {"cross": True, "isolated": True}


def test_the_futures_object_of_ccxt_finds_the_contracts(desk: BinanceDesk) -> None:
    contracts = desk.asking(name="binanceusdm")
    desk.account.deposit("USDT", 1000, "usdm")

    assert {market["type"] for market in contracts.load_markets().values()} == {"swap"}
    assert contracts.fetch_balance()["USDT"]["total"] == "1000.00000000"


def test_spot_balances_are_free_and_locked(desk: BinanceDesk) -> None:
    desk.account.deposit("USDT", "1000.5")
    desk.account.order(SPOT, "0.01", 50_000)

    balance = desk.ccxt.fetch_balance()

    assert balance["USDT"] == {"free": "500.50000000", "used": "500.00000000", "total": "1000.5"}
    assert balance["ETH"]["total"] == "0", "coins that the account never had are listed too"


def test_what_simple_earn_holds_is_listed_under_another_name(desk: BinanceDesk) -> None:
    desk.account.deposit("USDT", 300)
    desk.account.deposit("LDUSDT", 700)

    balance = desk.ccxt.fetch_balance()

    assert (balance["USDT"]["total"], balance["LDUSDT"]["total"]) == ("300", "700")


def test_the_total_of_futures_is_margin_and_moves_with_the_price(desk: BinanceDesk) -> None:
    desk.account.deposit("USDT", 1000, "usdm")
    desk.account.trade(PERPETUAL, "0.1", 50_000, fee=0)
    desk.server.exchange.price(PERPETUAL, 49_000)

    balance = desk.ccxt.fetch_balance({"type": "swap"})

    (usdt,) = [asset for asset in balance["info"]["assets"] if asset["asset"] == "USDT"]
    assert (balance["USDT"]["total"], usdt["walletBalance"], usdt["unrealizedProfit"]) == (
        "900.00000000",
        "1000.00000000",
        "-100.00000000",
    )
    assert balance["info"]["totalMarginBalance"] == "900.00000000"
    assert "USDC" not in balance, "an asset that was never touched has no time, and ccxt leaves it out"


def test_only_positions_that_are_not_zero_are_listed(desk: BinanceDesk) -> None:
    desk.account.deposit("USDT", 10_000, "usdm")
    desk.account.trade(PERPETUAL, "-0.1", 50_000)
    desk.account.trade("ETH/USDT:USDT", 1, 4_000)
    desk.account.trade("ETH/USDT:USDT", -1, 4_100)
    desk.server.exchange.price(PERPETUAL, 50_500)

    (position,) = desk.ccxt.fetch_positions()

    told = {name: position[name] for name in ("symbol", "side", "contracts", "entryPrice", "unrealizedPnl", "hedged")}
    assert told == {
        "symbol": PERPETUAL,
        "side": "short",
        "contracts": "0.1",
        "entryPrice": "50000",
        "unrealizedPnl": "-50.00000000",
        "hedged": False,
    }


def test_in_hedge_mode_each_leg_has_its_row(hedged: BinanceDesk) -> None:
    hedged.account.deposit("USDT", 10_000, "usdm")
    hedged.account.trade(PERPETUAL, "0.3", 50_000, leg=Leg.LONG)
    hedged.account.trade(PERPETUAL, "-0.1", 50_000, leg=Leg.SHORT)
    hedged.account.trade(PERPETUAL, "-0.1", 50_000, leg=Leg.LONG)

    positions = hedged.ccxt.fetch_positions()

    assert {(row["side"], row["contracts"], row["hedged"], row["info"]["positionSide"]) for row in positions} == {
        ("long", "0.2", True, "LONG"),
        ("short", "0.1", True, "SHORT"),
    }
    assert hedged.ccxt.fetch_position_mode()["hedged"] is True
    sides = [(trade["side"], trade["info"]["positionSide"]) for trade in hedged.ccxt.fetch_my_trades(PERPETUAL)]
    assert sides == [("buy", "LONG"), ("sell", "SHORT"), ("sell", "LONG")]


def test_a_spot_trade_tells_its_fee_and_the_coin_it_was_taken_in(desk: BinanceDesk) -> None:
    desk.account.deposit("USDT", 10_000)
    desk.account.deposit("BNB", 1)
    bought = desk.account.trade(SPOT, "0.1", 50_000, trade_id="28457", maker=True)
    desk.clock.advance(HOUR)
    desk.account.trade(SPOT, "-0.1", 51_000, fee="0.005", fee_asset="BNB")

    first, second = desk.ccxt.fetch_my_trades(SPOT)

    assert (first["id"], first["order"], first["side"], first["takerOrMaker"]) == (
        "28457",
        bought.order_id,
        "buy",
        "maker",
    )
    assert (first["amount"], first["price"], first["cost"]) == ("0.10000000", "50000.00000000", "5000.00000000")
    assert first["fee"] == {"cost": "0.00005000", "currency": "BTC"}
    assert second["fee"] == {"cost": "0.00500000", "currency": "BNB"}


def test_a_futures_trade_tells_what_it_realised_and_a_rebate_is_negative(desk: BinanceDesk) -> None:
    desk.account.deposit("USDT", 10_000, "usdm")
    desk.account.trade(PERPETUAL, "0.1", 50_000, fee="-0.5")
    desk.account.trade(PERPETUAL, "-0.1", 51_000, fee=2)

    opened, closed = desk.ccxt.fetch_my_trades(PERPETUAL)

    assert (opened["fee"]["cost"], closed["fee"]["cost"]) == ("-0.50000000", "2.00000000")
    assert (closed["side"], closed["info"]["realizedPnl"]) == ("sell", "100.00000000")


def test_one_trade_id_in_two_markets_is_told_in_both(desk: BinanceDesk) -> None:
    desk.account.deposit("USDT", 10_000)
    for symbol in (SPOT, "ETH/USDT"):
        desk.account.trade(symbol, 1, 1000, trade_id="77")

    assert [desk.ccxt.fetch_my_trades(symbol)[0]["id"] for symbol in (SPOT, "ETH/USDT")] == ["77", "77"]


def test_orders_are_closed_open_and_cancelled_with_what_they_filled(desk: BinanceDesk) -> None:
    desk.account.deposit("USDT", 10_000)
    desk.account.trade(SPOT, "0.1", 50_000, client_id="x-bot-1")
    partly = desk.account.order(SPOT, "0.2", 40_000).order_id
    desk.account.trade(SPOT, "0.05", 40_000, order_id=partly)
    gone = desk.account.order(SPOT, "0.3", 30_000).order_id
    desk.account.cancel(gone)

    (closed,), (still_open,) = desk.ccxt.fetch_closed_orders(SPOT), desk.ccxt.fetch_open_orders(SPOT)

    assert (closed["clientOrderId"], closed["filled"], closed["average"]) == ("x-bot-1", "0.10000000", "50000")
    assert (still_open["id"], still_open["filled"], still_open["remaining"]) == (partly, "0.05000000", "0.15")
    assert desk.ccxt.fetch_order(gone, SPOT)["status"] == "canceled"
    assert [order["status"] for order in desk.ccxt.fetch_orders(SPOT)] == ["closed", "open", "canceled"]


def test_futures_orders_are_told_too(desk: BinanceDesk) -> None:
    desk.account.deposit("USDT", 10_000, "usdm")
    desk.account.trade(PERPETUAL, "0.1", 50_000)
    desk.account.order(PERPETUAL, "-0.1", 60_000)
    desk.ccxt.options["fetchOpenOrders"]["warnWithoutSymbol"] = False

    (closed,) = desk.ccxt.fetch_closed_orders(PERPETUAL)
    (waiting,) = desk.ccxt.fetch_open_orders(None, None, None, {"type": "swap"})

    assert (closed["symbol"], closed["average"], closed["filled"]) == (PERPETUAL, "50000", "0.1")
    assert (waiting["side"], waiting["price"], waiting["status"]) == ("sell", "60000", "open")


def test_a_liquidation_is_binances_own_order(desk: BinanceDesk) -> None:
    desk.account.deposit("USDT", 1_000, "usdm")
    desk.account.trade(PERPETUAL, "0.1", 50_000)
    liquidated = desk.account.liquidate(PERPETUAL, 45_000)

    (forced,) = desk.ccxt.fapiPrivateGetForceOrders()
    last = desk.ccxt.fetch_my_trades(PERPETUAL)[-1]

    assert forced["clientOrderId"] == f"autoclose-{liquidated.order_id}"
    assert (last["order"], last["side"], desk.ccxt.fetch_positions()) == (liquidated.order_id, "sell", [])


def test_deleveraging_is_told_apart_from_liquidation(desk: BinanceDesk) -> None:
    desk.account.deposit("USDT", 1_000, "usdm")
    desk.account.trade(PERPETUAL, "0.1", 50_000)
    desk.account.trade(PERPETUAL, "-0.1", 52_000, kind=Kind.DELEVERAGING)

    asked = desk.ccxt.fapiPrivateGetForceOrders

    assert [order["clientOrderId"][:13] for order in asked({"autoCloseType": "ADL"})] == ["adl_autoclose"]
    assert asked({"autoCloseType": "LIQUIDATION"}) == []


def test_funding_and_the_rest_of_income_are_told_apart(desk: BinanceDesk) -> None:
    desk.account.deposit("USDT", 1_000)
    desk.account.transfer("USDT", 900, "spot", "usdm")
    desk.account.trade(PERPETUAL, "0.1", 50_000, fee=2)
    desk.account.fund(PERPETUAL, "-1.25")
    desk.account.trade(PERPETUAL, "-0.1", 50_100, fee=2)

    (funding,) = desk.ccxt.fetch_funding_history()
    ledger = desk.ccxt.fetch_ledger(None, None, None, {"type": "swap"})

    assert (funding["symbol"], funding["amount"], funding["code"]) == (PERPETUAL, "-1.25000000", "USDT")
    assert [row["info"]["incomeType"] for row in ledger] == [
        "TRANSFER",
        "COMMISSION",
        "FUNDING_FEE",
        "REALIZED_PNL",
        "COMMISSION",
    ]


def test_money_that_comes_goes_and_moves_is_told(desk: BinanceDesk) -> None:
    desk.account.deposit("USDT", 1_000)
    desk.account.deposit("USDT", -100)
    desk.account.transfer("USDT", 50, "spot", "usdm")

    (came,), (went,) = desk.ccxt.fetch_deposits(), desk.ccxt.fetch_withdrawals()
    (moved,) = desk.ccxt.fetch_transfers(None, None, None, {"fromAccount": "spot", "toAccount": "linear"})

    assert (came["amount"], went["amount"], moved["amount"]) == ("1000.00000000", "100.00000000", "50.00000000")
    assert (came["status"], went["status"], moved["toAccount"]) == ("ok", "ok", "linear")


def test_prices_are_told_of_one_market_and_of_all(desk: BinanceDesk) -> None:
    desk.server.exchange.price(SPOT, "50000.5")
    desk.server.exchange.price(PERPETUAL, 50_100)
    asking = desk.ccxt

    assert asking.fetch_ticker(SPOT)["last"] == "50000.50000000"
    assert set(asking.fetch_tickers([SPOT])) == {SPOT}
    assert asking.fetch_tickers([PERPETUAL])[PERPETUAL]["last"] == "50100.00000000"
    assert asking.fetch_mark_price(PERPETUAL)["markPrice"] == "50100.00000000"
    assert asking.fetch_last_prices([SPOT])[SPOT]["price"] == "50000.50000000"


def test_the_time_is_the_servers_and_all_is_well(desk: BinanceDesk) -> None:
    told = milliseconds(desk.clock.now())

    assert (desk.ccxt.fetch_time(), desk.asking(name="binanceusdm").fetch_time()) == (told, told)
    assert desk.ccxt.fetch_status()["status"] == "ok"


@pytest.mark.parametrize(("trade", "withdraw"), [(False, False), (True, False), (True, True)])
def test_a_key_tells_what_it_may(desk: BinanceDesk, trade: bool, withdraw: bool) -> None:  # noqa: FBT001
    key = Credentials("anotherKey", "anotherSecret", can_trade=trade, can_withdraw=withdraw)
    desk.server.exchange.open_account(key)

    told = desk.asking(key).sapiGetAccountApiRestrictions()

    assert (told["enableReading"], told["enableSpotAndMarginTrading"], told["enableFutures"]) == (True, trade, trade)
    assert told["enableWithdrawals"] is withdraw


def test_each_account_has_its_own_books(desk: BinanceDesk) -> None:
    other = Credentials("anotherKey", "anotherSecret")
    desk.server.exchange.open_account(other).deposit("USDT", 5)
    desk.account.deposit("USDT", 7)

    assert desk.asking(other).fetch_balance()["USDT"]["total"] == "5"
