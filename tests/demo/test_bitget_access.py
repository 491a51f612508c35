"""Who may ask the local Bitget, how it refuses, and what ccxt makes of each of its faults."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import ccxt
import pytest
import requests

from recon_exporter.demo.bitget_server import bitget_server
from recon_exporter.demo.exchange import Credentials, Fault, Limit
from support.alpaca import OPEN, StandingClock
from support.bitget import CREDENTIALS, BitgetDesk, running_bitget
from support.exchanges import ccxt_at, on_time

if TYPE_CHECKING:
    from collections.abc import Iterator

ASSETS = "/api/v2/spot/account/assets"
SECOND = timedelta(seconds=1)


@pytest.fixture
def desk() -> Iterator[BitgetDesk]:
    for desk in running_bitget():
        desk.account.deposit("USDT", 100)
        desk.ccxt.load_markets()
        yield desk


@pytest.mark.parametrize(("field", "code"), [("key", "40037"), ("secret", "40009"), ("passphrase", "40012")])
def test_key_secret_and_passphrase_must_be_of_one_account(desk: BitgetDesk, field: str, code: str) -> None:
    changed: dict[str, Any] = {field: "other"}
    wrong = replace(CREDENTIALS, **changed)

    with pytest.raises(ccxt.AuthenticationError, match=code):
        ccxt_at("bitget", desk.server, wrong, uta=False).privateSpotGetV2SpotAccountAssets()


@pytest.mark.parametrize("ahead", [31, -31])
def test_a_request_of_another_time_is_refused(desk: BitgetDesk, ahead: int) -> None:
    desk.ccxt.options["timeDifference"] -= ahead * 1000

    with pytest.raises(ccxt.InvalidNonce, match="40008"):
        desk.ccxt.fetch_balance()


def test_thirty_seconds_are_within_the_window(desk: BitgetDesk) -> None:
    desk.ccxt.options["timeDifference"] += 28_000

    assert desk.ccxt.fetch_balance()["total"] == {"USDT": "100"}


def test_without_a_key_nothing_private_is_told(desk: BitgetDesk) -> None:
    response = requests.get(desk.server.url + ASSETS, timeout=5)

    assert (response.status_code, response.json()["code"]) == (400, "40001")


def test_what_is_not_there_is_not_found(desk: BitgetDesk) -> None:
    assert requests.get(f"{desk.server.url}/api/v2/elsewhere", timeout=5).status_code == 404


def test_parameters_are_signed_as_they_are_meant(desk: BitgetDesk) -> None:
    data = desk.ccxt.privateSpotGetV2SpotAccountAssets({"coin": "USDT", "note": "a b+c/d=ü&e"})["data"]

    assert [row["coin"] for row in data] == ["USDT"]


@pytest.mark.parametrize(
    ("credentials", "told"),
    [
        (CREDENTIALS, ["readonly"]),
        (replace(CREDENTIALS, can_trade=True), ["readonly", "trade"]),
        (replace(CREDENTIALS, can_trade=True, can_withdraw=True), ["readonly", "trade", "withdraw"]),
    ],
)
def test_the_key_says_what_it_may(credentials: Credentials, told: list[str]) -> None:
    for desk in running_bitget(credentials):
        assert desk.ccxt.privateSpotGetV2SpotAccountInfo()["data"]["authorities"] == told


def test_a_key_that_may_not_read_is_refused() -> None:
    for desk in running_bitget(replace(CREDENTIALS, can_read=False)):
        with pytest.raises(ccxt.PermissionDenied, match="40014"):
            desk.ccxt.fetch_balance()


def test_a_key_is_tied_to_addresses() -> None:
    for desk in running_bitget(replace(CREDENTIALS, allowed_addresses=frozenset({"203.0.113.9"}))):
        with pytest.raises(ccxt.PermissionDenied, match="40018"):
            desk.ccxt.fetch_balance()


def test_an_order_is_refused_and_remembered(desk: BitgetDesk) -> None:
    with pytest.raises(ccxt.PermissionDenied, match="no order is taken here"):
        desk.ccxt.create_order("BTC/USDT", "limit", "buy", "0.1", "100")

    assert [asked.path for asked in desk.server.journal.writes] == ["/api/v2/spot/trade/place-order"]
    assert desk.account.book().orders == ()


def test_each_account_has_its_own_books_and_its_own_limit() -> None:
    clock = StandingClock(OPEN)
    other = Credentials("bg_other", "secret", "phrase")
    with bitget_server(clock, limit=Limit(2, timedelta(hours=1))) as server:
        server.exchange.open_account(CREDENTIALS, "bot1").deposit("USDT", 1)
        server.exchange.open_account(other, "bot2").deposit("USDT", 2)
        first, second = (ccxt_at("bitget", server, keys, uta=False) for keys in (CREDENTIALS, other))

        told = [asking.fetch_balance()["total"] for asking in (first, second, first)]
        assert told == [{"USDT": "1"}, {"USDT": "2"}, {"USDT": "1"}]
        with pytest.raises(ccxt.DDoSProtection, match="Too Many Requests"):
            first.fetch_balance()
        assert second.fetch_balance()["total"] == {"USDT": "2"}
        assert (server.journal.count("bot1", ASSETS), server.journal.count("bot2", ASSETS)) == (3, 2)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.RATE_LIMITED, ccxt.DDoSProtection),
        (Fault.UNAVAILABLE, ccxt.ExchangeNotAvailable),
        (Fault.BLOCKED, ccxt.ExchangeNotAvailable),
        (Fault.DROPPED, ccxt.NetworkError),
        (Fault.UNKNOWN_KEY, ccxt.AuthenticationError),
        (Fault.WRONG_PASSPHRASE, ccxt.AuthenticationError),
        (Fault.WRONG_SIGNATURE, ccxt.AuthenticationError),
        (Fault.FOREIGN_ADDRESS, ccxt.PermissionDenied),
        (Fault.FORBIDDEN, ccxt.PermissionDenied),
    ],
)
def test_a_fault_is_the_error_that_ccxt_makes_of_it_and_then_it_is_over(
    desk: BitgetDesk, fault: Fault, error: type[Exception]
) -> None:
    desk.server.fail(fault, ASSETS, times=1)

    with pytest.raises(error):
        desk.ccxt.fetch_balance()
    assert desk.ccxt.fetch_balance()["total"] == {"USDT": "100"}


@pytest.mark.parametrize("fault", [Fault.SLOW, Fault.HANG])
def test_an_answer_that_does_not_come_in_time_is_a_timeout(desk: BitgetDesk, fault: Fault) -> None:
    desk.ccxt.timeout = 200
    desk.server.fail(fault, ASSETS, span=timedelta(seconds=30))

    with pytest.raises(ccxt.RequestTimeout):
        desk.ccxt.fetch_balance()


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.TRUNCATED])
def test_what_is_no_json_is_an_empty_account_to_ccxt(desk: BitgetDesk, fault: Fault) -> None:
    desk.account.trade("BTC/USDT:USDT", 1, 100)
    desk.server.fail(fault)

    assert desk.ccxt.fetch_balance()["total"] == {}
    assert desk.ccxt.fetch_positions() == []
    assert desk.ccxt.fetch_my_trades("BTC/USDT:USDT") == []


def test_an_empty_list_looks_like_an_empty_account(desk: BitgetDesk) -> None:
    desk.server.fail(Fault.EMPTY, ASSETS)

    assert desk.ccxt.fetch_balance()["total"] == {}


def test_a_frozen_venue_answers_as_of_then(desk: BitgetDesk) -> None:
    before = desk.ccxt.fetch_time()
    desk.server.fail(Fault.FROZEN)
    desk.account.deposit("USDT", 1)
    desk.clock.advance(timedelta(hours=1))
    on_time(desk.ccxt, desk.server)

    assert desk.ccxt.fetch_balance()["total"] == {"USDT": "100"}
    assert desk.ccxt.fetch_time() == before
    desk.server.recover()
    assert desk.ccxt.fetch_balance()["total"] == {"USDT": "101"}


def test_a_skewed_clock_refuses_those_who_are_on_time(desk: BitgetDesk) -> None:
    right = desk.ccxt.fetch_time()
    desk.server.fail(Fault.SKEWED, span=timedelta(minutes=5))

    assert desk.ccxt.fetch_time() == right + 300_000
    with pytest.raises(ccxt.InvalidNonce):
        desk.ccxt.fetch_balance()


def test_one_page_is_all_there_seems_to_be(desk: BitgetDesk) -> None:
    made = [desk.account.trade("BTC/USDT", 1, 100).trade_id for _ in range(130)]
    desk.server.fail(Fault.ONE_PAGE, "/api/v2/spot/trade")

    page = desk.ccxt.fetch_my_trades("BTC/USDT")
    assert [row["id"] for row in page] == made[30:]
    assert desk.ccxt.fetch_my_trades("BTC/USDT", params={"idLessThan": made[30]}) == []
    assert desk.ccxt.fetch_my_trades("BTC/USDT", params={"idLessThan": made[40]}) != []


def test_a_fault_may_meet_one_account_alone(desk: BitgetDesk) -> None:
    other = Credentials("bg_other", "secret", "phrase")
    desk.server.exchange.open_account(other, "bot2")
    desk.server.fail(Fault.UNAVAILABLE, account="bot2")

    assert desk.ccxt.fetch_balance()["total"] == {"USDT": "100"}
    with pytest.raises(ccxt.ExchangeNotAvailable):
        ccxt_at("bitget", desk.server, other, uta=False).privateSpotGetV2SpotAccountAssets()
