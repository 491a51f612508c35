"""What goes wrong at the local Binance, in Binance's words, and as what ccxt raises it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import ccxt
import pytest
import requests

from recon_exporter.demo.exchange import Credentials, Fault
from support.binance import CREDENTIALS, BinanceDesk, running_binance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SPOT, PERPETUAL = "BTC/USDT", "BTC/USDT:USDT"
SECOND = timedelta(seconds=1)

READINGS: dict[str, Callable[[Any], object]] = {
    "balance": lambda asking: asking.fetch_balance(),
    "margin": lambda asking: asking.fetch_balance({"type": "swap"}),
    "positions": lambda asking: asking.fetch_positions(),
    "trades": lambda asking: asking.fetch_my_trades(SPOT),
    "futures trades": lambda asking: asking.fetch_my_trades(PERPETUAL),
    "orders": lambda asking: asking.fetch_closed_orders(SPOT),
    "income": lambda asking: asking.fetch_funding_history(),
}
RAISED = {
    Fault.UNKNOWN_KEY: (ccxt.AuthenticationError, "-2015"),
    Fault.FOREIGN_ADDRESS: (ccxt.AuthenticationError, "-2015"),
    Fault.FORBIDDEN: (ccxt.AuthenticationError, "-2015"),
    Fault.WRONG_PASSPHRASE: (ccxt.AuthenticationError, "-2015"),
    Fault.WRONG_SIGNATURE: (ccxt.AuthenticationError, "-1022"),
    Fault.RATE_LIMITED: (ccxt.DDoSProtection, "-1003"),
    Fault.UNAVAILABLE: (ccxt.OperationFailed, "-1001"),
    Fault.BLOCKED: (ccxt.ExchangeNotAvailable, "Checking your browser"),
    Fault.DROPPED: (ccxt.NetworkError, "GET http"),
}


@pytest.fixture
def desk() -> Iterator[BinanceDesk]:
    for running in running_binance():
        running.account.deposit("USDT", 100_000)
        running.account.deposit("USDT", 100_000, "usdm")
        for symbol in (SPOT, PERPETUAL):
            running.account.trade(symbol, 1, 50_000)
        running.account.fund(PERPETUAL, "-0.5")
        running.ccxt.load_leverage_brackets()
        yield running


@pytest.fixture(params=list(READINGS))
def read(request: pytest.FixtureRequest) -> Callable[[Any], object]:
    return READINGS[request.param]


@pytest.mark.parametrize("fault", list(RAISED))
def test_each_fault_reaches_the_reader_as_what_it_is(
    desk: BinanceDesk, read: Callable[[Any], object], fault: Fault
) -> None:
    kind, words = RAISED[fault]
    desk.server.fail(fault)

    with pytest.raises(kind, match=words):
        read(desk.ccxt)
    desk.server.recover()
    assert read(desk.ccxt)


def test_after_one_success_a_refused_key_is_taken_for_too_many_requests(desk: BinanceDesk) -> None:
    desk.ccxt.fetch_balance()
    desk.server.fail(Fault.UNKNOWN_KEY)

    with pytest.raises(ccxt.DDoSProtection, match="-2015"):
        desk.ccxt.fetch_balance()


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.TRUNCATED])
def test_what_is_no_json_passes_ccxt_in_silence_and_a_position_reads_as_flat(desk: BinanceDesk, fault: Fault) -> None:
    desk.server.fail(fault)

    assert desk.ccxt.fetch_positions() == []
    with pytest.raises(json.JSONDecodeError):
        json.loads(desk.ccxt.last_http_response)
    assert isinstance(desk.ccxt.fetch_balance()["info"], str)
    assert isinstance(desk.ccxt.fetch_my_trades(SPOT)[0]["info"], str)


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.SLOW])
def test_an_answer_that_does_not_come_in_time_is_a_timeout(desk: BinanceDesk, fault: Fault) -> None:
    desk.server.fail(fault, span=timedelta(seconds=30))
    desk.ccxt.timeout = 50

    with pytest.raises(ccxt.RequestTimeout):
        desk.ccxt.fetch_balance()


def test_empty_lists_look_like_an_account_without_anything(desk: BinanceDesk) -> None:
    desk.server.fail(Fault.EMPTY)

    assert desk.ccxt.fetch_balance()["total"] == {}
    assert (desk.ccxt.fetch_positions(), desk.ccxt.fetch_my_trades(SPOT)) == ([], [])


def test_a_frozen_answer_is_of_the_moment_it_began_and_its_time_too(desk: BinanceDesk) -> None:
    began = desk.ccxt.fetch_time()
    desk.server.fail(Fault.FROZEN)
    desk.clock.advance(60 * SECOND)
    desk.account.trade(SPOT, 1, 50_000)

    assert (desk.ccxt.fetch_time(), len(desk.ccxt.fetch_my_trades(SPOT))) == (began, 1)
    desk.server.recover()
    assert len(desk.ccxt.fetch_my_trades(SPOT)) == 2


@pytest.mark.parametrize(
    ("behind", "words"),
    [(timedelta(seconds=10.001), "outside of the recvWindow"), (timedelta(seconds=-1), "1000ms ahead")],
)
def test_a_clock_that_is_off_is_refused(desk: BinanceDesk, behind: timedelta, words: str) -> None:
    desk.server.fail(Fault.SKEWED, span=behind)

    with pytest.raises(ccxt.InvalidNonce, match=f"-1021.*{words}"):
        desk.ccxt.fetch_balance()


@pytest.mark.parametrize("behind", [timedelta(seconds=10), timedelta(seconds=-0.999)])
def test_a_clock_that_is_off_by_little_is_not(desk: BinanceDesk, behind: timedelta) -> None:
    desk.server.fail(Fault.SKEWED, span=behind)

    assert desk.ccxt.fetch_balance()["total"]
    skew = desk.ccxt.fetch_time() - desk.ccxt.milliseconds()
    assert skew == behind / timedelta(milliseconds=1)


def test_a_request_may_not_want_to_be_good_for_more_than_a_minute(desk: BinanceDesk) -> None:
    desk.ccxt.options["recvWindow"] = 60_001

    with pytest.raises(ccxt.BaseError, match="-1131"):
        desk.ccxt.fetch_balance()


@pytest.mark.parametrize(
    ("key", "words"),
    [(Credentials("nobodysKey", CREDENTIALS.secret), "-2015"), (Credentials(CREDENTIALS.key, "other"), "-1022")],
)
def test_key_and_signature_are_verified(desk: BinanceDesk, key: Credentials, words: str) -> None:
    with pytest.raises(ccxt.AuthenticationError, match=words):
        desk.asking(key).fetch_balance()


def test_a_key_is_of_use_from_its_own_addresses_and_with_its_own_rights(desk: BinanceDesk) -> None:
    elsewhere = Credentials("keyOfElsewhere", "secret", allowed_addresses=frozenset({"203.0.113.7"}))
    blind = Credentials("keyThatIsBlind", "secret", can_read=False)
    for key in (elsewhere, blind):
        desk.server.exchange.open_account(key)
        with pytest.raises(ccxt.AuthenticationError, match="-2015"):
            desk.asking(key).fetch_balance()


def test_a_signature_is_of_the_very_query_that_came(desk: BinanceDesk) -> None:
    signed = desk.ccxt.sign("myTrades", ["private"], "GET", {"symbol": "BTCUSDT"})

    def status(url: str) -> tuple[int, int | None]:
        response = requests.get(url, headers=signed["headers"], timeout=5)
        document = response.json()
        return response.status_code, document["code"] if isinstance(document, dict) else None

    assert status(signed["url"]) == (200, None)
    assert status(signed["url"].replace("BTCUSDT", "ETHUSDT")) == (400, -1022)
    assert status(signed["url"].partition("&signature=")[0]) == (400, -1102)


def test_without_a_key_private_paths_are_refused_and_unknown_ones_not_found(desk: BinanceDesk) -> None:
    for path, expected in (("/api/v3/account", (401, -2014)), ("/api/v3/nothing", (404, -5000))):
        response = requests.get(desk.server.url + path, timeout=5)
        assert (response.status_code, response.json()["code"]) == expected


def test_every_answer_to_a_key_tells_the_weight_it_has_used_this_minute(desk: BinanceDesk) -> None:
    def used() -> int:
        desk.ccxt.privateGetMyTrades({"symbol": "BTCUSDT"})
        return int(desk.ccxt.last_response_headers["X-Mbx-Used-Weight-1m"])

    first = used()
    assert used() == first + 20
    desk.clock.advance(60 * SECOND)
    assert used() == 20


def test_too_much_weight_is_refused_and_whoever_goes_on_is_banned() -> None:
    for desk in running_binance(weight_limit=100):
        desk.clock.advance(60 * SECOND)
        for _ in range(5):
            desk.ccxt.fetch_balance()
        for _ in range(5):
            with pytest.raises(ccxt.DDoSProtection, match=r"429.*-1003.*Too much request weight"):
                desk.ccxt.fetch_balance()
        assert desk.ccxt.last_response_headers["Retry-After"] == "60"
        with pytest.raises(ccxt.DDoSProtection, match=r"418.*-1003.*banned until"):
            desk.ccxt.fetch_balance()
        desk.clock.advance(119 * SECOND)
        with pytest.raises(ccxt.DDoSProtection, match="418"):
            desk.ccxt.fetch_balance()
        desk.clock.advance(SECOND)
        assert desk.ccxt.fetch_balance()


def test_a_fault_of_one_account_is_not_the_others(desk: BinanceDesk) -> None:
    other = Credentials("anotherKey", "anotherSecret")
    desk.server.exchange.open_account(other, "bot2").deposit("USDT", 5)
    desk.server.fail(Fault.RATE_LIMITED, account="bot1")

    with pytest.raises(ccxt.DDoSProtection):
        desk.ccxt.fetch_balance()
    assert desk.asking(other).fetch_balance()["USDT"]["total"] == "5"


@pytest.mark.parametrize("symbol", [SPOT, PERPETUAL])
def test_no_order_is_taken_and_every_attempt_is_remembered(desk: BinanceDesk, symbol: str) -> None:
    with pytest.raises(ccxt.AuthenticationError, match="takes no orders"):
        desk.ccxt.create_order(symbol, "limit", "buy", 1, 50_000)
    with pytest.raises(ccxt.AuthenticationError, match="takes no orders"):
        desk.ccxt.cancel_order("1", symbol)

    assert [write.method for write in desk.server.journal.writes] == ["POST", "DELETE"]
    assert len(desk.ccxt.fetch_orders(symbol)) == 1
