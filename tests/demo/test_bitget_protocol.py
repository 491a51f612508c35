"""Unmodified ccxt reads the local Bitget as it reads the real one: accounts, lists, oddities."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ccxt
import pytest

from recon_exporter.demo.bitget_server import COIN_FUTURES, USDC_FUTURES, USDT_FUTURES
from recon_exporter.demo.exchange import Kind, Leg, milliseconds
from support.bitget import BitgetDesk, running_bitget

if TYPE_CHECKING:
    from collections.abc import Iterator

SWAP = "BTC/USDT:USDT"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def desk() -> Iterator[BitgetDesk]:
    yield from running_bitget()


@pytest.fixture
def hedged() -> Iterator[BitgetDesk]:
    yield from running_bitget(hedge=True)


def raw(desk: BitgetDesk, symbol: str) -> list[dict[str, Any]]:
    return [trade["info"] for trade in desk.ccxt.fetch_my_trades(symbol)]


def trade(desk: BitgetDesk, count: int, symbol: str = "BTC/USDT", apart: timedelta = MINUTE) -> list[str]:
    """So many executions that end a minute ago, oldest first; their identifiers."""
    begin = desk.clock.now() - count * apart
    return [desk.account.trade(symbol, 1, 100, at=begin + number * apart).trade_id for number in range(count)]


def test_markets_of_every_kind_are_loaded(desk: BitgetDesk) -> None:
    markets = desk.ccxt.load_markets()

    assert [markets[symbol]["id"] for symbol in ("BTC/USDT", SWAP, "BTC/USDC:USDC", "BTC/USD:BTC")] == [
        "BTCUSDT",
        "BTCUSDT",
        "BTCPERP",
        "BTCUSD",
    ]
    assert (markets[SWAP]["linear"], markets["BTC/USD:BTC"]["inverse"]) == (True, True)
    assert (markets[SWAP]["precision"], markets[SWAP]["contractSize"]) == ({"amount": "0.001", "price": "0.1"}, 1)
    assert "BGB" in desk.ccxt.currencies


def test_the_time_is_that_of_the_clock_of_the_server(desk: BitgetDesk) -> None:
    assert desk.ccxt.fetch_time() == milliseconds(desk.clock.now())


def test_prices_are_told_for_spot_and_contracts(desk: BitgetDesk) -> None:
    desk.server.exchange.price("BTC/USDT", "60000.5")
    desk.server.exchange.price(SWAP, 60010)

    assert desk.ccxt.fetch_tickers(["BTC/USDT"])["BTC/USDT"]["last"] == "60000.5"
    assert desk.ccxt.fetch_tickers([SWAP])[SWAP]["markPrice"] == "60010"
    assert desk.ccxt.fetch_ticker(SWAP)["last"] == "60010"
    assert desk.ccxt.fetch_mark_price(SWAP)["markPrice"] == "60010"


def test_what_an_open_order_holds_is_not_free(desk: BitgetDesk) -> None:
    desk.account.deposit("USDT", 1000)
    desk.account.order("BTC/USDT", "0.01", 60000)

    assert desk.ccxt.fetch_balance()["USDT"] == {"free": "400", "used": "600", "total": "1000"}


def test_wallets_lie_apart(desk: BitgetDesk) -> None:
    desk.account.deposit("USDT", 1000)
    desk.account.transfer("USDT", 400, "spot", USDT_FUTURES)
    desk.account.deposit("USDC", 7, USDC_FUTURES)

    def swap(product_type: str) -> dict[str, str]:
        balance: dict[str, str] = desk.ccxt.fetch_balance({"type": "swap", "productType": product_type})["total"]
        return balance

    assert desk.ccxt.fetch_balance()["total"] == {"USDT": "600"}
    assert (swap(USDT_FUTURES), swap(USDC_FUTURES)) == ({"USDT": "400"}, {"USDC": "7"})


def test_a_wallet_that_was_never_funded_is_not_told_at_all(desk: BitgetDesk) -> None:
    assert desk.ccxt.fetch_balance({"type": "swap", "productType": COIN_FUTURES})["total"] == {}


def test_the_balance_of_contracts_is_equity_and_drifts_with_the_price(desk: BitgetDesk) -> None:
    desk.account.deposit("USDT", 1000, USDT_FUTURES)
    desk.account.trade(SWAP, "0.1", 60000, fee=0)
    desk.server.exchange.price(SWAP, 59000)
    balance = desk.ccxt.fetch_balance({"type": "swap", "productType": USDT_FUTURES})

    assert balance["USDT"]["total"] == "900"
    assert balance["info"][0]["unrealizedPL"] == "-100"


def test_positions_are_told_by_product_type_only(desk: BitgetDesk) -> None:
    desk.account.trade(SWAP, "-0.2", 60000)
    desk.account.trade("BTC/USDC:USDC", "0.3", 60000)
    desk.account.trade("BTC/USD:BTC", "0.4", 60000)

    def told(**parameters: str) -> list[tuple[str, str, str]]:
        rows = desk.ccxt.fetch_positions(None, parameters)
        return [(row["symbol"], row["side"], row["contracts"]) for row in rows]

    assert told() == [(SWAP, "short", "0.2")]
    assert told(productType=USDC_FUTURES) == [("BTC/USDC:USDC", "long", "0.3")]
    assert told(productType=COIN_FUTURES) == []
    assert told(productType=COIN_FUTURES, marginCoin="BTC") == [("BTC/USD:BTC", "long", "0.4")]


def test_hedge_mode_has_a_row_for_each_leg(hedged: BitgetDesk) -> None:
    hedged.account.trade(SWAP, "0.2", 60000, leg=Leg.LONG)
    hedged.account.trade(SWAP, "-0.1", 61000, leg=Leg.SHORT)

    rows = hedged.ccxt.fetch_positions()
    assert [(row["side"], row["contracts"], row["hedged"]) for row in rows] == [
        ("long", "0.2", True),
        ("short", "0.1", True),
    ]


def test_the_side_of_a_hedge_fill_names_the_position(hedged: BitgetDesk) -> None:
    hedged.account.trade(SWAP, 2, 60000, leg=Leg.LONG)
    hedged.account.trade(SWAP, -1, 60000, leg=Leg.LONG)
    hedged.account.trade(SWAP, -2, 60000, leg=Leg.SHORT)
    hedged.account.trade(SWAP, 1, 60000, leg=Leg.SHORT)

    told = [(fill["side"], fill["tradeSide"], fill["posMode"]) for fill in raw(hedged, SWAP)]
    assert told == [
        ("buy", "open", "hedge_mode"),
        ("buy", "close", "hedge_mode"),
        ("sell", "open", "hedge_mode"),
        ("sell", "close", "hedge_mode"),
    ]


def test_a_hedge_order_that_closes_is_turned_round_by_ccxt(hedged: BitgetDesk) -> None:
    hedged.account.trade(SWAP, 2, 60000, leg=Leg.LONG)
    hedged.account.trade(SWAP, -1, 60000, leg=Leg.LONG)

    orders = hedged.ccxt.fetch_closed_orders(SWAP)
    assert [(order["side"], order["info"]["side"], order["reduceOnly"]) for order in orders] == [
        ("sell", "buy", True),
        ("buy", "buy", False),
    ]


def test_one_way_fills_tell_their_own_side(desk: BitgetDesk) -> None:
    desk.account.trade(SWAP, 2, 60000)
    desk.account.trade(SWAP, -5, 61000)

    assert [(fill["side"], fill["tradeSide"], fill["posMode"]) for fill in raw(desk, SWAP)] == [
        ("buy", "buy_single", "one_way_mode"),
        ("sell", "sell_single", "one_way_mode"),
    ]
    (position,) = desk.ccxt.fetch_positions()
    assert (position["side"], position["contracts"], position["entryPrice"]) == ("short", "3", "61000")


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (Kind.LIQUIDATION, "burst_close_long"),
        (Kind.DELEVERAGING, "dte_sys_adl_close_long"),
        (Kind.DELIVERY, "delivery_close_long"),
    ],
)
def test_a_forced_close_says_so(hedged: BitgetDesk, kind: Kind, told: str) -> None:
    hedged.account.trade(SWAP, 2, 60000, leg=Leg.LONG)
    hedged.account.trade(SWAP, -2, 50000, leg=Leg.LONG, kind=kind)

    assert raw(hedged, SWAP)[-1]["tradeSide"] == told
    assert hedged.ccxt.fetch_positions() == []


def test_a_liquidation_is_booked_with_its_loss(hedged: BitgetDesk) -> None:
    hedged.account.trade(SWAP, "0.2", 60000, leg=Leg.LONG, fee=0)
    hedged.account.liquidate(SWAP, 50000, Leg.LONG)

    entries = hedged.ccxt.fetch_ledger(params={"type": "swap", "productType": USDT_FUTURES})
    last = max(entries, key=lambda entry: int(entry["id"]))
    assert (last["info"]["businessType"], last["info"]["amount"]) == ("burst_long_loss_query", "-2000")


@pytest.mark.parametrize(
    ("fee", "asset", "deduction", "wire"),
    [("0.02", "USDT", "no", "-0.02"), ("0.02", "BGB", "yes", "0.02"), ("-0.02", "USDT", "no", "0.02")],
)
@pytest.mark.parametrize("symbol", ["BTC/USDT", SWAP])
def test_the_sign_of_a_fee_is_the_venues_own(
    desk: BitgetDesk, symbol: str, fee: str, asset: str, deduction: str, wire: str
) -> None:
    desk.account.trade(symbol, -1, 60000, fee=fee, fee_asset=asset)

    (fill,) = raw(desk, symbol)
    detail = fill["feeDetail"][0] if symbol == SWAP else fill["feeDetail"]
    assert (detail["deduction"], detail["totalFee"], detail["feeCoin"]) == (deduction, wire, asset)


def test_fills_come_newest_first_a_hundred_at_most(desk: BitgetDesk) -> None:
    made = trade(desk, 120)
    request = {"symbol": "BTCUSDT", "limit": "500"}
    first = [row["tradeId"] for row in desk.ccxt.privateSpotGetV2SpotTradeFills(request)["data"]]
    rest = desk.ccxt.privateSpotGetV2SpotTradeFills(request | {"idLessThan": first[-1]})["data"]

    assert first == made[:19:-1]
    assert [row["tradeId"] for row in rest] == made[19::-1]


@pytest.mark.parametrize("symbol", ["BTC/USDT", SWAP])
def test_fills_of_one_millisecond_are_parted_by_a_page_and_none_is_lost(desk: BitgetDesk, symbol: str) -> None:
    made = trade(desk, 250, symbol, timedelta(0))
    seen: list[str] = []
    parameters: dict[str, str] = {}
    while page := desk.ccxt.fetch_my_trades(symbol, params=parameters):
        seen += [row["id"] for row in page]
        parameters = {"idLessThan": min((row["id"] for row in page), key=int)}

    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize("symbol", ["BTC/USDT", SWAP])
def test_paging_by_ccxt_itself_stops_after_one_page(desk: BitgetDesk, symbol: str) -> None:
    trade(desk, 250, symbol)

    assert len(desk.ccxt.fetch_my_trades(symbol, params={"paginate": True})) == 100


def test_since_gets_the_newest_of_the_window_not_the_oldest(desk: BitgetDesk) -> None:
    made = trade(desk, 150)
    since = milliseconds(desk.clock.now() - timedelta(days=1))

    assert [row["id"] for row in desk.ccxt.fetch_my_trades("BTC/USDT", since)] == made[50:]


@pytest.mark.parametrize(
    ("symbol", "since", "until"), [(SWAP, 8, 0), ("BTC/USDT", 91, 0), (SWAP, 100, 95), ("BTC/USDT", 1, 2)]
)
def test_a_window_that_is_too_long_too_old_or_backwards_is_refused(
    desk: BitgetDesk, symbol: str, since: int, until: int
) -> None:
    now = desk.clock.now()
    start, end = (milliseconds(now - timedelta(days=days)) for days in (since, until))

    with pytest.raises(ccxt.ExchangeError):
        desk.ccxt.fetch_my_trades(symbol, start, params={"until": end})


def test_a_window_that_is_left_open_is_the_longest_one(desk: BitgetDesk) -> None:
    desk.account.trade(SWAP, 1, 100, at=desk.clock.now() - timedelta(days=8))
    recent = desk.account.trade(SWAP, 1, 100)

    assert [row["id"] for row in desk.ccxt.fetch_my_trades(SWAP)] == [recent.trade_id]


def test_orders_are_open_or_past(desk: BitgetDesk) -> None:
    for symbol in ("BTC/USDT", SWAP):
        opened = desk.account.order(symbol, "0.1", 50000, client_id=f"bot1-{symbol}")
        desk.account.trade(symbol, "0.04", 50000, order_id=opened.order_id, maker=True)
        gone = desk.account.order(symbol, "-0.1", 70000)
        desk.account.cancel(gone.order_id)

        (still,) = desk.ccxt.fetch_open_orders(symbol)
        assert (still["clientOrderId"], still["status"], still["filled"], still["price"], still["average"]) == (
            f"bot1-{symbol}",
            "open",
            "0.04",
            "50000",
            "50000",
        )
        past = desk.ccxt.fetch_canceled_and_closed_orders(symbol)
        assert [(order["id"], order["status"]) for order in past] == [(gone.order_id, "canceled")]


def test_a_market_order_to_buy_tells_money_as_its_size(desk: BitgetDesk) -> None:
    desk.account.trade("BTC/USDT", "0.1", 60000)

    (order,) = desk.ccxt.fetch_closed_orders("BTC/USDT")
    assert (order["info"]["size"], order["amount"], order["fee"]) == (
        "6000",
        "0.1",
        {"cost": "0.0001", "currency": "BTC"},
    )


def test_funding_is_told_by_contract_and_in_the_ledger(desk: BitgetDesk) -> None:
    desk.account.fund(SWAP, "-0.25")
    desk.account.fund("ETH/USDT:USDT", 1)

    (paid,) = desk.ccxt.fetch_funding_history(SWAP)
    assert (paid["amount"], paid["code"]) == ("-0.25", "USDT")
    entries = desk.ccxt.fetch_ledger(params={"type": "swap", "productType": USDT_FUTURES})
    assert {entry["info"]["businessType"] for entry in entries} == {"contract_settle_fee"}


def test_transfers_stand_in_both_ledgers_and_in_their_own_list(desk: BitgetDesk) -> None:
    desk.account.deposit("USDT", 100)
    desk.account.transfer("USDT", 40, "spot", USDT_FUTURES)

    spot = {entry["info"]["businessType"] for entry in desk.ccxt.fetch_ledger()}
    swap = [
        entry["info"]["businessType"]
        for entry in desk.ccxt.fetch_ledger(params={"type": "swap", "productType": USDT_FUTURES})
    ]
    (moved,) = desk.ccxt.fetch_transfers("USDT")
    assert (spot, swap) == ({"deposit", "transfer_out"}, ["trans_from_exchange"])
    assert (moved["amount"], moved["fromAccount"], moved["toAccount"]) == ("40", "spot", "swap")


def test_inverse_contracts_gain_in_their_coin(desk: BitgetDesk) -> None:
    desk.account.deposit("BTC", 1, COIN_FUTURES)
    desk.account.trade("BTC/USD:BTC", "0.5", 50000, fee=0)
    desk.account.trade("BTC/USD:BTC", "-0.5", 62500, fee=0)

    balance = desk.ccxt.fetch_balance({"type": "swap", "productType": COIN_FUTURES})
    assert Decimal(balance["BTC"]["total"]) == Decimal("1.1")


def test_demo_trading_is_accepted(desk: BitgetDesk) -> None:
    desk.account.deposit("USDT", 5)
    desk.ccxt.enable_demo_trading(enabled=True)

    assert desk.ccxt.fetch_balance()["total"] == {"USDT": "5"}


def test_lists_of_a_product_type_need_no_symbol(desk: BitgetDesk) -> None:
    for symbol in (SWAP, "ETH/USDT:USDT", "BTC/USDC:USDC"):
        desk.account.trade(symbol, 1, 100)
        desk.account.order(symbol, 1, 90)

    for product_type, symbols in ((USDT_FUTURES, {SWAP, "ETH/USDT:USDT"}), (USDC_FUTURES, {"BTC/USDC:USDC"})):
        parameters = {"type": "swap", "productType": product_type}
        closed = desk.ccxt.fetch_closed_orders(params=parameters)
        opened = desk.ccxt.fetch_open_orders(params=parameters)
        fills = desk.ccxt.privateMixGetV2MixOrderFillHistory({"productType": product_type})["data"]["fillList"]
        assert {order["symbol"] for order in closed} == {order["symbol"] for order in opened} == symbols
        assert len(fills) == len(symbols)


def test_orders_are_paged_by_their_identifier(desk: BitgetDesk) -> None:
    made = [desk.account.trade(SWAP, 1, 100).order_id for _ in range(130)]
    first = desk.ccxt.privateMixGetV2MixOrderOrdersHistory({"productType": USDT_FUTURES})["data"]
    request = {"productType": USDT_FUTURES, "idLessThan": first["endId"]}
    second = desk.ccxt.privateMixGetV2MixOrderOrdersHistory(request)["data"]

    told = [row["orderId"] for row in (*first["entrustedList"], *second["entrustedList"])]
    assert (len(first["entrustedList"]), told) == (100, made[::-1])


def test_a_list_without_rows_has_no_end(desk: BitgetDesk) -> None:
    request = {"productType": USDT_FUTURES}

    assert desk.ccxt.privateMixGetV2MixOrderFills(request)["data"] == {"fillList": [], "endId": None}
    assert desk.ccxt.privateMixGetV2MixOrderOrdersPending(request)["data"] == {"entrustedList": None, "endId": None}


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, "40019"),
        ({"productType": "UMCBL"}, "40017"),
        ({"productType": "USDT-FUTURES", "symbol": "DOGEUSDT"}, "40034"),
        ({"productType": "USDT-FUTURES", "startTime": "yesterday"}, "40017"),
        ({"productType": "USDT-FUTURES", "idLessThan": "-1"}, "40017"),
    ],
)
def test_a_parameter_that_is_not_right_is_named(desk: BitgetDesk, parameters: dict[str, str], code: str) -> None:
    with pytest.raises(ccxt.ExchangeError, match=code):
        desk.ccxt.privateMixGetV2MixOrderFills(parameters)


def test_one_trade_identifier_may_stand_in_two_markets(desk: BitgetDesk) -> None:
    for symbol in ("BTC/USDT", "ETH/USDT"):
        desk.account.trade(symbol, 1, 100, trade_id="1507843060531200005")

    told = [desk.ccxt.fetch_my_trades(symbol)[0]["id"] for symbol in ("BTC/USDT", "ETH/USDT")]
    assert told == ["1507843060531200005"] * 2
