"""What a script makes happen to an account at a local exchange: money, positions and orders move exactly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.demo.exchange import Account, Credentials, Exchange, Kind, Leg, listed
from recon_exporter.demo.exchange.records import Cause, Status
from support.parts import FixedClock

SWAP, INVERSE = "BTC/USDT:USDT", "BTC/USD:BTC"
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
MARKETS = (
    listed("BTC/USDT"),
    listed(SWAP, "usdm", contract_size=Decimal("0.01")),
    listed(INVERSE, "coinm", contract_size=Decimal(100), in_quote=True),
)
amounts = st.decimals("0.001", 1000, places=3)
signs = st.sampled_from([1, -1])


def opened(*, hedge: bool = False, unified: bool = False) -> Account:
    exchange = Exchange(FixedClock(START), MARKETS)
    return exchange.open_account(Credentials("key", "secret"), "bot1", hedge=hedge, unified=unified)


def money(account: Account) -> dict[tuple[str, str], Decimal]:
    return {(funds.wallet, funds.asset): funds.total for funds in account.book().funds}


def held(account: Account) -> dict[tuple[str, Leg], Decimal]:
    return {(position.market.symbol, position.leg): position.quantity for position in account.book().positions}


def test_spot_exchanges_both_coins_and_takes_the_fee_from_what_is_received() -> None:
    account = opened()
    account.trade("BTC/USDT", "0.1", 60000)
    account.trade("BTC/USDT", "-0.05", 60000)

    assert money(account) == {("spot", "BTC"): Decimal("0.0499"), ("spot", "USDT"): Decimal(-3003)}


def test_a_fee_in_a_third_coin_moves_that_coin() -> None:
    account = opened()
    made = account.trade("BTC/USDT", "0.1", 60000, fee="0.5", fee_asset="BNB")

    assert made.deducted
    assert money(account)["spot", "BNB"] == Decimal("-0.5")
    assert [booking.cause for booking in account.book().bookings] == [Cause.TRADE, Cause.TRADE, Cause.FEE]


def test_a_fee_in_a_third_coin_comes_from_the_wallet_that_the_market_names() -> None:
    exchange = Exchange(FixedClock(START), [listed(SWAP, "usdm", fee_wallet="spot")])
    account = exchange.open_account(Credentials("key", "secret"))
    account.trade(SWAP, 1, 100, fee=1, fee_asset="BNB")

    assert money(account) == {("usdm", "USDT"): 0, ("spot", "BNB"): -1}


def test_a_fee_in_a_third_coin_must_be_said() -> None:
    with pytest.raises(ValueError, match="fee in BNB"):
        opened().trade("BTC/USDT", "0.1", 60000, fee_asset="BNB")


def test_contracts_move_no_coins_but_gains() -> None:
    account = opened()
    account.trade(SWAP, 200, 50000, fee=0)
    account.trade(SWAP, -50, 52000, fee=1)

    assert money(account) == {("usdm", "USDT"): Decimal(999)}
    assert held(account) == {(SWAP, Leg.NET): Decimal(150)}


def test_turning_round_realises_what_was_and_begins_anew() -> None:
    account = opened()
    account.trade(SWAP, 100, 50000, fee=0)
    turned = account.trade(SWAP, -300, 51000, fee=0)

    (position,) = account.book().positions
    assert [turned.closed, turned.realised] == [100, 1000]
    assert [position.quantity, position.entry, position.realised] == [-200, 51000, 0]


def test_contracts_sized_in_quote_average_and_gain_by_their_coins() -> None:
    account = opened()
    account.trade(INVERSE, 10, 50000, fee=0)
    account.trade(INVERSE, 10, 25000, fee=0)
    (position,) = account.book().positions
    closed = account.trade(INVERSE, -20, 50000, fee=0)

    assert position.entry == Decimal("33333.333333333333")
    assert closed.realised.quantize(Decimal("1e-9")) == Decimal("0.02")
    assert closed.fee_asset == "BTC"


def test_legs_are_held_apart_and_never_turn() -> None:
    account = opened(hedge=True)
    account.trade(SWAP, 5, 100, leg=Leg.LONG)
    account.trade(SWAP, -3, 100, leg=Leg.SHORT)

    assert held(account) == {(SWAP, Leg.LONG): 5, (SWAP, Leg.SHORT): -3}
    with pytest.raises(ValueError, match="cannot move by -6"):
        account.trade(SWAP, -6, 100, leg=Leg.LONG)


@pytest.mark.parametrize(("hedge", "leg"), [(True, Leg.NET), (False, Leg.LONG)])
def test_the_mode_of_the_account_decides_whether_there_are_legs(*, hedge: bool, leg: Leg) -> None:
    with pytest.raises(ValueError, match="has no leg"):
        opened(hedge=hedge).trade(SWAP, 1, 100, leg=leg)


def test_what_could_not_happen_leaves_no_trace() -> None:
    account = opened(hedge=True)
    account.trade(SWAP, 5, 100, leg=Leg.LONG)
    before = account.book()

    with pytest.raises(ValueError, match="cannot move"):
        account.trade(SWAP, -6, 100, leg=Leg.LONG)
    assert account.book() == before


def test_a_liquidation_closes_by_an_order_of_the_venue() -> None:
    account = opened()
    account.trade(SWAP, 200, 50000, fee=0)
    forced = account.liquidate(SWAP, 40000, fee=7)

    assert (forced.kind, forced.side, forced.realised) == (Kind.LIQUIDATION, "sell", Decimal(-20000))
    assert forced.client_id.startswith("liquidation-")
    assert (held(account), money(account)) == ({}, {("usdm", "USDT"): Decimal(-20007)})


def test_an_order_fills_in_parts_and_holds_money_until_then() -> None:
    account = opened()
    account.deposit("USDT", 1000)
    order = account.order("BTC/USDT", "0.01", 50000, client_id="bot1-1")
    account.trade("BTC/USDT", "0.004", 49000, order_id=order.order_id)

    (funds, *_), (told,) = account.book().funds, account.book().orders
    assert [funds.total, funds.locked] == [804, 300]
    assert (told.status, told.filled, told.average) == (Status.PARTLY_FILLED, Decimal("0.004"), Decimal(49000))
    assert [made.client_id for made in account.book().executions] == ["bot1-1"]
    account.cancel(order.order_id)
    assert [funds.locked for funds in account.book().funds] == [0, 0]


def test_one_wallet_holds_it_all_where_the_account_is_unified() -> None:
    account = opened(unified=True)
    account.deposit("USDT", 10)
    account.deposit("USDT", 5, "funding")
    account.fund(SWAP, "-0.5")

    assert money(account) == {("unified", "USDT"): Decimal("9.5"), ("funding", "USDT"): 5}


def test_transfers_keep_the_sum() -> None:
    account = opened()
    account.deposit("USDT", 10)
    account.transfer("USDT", 4, "spot", "usdm")

    assert money(account) == {("spot", "USDT"): 6, ("usdm", "USDT"): 4}


def test_what_happened_earlier_stands_earlier_and_has_a_smaller_identifier() -> None:
    account = opened()
    late = account.trade("BTC/USDT", 1, 100)
    early = account.trade("BTC/USDT", 1, 100, at=START - timedelta(days=1))

    assert account.book().executions == (early, late)
    assert int(early.trade_id) < int(late.trade_id)


def test_a_script_may_name_every_identifier() -> None:
    account = opened()
    for symbol in ("BTC/USDT", SWAP):
        account.trade(symbol, 1, 100, trade_id="7", order_id=f"order-{symbol}", client_id="mine")

    told = [(made.trade_id, made.order_id, made.client_id) for made in account.book().executions]
    assert told == [("7", "order-BTC/USDT", "mine"), ("7", f"order-{SWAP}", "mine")]


def test_the_book_is_the_same_until_something_happens() -> None:
    account = opened()
    book = account.book()

    assert account.book() is book
    account.deposit("USDT", 1)
    assert account.book() is not book


def test_a_market_that_is_not_listed_is_named() -> None:
    with pytest.raises(KeyError, match="DOGE/USDT is not listed here"):
        opened().trade("DOGE/USDT", 1, 1)


@given(st.lists(st.tuples(amounts, signs, amounts), min_size=1, max_size=20))
def test_bookings_add_up_to_balances_and_positions_to_executions(trades: list[tuple[Decimal, int, Decimal]]) -> None:
    account = opened()
    for quantity, sign, price in trades:
        account.trade("BTC/USDT", quantity * sign, price)
        account.trade(SWAP, quantity * sign, price)

    book = account.book()
    for funds in book.funds:
        rows = [row for row in book.bookings if (row.wallet, row.asset) == (funds.wallet, funds.asset)]
        assert sum((row.amount - row.fee for row in rows), Decimal(0)) == funds.total == rows[-1].balance
    total = sum((quantity * sign for quantity, sign, _ in trades), Decimal(0))
    assert held(account).get((SWAP, Leg.NET), Decimal(0)) == total


@given(st.lists(st.tuples(amounts, signs), min_size=1, max_size=20), amounts)
def test_what_is_bought_and_sold_at_one_price_gains_nothing(trades: list[tuple[Decimal, int]], price: Decimal) -> None:
    account = opened()
    realised = [account.trade(SWAP, quantity * sign, price, fee=0).realised for quantity, sign in trades]

    assert set(realised) == {0}


def test_another_key_opens_the_same_account_with_its_own_rights() -> None:
    exchange = Exchange(FixedClock(START), MARKETS)
    account = exchange.open_account(Credentials("old", "secret"), "bot1")
    account.deposit("USDT", 100)
    before = account.book()

    exchange.replace_key("old", Credentials("new", "secret", can_trade=True))

    assert exchange.account("old") is None
    assert exchange.account("new") is account
    assert account.book().funds == before.funds
    assert (before.profile.can_trade, account.book().profile.can_trade) == (False, True)


def test_nobodys_key_cannot_be_replaced() -> None:
    with pytest.raises(KeyError, match="unknown"):
        Exchange(FixedClock(START), MARKETS).replace_key("unknown", Credentials("new", "secret"))
