"""What goes wrong at the local Bybit, in Bybit's codes, and as what ccxt raises it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import ccxt
import pytest
import requests

from recon_exporter.demo.exchange import Credentials, Fault
from support.bybit import CREDENTIALS, BybitDesk, running_bybit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SPOT, PERPETUAL = "BTC/USDT", "BTC/USDT:USDT"
SECOND = timedelta(seconds=1)

READINGS: dict[str, Callable[[Any], object]] = {
    "balance": lambda asking: asking.fetch_balance(),
    "positions": lambda asking: asking.fetch_positions(),
    "trades": lambda asking: asking.fetch_my_trades(),
    "orders": lambda asking: asking.fetch_closed_orders(),
    "funding": lambda asking: asking.fetch_funding_history(PERPETUAL),
    "ledger": lambda asking: asking.fetch_ledger(),
}
RAISED = {
    Fault.UNKNOWN_KEY: (ccxt.AuthenticationError, "10003"),
    Fault.WRONG_SIGNATURE: (ccxt.AuthenticationError, "10004"),
    Fault.WRONG_PASSPHRASE: (ccxt.AuthenticationError, "33004.*expired"),
    Fault.FORBIDDEN: (ccxt.PermissionDenied, "10005"),
    Fault.FOREIGN_ADDRESS: (ccxt.PermissionDenied, "10010"),
    Fault.RATE_LIMITED: (ccxt.RateLimitExceeded, "10006"),
    Fault.UNAVAILABLE: (ccxt.ExchangeError, "10016"),
    Fault.BLOCKED: (ccxt.RateLimitExceeded, "403 Forbidden"),
    Fault.DROPPED: (ccxt.NetworkError, "GET http"),
}


@pytest.fixture
def desk() -> Iterator[BybitDesk]:
    for running in running_bybit():
        running.account.deposit("USDT", 100_000)
        running.account.trade(PERPETUAL, 1, 50_000)
        running.account.fund(PERPETUAL, "-0.5")
        running.ccxt.load_markets()
        running.ccxt.is_unified_enabled()
        yield running


@pytest.fixture(params=list(READINGS))
def read(request: pytest.FixtureRequest) -> Callable[[Any], object]:
    return READINGS[request.param]


@pytest.mark.parametrize("fault", list(RAISED))
def test_each_fault_reaches_the_reader_as_what_it_is(
    desk: BybitDesk, read: Callable[[Any], object], fault: Fault
) -> None:
    kind, words = RAISED[fault]
    desk.server.fail(fault)

    with pytest.raises(kind, match=words):
        read(desk.ccxt)
    desk.server.recover()
    assert read(desk.ccxt)


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.TRUNCATED])
def test_what_is_no_json_passes_ccxt_in_silence_and_a_position_reads_as_flat(desk: BybitDesk, fault: Fault) -> None:
    desk.server.fail(fault)

    assert desk.ccxt.fetch_positions() == []
    with pytest.raises(json.JSONDecodeError):
        json.loads(desk.ccxt.last_http_response)
    assert desk.ccxt.fetch_my_trades() == []
    assert isinstance(desk.ccxt.fetch_balance()["info"], str)


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.SLOW])
def test_an_answer_that_does_not_come_in_time_is_a_timeout(desk: BybitDesk, fault: Fault) -> None:
    desk.server.fail(fault, span=timedelta(seconds=30))
    desk.ccxt.timeout = 50

    with pytest.raises(ccxt.RequestTimeout):
        desk.ccxt.fetch_balance()


def test_empty_lists_look_like_an_account_without_anything(desk: BybitDesk) -> None:
    desk.server.fail(Fault.EMPTY)

    assert desk.ccxt.fetch_balance()["total"] == {}
    assert (desk.ccxt.fetch_positions(), desk.ccxt.fetch_my_trades()) == ([], [])


def test_a_frozen_answer_is_of_the_moment_it_began_and_its_time_too(desk: BybitDesk) -> None:
    began = desk.ccxt.fetch_time()
    desk.server.fail(Fault.FROZEN)
    desk.clock.advance(60 * SECOND)
    desk.account.trade(PERPETUAL, 1, 50_000)

    assert (desk.ccxt.fetch_time(), len(desk.ccxt.fetch_my_trades())) == (began, 1)
    assert desk.ccxt.fetch_balance()["timestamp"] == began
    desk.server.recover()
    assert len(desk.ccxt.fetch_my_trades()) == 2


@pytest.mark.parametrize("behind", [timedelta(seconds=5.001), timedelta(seconds=-1)])
def test_a_clock_that_is_off_is_refused(desk: BybitDesk, behind: timedelta) -> None:
    desk.server.fail(Fault.SKEWED, span=behind)

    with pytest.raises(ccxt.InvalidNonce, match=r"10002.*server_timestamp"):
        desk.ccxt.fetch_balance()


@pytest.mark.parametrize("behind", [timedelta(seconds=5), timedelta(seconds=-0.999)])
def test_a_clock_that_is_off_by_little_is_not(desk: BybitDesk, behind: timedelta) -> None:
    desk.server.fail(Fault.SKEWED, span=behind)

    assert desk.ccxt.fetch_balance()["total"]
    assert desk.ccxt.fetch_time() - desk.ccxt.milliseconds() == behind / timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("key", "words"),
    [(Credentials("nobodysKey", CREDENTIALS.secret), "10003"), (Credentials(CREDENTIALS.key, "other"), "10004")],
)
def test_key_and_signature_are_verified(desk: BybitDesk, key: Credentials, words: str) -> None:
    with pytest.raises(ccxt.AuthenticationError, match=words):
        desk.asking(key).fetch_balance()


def test_a_wrong_signature_is_answered_with_the_key(desk: BybitDesk) -> None:
    with pytest.raises(ccxt.AuthenticationError) as refused:
        desk.asking(Credentials(CREDENTIALS.key, "other")).fetch_balance()

    assert CREDENTIALS.key in str(refused.value)


def test_a_key_is_of_use_from_its_own_addresses_and_with_its_own_rights(desk: BybitDesk) -> None:
    elsewhere = Credentials("keyOfElsewhere", "secret", allowed_addresses=frozenset({"203.0.113.7"}))
    blind = Credentials("keyThatIsBlind", "secret", can_read=False)
    for key, code in ((elsewhere, "10010"), (blind, "10005")):
        desk.server.exchange.open_account(key)
        with pytest.raises(ccxt.PermissionDenied, match=code):
            desk.asking(key).fetch_balance()


def test_a_signature_is_of_the_very_query_that_came(desk: BybitDesk) -> None:
    signed = desk.ccxt.sign("v5/order/history", ["private"], "GET", {"category": "linear", "limit": 5})

    def code(url: str, **changed: str) -> int:
        return int(requests.get(url, headers=signed["headers"] | changed, timeout=5).json()["retCode"])

    assert code(signed["url"]) == 0
    assert code(signed["url"].replace("limit=5", "limit=6")) == 10004
    assert code(signed["url"], **{"X-BAPI-RECV-WINDOW": "6000"}) == 10004
    assert code(signed["url"], **{"X-BAPI-TIMESTAMP": "soon"}) == 10002


def test_without_a_key_private_paths_are_refused_and_unknown_ones_not_found(desk: BybitDesk) -> None:
    for path, expected in (("/v5/account/info", (200, 10001)), ("/v5/nothing", (404, 10017))):
        response = requests.get(desk.server.url + path, timeout=5)
        assert (response.status_code, response.json()["retCode"]) == expected


def test_every_private_answer_tells_what_is_left_of_the_second() -> None:
    for desk in running_bybit(visits=3):
        for left in ("2", "1", "0"):
            desk.ccxt.privateGetV5AccountInfo()
            headers = desk.ccxt.last_response_headers
            assert (headers["X-Bapi-Limit"], headers["X-Bapi-Limit-Status"]) == ("3", left)


def test_too_many_visits_are_refused_and_whoever_goes_on_is_banned() -> None:
    for desk in running_bybit(visits=2):
        ask = desk.ccxt.privateGetV5AccountInfo
        for _ in range(2):
            ask()
        for _ in range(5):
            with pytest.raises(ccxt.RateLimitExceeded, match="10006"):
                ask()
        with pytest.raises(ccxt.RateLimitExceeded, match="10018"):
            ask()
        desk.clock.advance(599 * SECOND)
        with pytest.raises(ccxt.RateLimitExceeded, match="10018"):
            ask()
        desk.clock.advance(SECOND)
        assert ask()


def test_a_fault_of_one_account_is_not_the_others(desk: BybitDesk) -> None:
    other = Credentials("anotherKey", "anotherSecret")
    desk.server.exchange.open_account(other, "bot2", unified=True).deposit("USDT", 5)
    desk.server.fail(Fault.RATE_LIMITED, account="bot1")

    with pytest.raises(ccxt.RateLimitExceeded):
        desk.ccxt.fetch_balance()
    assert desk.asking(other).fetch_balance()["USDT"]["total"] == "5"


@pytest.mark.parametrize("symbol", [SPOT, PERPETUAL])
def test_no_order_is_taken_and_every_attempt_is_remembered(desk: BybitDesk, symbol: str) -> None:
    with pytest.raises(ccxt.PermissionDenied, match="takes no orders"):
        desk.ccxt.create_order(symbol, "limit", "buy", 1, 50_000)
    with pytest.raises(ccxt.PermissionDenied, match="takes no orders"):
        desk.ccxt.cancel_order("1", symbol)

    assert [write.path for write in desk.server.journal.writes] == ["/v5/order/create", "/v5/order/cancel"]
    assert len(desk.ccxt.fetch_closed_orders()) == 1
