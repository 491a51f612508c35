"""Unmodified ccxt reads all of an account at the local Bybit."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import ccxt
import pytest

from recon_exporter.demo.exchange import Credentials, Kind, Leg, milliseconds
from support.bybit import BybitDesk, running_bybit

if TYPE_CHECKING:
    from collections.abc import Iterator

SPOT, PERPETUAL, INVERSE, USDC = "BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC", "BTC/USDC:USDC"
HOUR = timedelta(hours=1)
EVERY_KIND = {"execType": ""}


@pytest.fixture
def desk() -> Iterator[BybitDesk]:
    for running in running_bybit():
        running.account.deposit("USDT", 100_000)
        running.account.deposit("BTC", 1)
        yield running


@pytest.fixture
def hedged() -> Iterator[BybitDesk]:
    for running in running_bybit(hedge=True):
        running.account.deposit("USDT", 100_000)
        yield running


@pytest.fixture
def classic() -> Iterator[BybitDesk]:
    yield from running_bybit(unified=False)


def test_markets_are_loaded_with_and_without_a_key(desk: BybitDesk) -> None:
    with_key, without = desk.ccxt.load_markets(), desk.asking(None).load_markets()

    assert set(with_key) == set(without) == set(desk.server.exchange.snapshot().markets)
    assert (with_key[USDC]["id"], with_key[USDC]["linear"]) == ("BTCPERP", True)
    assert (with_key[INVERSE]["inverse"], with_key[INVERSE]["contractSize"]) == (True, "1")
    assert (with_key[SPOT]["precision"]["amount"], with_key[PERPETUAL]["precision"]["amount"]) == ("0.000001", "0.001")


def test_a_unified_account_has_one_wallet_whatever_is_asked(desk: BybitDesk) -> None:
    desk.account.order(SPOT, "0.1", 50_000)

    spot, swap = desk.ccxt.fetch_balance({"type": "spot"}), desk.ccxt.fetch_balance({"type": "swap"})

    assert spot["USDT"] == {"free": "95000", "used": "5000", "total": "100000", "debt": "0"}
    assert swap["total"] == spot["total"] == {"USDT": "100000", "BTC": "1"}


def test_the_wallet_is_without_what_a_position_would_gain_and_equity_with_it(desk: BybitDesk) -> None:
    desk.account.trade(PERPETUAL, 1, 50_000, fee=0)
    desk.server.exchange.price(PERPETUAL, 49_000)

    balance = desk.ccxt.fetch_balance()

    (usdt,) = [coin for coin in balance["info"]["result"]["list"][0]["coin"] if coin["coin"] == "USDT"]
    assert (balance["USDT"]["total"], usdt["equity"], usdt["unrealisedPnl"]) == ("100000", "99000", "-1000")


def test_a_classic_account_has_its_wallets_apart(classic: BybitDesk) -> None:
    classic.account.deposit("USDT", 100)
    classic.account.transfer("USDT", 40, "spot", "contract")
    classic.account.deposit("USDT", 7, "funding")

    balances = [classic.ccxt.fetch_balance({"type": kind}) for kind in ("spot", "swap", "funding")]

    assert [balance["USDT"]["total"] for balance in balances] == ["60", "40", "7"]
    with pytest.raises(ccxt.BadRequest, match=r"10001.*accountType"):
        classic.ccxt.privateGetV5AccountWalletBalance({"accountType": "UNIFIED"})


def test_positions_are_told_by_what_settles_them(desk: BybitDesk) -> None:
    desk.account.trade(PERPETUAL, "-0.5", 50_000)
    desk.account.trade(USDC, "0.1", 50_000)
    desk.account.trade(INVERSE, 1000, 50_000)
    desk.server.exchange.price(PERPETUAL, 49_900)

    (in_tether,) = desk.ccxt.fetch_positions()
    (in_usdc,) = desk.ccxt.fetch_positions(None, {"settleCoin": "USDC"})
    (inverse,) = desk.ccxt.fetch_positions(None, {"subType": "inverse"})

    told = {name: in_tether[name] for name in ("symbol", "side", "contracts", "unrealizedPnl", "entryPrice", "hedged")}
    assert told == {
        "symbol": PERPETUAL,
        "side": "short",
        "contracts": "0.5",
        "unrealizedPnl": "50",
        "entryPrice": "50000",
        "hedged": False,
    }
    assert (in_usdc["symbol"], in_usdc["contracts"]) == (USDC, "0.1")
    assert (inverse["symbol"], inverse["contracts"], inverse["notional"]) == (INVERSE, "1000", "0.02")


def test_a_linear_category_wants_more_than_its_name(desk: BybitDesk) -> None:
    with pytest.raises(ccxt.BadRequest, match=r"10001.*symbol or settleCoin"):
        desk.ccxt.privateGetV5PositionList({"category": "linear"})


def test_asked_by_symbol_there_is_a_row_of_nothing_where_nothing_is_held(desk: BybitDesk) -> None:
    (row,) = desk.ccxt.fetch_positions([PERPETUAL])

    assert (row["info"]["side"], row["side"], row["contracts"]) == ("", None, "0")


def test_in_hedge_mode_an_empty_leg_stands_beside_the_held_one(hedged: BybitDesk) -> None:
    hedged.account.trade(PERPETUAL, "-0.2", 50_000, leg=Leg.SHORT)

    rows = hedged.ccxt.fetch_positions([PERPETUAL])
    (held,) = hedged.ccxt.fetch_positions()

    assert {(row["info"]["positionIdx"], row["info"]["side"], row["contracts"]) for row in rows} == {
        (1, "", "0"),
        (2, "Sell", "0.2"),
    }
    assert (held["side"], held["hedged"], held["contracts"]) == ("short", True, "0.2")


def test_a_trade_is_told_by_its_category(desk: BybitDesk) -> None:
    spot = desk.account.trade(SPOT, "0.1", 50_000, maker=True, trade_id="2210000000097330907")
    linear = desk.account.trade(PERPETUAL, "-0.5", 50_000, fee="-0.5")
    desk.account.trade(INVERSE, 1000, 50_000)

    (bought,) = desk.ccxt.fetch_my_trades(SPOT)
    (sold,) = desk.ccxt.fetch_my_trades()
    (inverse,) = desk.ccxt.fetch_my_trades(INVERSE)

    assert (bought["id"], bought["order"], bought["takerOrMaker"]) == ("2210000000097330907", spot.order_id, "maker")
    assert (bought["fee"]["cost"], bought["fee"]["currency"]) == ("0.00005", "BTC")
    assert (sold["id"], sold["symbol"], sold["side"], sold["amount"]) == (linear.trade_id, PERPETUAL, "sell", "0.5")
    assert (sold["fee"]["cost"], sold["fee"]["currency"]) == ("-0.5", "USDT")
    assert (inverse["amount"], inverse["cost"], inverse["fee"]["currency"]) == ("1000", "0.02", "BTC")


def test_a_spot_fee_in_another_coin_is_told_where_ccxt_does_not_look(desk: BybitDesk) -> None:
    desk.account.deposit("MNT", 10)
    desk.account.trade(SPOT, "0.1", 50_000, fee="3.5", fee_asset="MNT")

    (trade,) = desk.ccxt.fetch_my_trades(SPOT)

    assert (trade["info"]["feeCurrency"], trade["fee"]["currency"], trade["fee"]["cost"]) == ("MNT", "BTC", "3.5")


def test_what_the_venue_did_is_hidden_unless_every_kind_is_asked_for(desk: BybitDesk) -> None:
    desk.account.trade(PERPETUAL, 3, 50_000)
    desk.account.fund(PERPETUAL, "-1.5")
    desk.account.trade(PERPETUAL, -1, 50_000, kind=Kind.DELEVERAGING)
    desk.account.trade(PERPETUAL, -1, 50_000, kind=Kind.DELIVERY)
    liquidated = desk.account.liquidate(PERPETUAL, 40_000)

    everything = desk.ccxt.fetch_my_trades(PERPETUAL, None, None, EVERY_KIND)
    (bust,) = desk.ccxt.fetch_my_trades(PERPETUAL, None, None, {"execType": "BustTrade"})

    assert len(desk.ccxt.fetch_my_trades(PERPETUAL)) == 1
    kinds = {trade["info"]["execType"] for trade in everything}
    assert (kinds, len(everything)) == ({"Trade", "Funding", "AdlTrade", "Delivery", "BustTrade"}, 5)
    assert (bust["id"], bust["info"]["orderLinkId"], bust["info"]["createType"]) == (
        liquidated.trade_id,
        "",
        "CreateByLiq",
    )


def test_an_inverse_contract_is_settled_and_not_delivered(desk: BybitDesk) -> None:
    desk.account.trade(INVERSE, 1000, 50_000)
    desk.account.trade(INVERSE, -1000, 51_000, kind=Kind.DELIVERY)

    assert len(desk.ccxt.fetch_my_trades(INVERSE, None, None, {"execType": "Settle"})) == 1


def test_funding_among_executions_is_no_trade_and_ccxt_tells_what_was_paid_as_positive(desk: BybitDesk) -> None:
    desk.account.trade(PERPETUAL, "-0.5", 50_000)
    desk.account.fund(PERPETUAL, "-1.5", at=desk.clock.now() + HOUR)
    desk.clock.advance(2 * HOUR)

    (funding,) = desk.ccxt.fetch_funding_history(PERPETUAL)
    latest = desk.ccxt.fetch_my_trades(None, None, None, EVERY_KIND)[-1]

    assert (funding["amount"], funding["symbol"], funding["code"]) == ("1.5", PERPETUAL, "USDT")
    assert (latest["info"]["execType"], latest["side"], latest["amount"]) == ("Funding", "sell", "0.5")


def test_orders_have_ended_or_wait(desk: BybitDesk) -> None:
    desk.account.trade(PERPETUAL, "0.5", 50_000, client_id="bot-1")
    partly = desk.account.order(PERPETUAL, "0.4", 40_000).order_id
    desk.account.trade(PERPETUAL, "0.1", 40_000, order_id=partly)
    gone = desk.account.order(PERPETUAL, "0.3", 30_000).order_id
    desk.account.cancel(gone)

    (closed,), (still_open,) = desk.ccxt.fetch_closed_orders(), desk.ccxt.fetch_open_orders()

    assert (closed["clientOrderId"], closed["filled"], closed["average"]) == ("bot-1", "0.5", "50000")
    assert (still_open["id"], still_open["filled"], still_open["remaining"]) == (partly, "0.1", "0.3")
    assert [order["id"] for order in desk.ccxt.fetch_canceled_orders()] == [gone]
    assert desk.ccxt.fetch_open_orders(None, None, None, {"settleCoin": "USDC"}) == []


def test_spot_orders_are_told_by_their_own_category(desk: BybitDesk) -> None:
    desk.account.trade(SPOT, "0.1", 50_000)
    desk.account.order("ETH/USDT", 1, 3_000)

    (closed,) = desk.ccxt.fetch_closed_orders(SPOT)
    (waiting,) = desk.ccxt.fetch_open_orders(None, None, None, {"type": "spot"})

    assert (closed["symbol"], closed["amount"], closed["fee"]) == (SPOT, "0.1", {"cost": "0.0001", "currency": "BTC"})
    assert (waiting["symbol"], waiting["price"]) == ("ETH/USDT", "3000")


def test_the_log_of_a_unified_account_tells_every_movement(desk: BybitDesk) -> None:
    desk.account.trade(PERPETUAL, "0.5", 50_000, fee=2)
    desk.account.fund(PERPETUAL, "-1.5")
    desk.account.trade(PERPETUAL, "-0.5", 50_100, fee=2)

    ledger = desk.ccxt.fetch_ledger("USDT")

    assert [(row["info"]["type"], row["info"]["change"]) for row in ledger] == [
        ("TRADE", "48"),
        ("SETTLEMENT", "-1.5"),
        ("TRADE", "-2"),
        ("TRANSFER_IN", "100000"),
    ]
    assert ledger[0]["after"] == "100044.5"


def test_a_classic_account_has_no_such_log(classic: BybitDesk) -> None:
    with pytest.raises(ccxt.PermissionDenied, match="10005"):
        classic.ccxt.privateGetV5AccountTransactionLog()


def test_money_that_comes_goes_and_moves_is_told(classic: BybitDesk) -> None:
    classic.account.deposit("USDT", 100)
    classic.account.deposit("USDT", -10)
    classic.account.transfer("USDT", 40, "spot", "contract")

    (came,), (went,), (moved,) = (
        classic.ccxt.fetch_deposits(),
        classic.ccxt.fetch_withdrawals(),
        classic.ccxt.fetch_transfers(),
    )

    assert (came["amount"], came["status"]) == ("100", "ok")
    assert (went["amount"], went["status"]) == ("10", "ok")
    assert (moved["amount"], moved["fromAccount"], moved["toAccount"]) == ("40", "spot", "contract")


def test_prices_are_told_of_one_market_and_of_all(desk: BybitDesk) -> None:
    desk.server.exchange.price(SPOT, "50000.5")
    desk.server.exchange.price(PERPETUAL, 50_100)

    assert desk.ccxt.fetch_ticker(SPOT)["last"] == "50000.5"
    assert set(desk.ccxt.fetch_tickers()) == {PERPETUAL}
    assert desk.ccxt.fetch_ticker(PERPETUAL)["markPrice"] == "50100"


def test_the_time_is_the_servers_and_all_is_well(desk: BybitDesk) -> None:
    assert desk.ccxt.fetch_time() == milliseconds(desk.clock.now())
    assert desk.ccxt.fetch_status()["status"] == "ok"


@pytest.mark.parametrize(
    ("trade", "withdraw", "read_only", "wallet"),
    [
        (False, False, 1, ["AccountTransfer"]),
        (True, False, 0, ["AccountTransfer"]),
        (True, True, 0, ["AccountTransfer", "Withdraw"]),
    ],
)
def test_a_key_tells_what_it_may(
    desk: BybitDesk,
    trade: bool,  # noqa: FBT001
    withdraw: bool,  # noqa: FBT001
    read_only: int,
    wallet: list[str],
) -> None:
    key = Credentials("anotherKey", "anotherSecret", can_trade=trade, can_withdraw=withdraw)
    desk.server.exchange.open_account(key, unified=True)

    told = desk.asking(key).privateGetV5UserQueryApi()["result"]

    assert (told["readOnly"], told["permissions"]["Wallet"], told["uta"]) == (read_only, wallet, 1)
    assert told["permissions"]["ContractTrade"] == ["Order", "Position"], "one for reading has its categories too"


def test_each_account_has_its_own_books(desk: BybitDesk) -> None:
    other = Credentials("anotherKey", "anotherSecret")
    desk.server.exchange.open_account(other, unified=True).deposit("USDT", 5)

    assert desk.asking(other).fetch_balance()["total"] == {"USDT": "5"}
