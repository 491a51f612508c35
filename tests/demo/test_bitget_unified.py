"""Classic accounts and unified ones at the local Bitget: each kind has its own half of the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ccxt
import pytest

from recon_exporter.demo.bitget_server import USDT_FUTURES
from recon_exporter.demo.exchange import Fault, Leg
from support.bitget import BitgetDesk, running_bitget

if TYPE_CHECKING:
    from collections.abc import Iterator

SWAP = "BTC/USDT:USDT"


@pytest.fixture
def classic() -> Iterator[BitgetDesk]:
    yield from running_bitget()


@pytest.fixture
def unified() -> Iterator[BitgetDesk]:
    yield from running_bitget(unified=True, hedge=True)


def test_ccxt_finds_out_which_kind_an_account_is(classic: BitgetDesk, unified: BitgetDesk) -> None:
    for desk, is_unified in ((classic, False), (unified, True)):
        desk.ccxt.options["uta"] = None
        desk.ccxt.load_markets()

        assert desk.ccxt.options["uta"] is is_unified


def test_a_probe_that_fails_makes_a_unified_account_classic_for_ever(unified: BitgetDesk) -> None:
    unified.ccxt.options["uta"] = None
    unified.server.fail(Fault.UNAVAILABLE, "/api/v3/account/settings", times=1)
    unified.ccxt.load_markets()

    with pytest.raises(ccxt.PermissionDenied, match="40085"):
        unified.ccxt.fetch_balance()


def test_the_other_half_of_the_protocol_is_refused(classic: BitgetDesk, unified: BitgetDesk) -> None:
    with pytest.raises(ccxt.ExchangeError, match="40084"):
        classic.ccxt.privateUtaGetV3AccountSettings()
    with pytest.raises(ccxt.PermissionDenied, match="40085"):
        unified.ccxt.privateMixGetV2MixAccountAccounts({"productType": USDT_FUTURES})


def test_a_unified_wallet_holds_everything_but_funding(unified: BitgetDesk) -> None:
    unified.account.deposit("USDT", 1000)
    unified.account.deposit("BGB", 3, "funding")
    unified.account.trade(SWAP, "0.1", 60000, leg=Leg.LONG, fee=0)
    unified.server.exchange.price(SWAP, 59000)

    balance = unified.ccxt.fetch_balance()
    assert balance["total"] == {"USDT": "900"}
    assert balance["info"]["data"]["assets"][0]["balance"] == "1000"
    assert unified.ccxt.fetch_balance({"type": "funding"})["total"] == {"BGB": "3"}


def test_fills_of_a_unified_account_tell_the_economic_side(unified: BitgetDesk) -> None:
    unified.account.trade(SWAP, 1, 60000, leg=Leg.LONG)
    unified.account.trade(SWAP, -1, 61000, leg=Leg.LONG)

    rows = unified.ccxt.fetch_my_trades(SWAP)
    assert [(row["side"], row["info"]["tradeSide"], row["info"]["feeDetail"][0]["fee"]) for row in rows] == [
        ("buy", "open", "36"),
        ("sell", "close", "36.6"),
    ]


def test_positions_and_orders_of_a_unified_account_are_told_by_category(unified: BitgetDesk) -> None:
    unified.account.trade(SWAP, -2, 60000, leg=Leg.SHORT)
    unified.account.order("BTC/USDT", 1, 50000)

    (position,) = unified.ccxt.fetch_positions()
    assert (position["symbol"], position["side"], position["contracts"]) == (SWAP, "short", "2")
    assert [order["status"] for order in unified.ccxt.fetch_open_orders("BTC/USDT")] == ["open"]
    assert [order["status"] for order in unified.ccxt.fetch_closed_orders(SWAP)] == ["closed"]
    assert unified.ccxt.fetch_open_orders(SWAP) == []


def test_funding_of_a_unified_account_is_a_record(unified: BitgetDesk) -> None:
    unified.account.deposit("USDT", 5)
    unified.account.fund(SWAP, "-0.5")

    (paid,) = unified.ccxt.fetch_funding_history(SWAP)
    assert paid["amount"] == "-0.5"
    kinds = {entry["info"]["type"] for entry in unified.ccxt.fetch_ledger(params={"type": "swap"})}
    assert kinds == {"TRANSFER_IN", "CONTRACT_MAIN_SETTLE_FEE_USER_OUT"}


def test_pages_of_a_unified_account_follow_their_cursor(unified: BitgetDesk) -> None:
    made = [unified.account.trade("BTC/USDT", 1, 100).trade_id for _ in range(130)]
    first = unified.ccxt.privateUtaGetV3TradeFills({"category": "SPOT"})["data"]
    second = unified.ccxt.privateUtaGetV3TradeFills({"category": "SPOT", "cursor": first["cursor"]})["data"]

    assert [row["execId"] for row in (*first["list"], *second["list"])] == made[::-1]


def test_money_beside_the_unified_wallet_has_records_of_its_own(unified: BitgetDesk) -> None:
    unified.account.deposit("USDT", 9, "funding")
    unified.account.transfer("USDT", 4, "funding", "unified")

    told = {entry["info"]["type"] for entry in unified.ccxt.fetch_ledger(params={"type": "funding"})}
    assert told == {"deposit", "transfer_out"}
    assert unified.ccxt.fetch_balance()["total"] == {"USDT": "4"}


def test_paging_by_ccxt_itself_stops_after_one_page_here_too(unified: BitgetDesk) -> None:
    for _ in range(250):
        unified.account.trade("BTC/USDT", 1, 100)

    assert len(unified.ccxt.fetch_my_trades("BTC/USDT", params={"paginate": True})) == 100
