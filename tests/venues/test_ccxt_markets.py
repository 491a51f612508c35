"""Markets are loaded once for all accounts at an exchange, anew every day, and a failing load costs nobody a cycle."""

from __future__ import annotations

import gc
import time
import tracemalloc
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import structlog

from recon_exporter.demo.exchange import Fault
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.statement import Unavailable
from recon_exporter.venues.ccxt import CcxtAccess, CcxtLimits, CcxtScope, CcxtVenue, Markets
from support.alpaca import OPEN, StandingClock
from support.ccxt import KEYS, QUICK, SERVERS, CountingMeter, Exchange, running_exchange

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = timedelta(days=1)
MEBIBYTE = 2**20


@pytest.fixture(params=SERVERS)
def exchange(request: pytest.FixtureRequest) -> Iterator[Exchange]:
    yield from running_exchange(request.param)


@pytest.fixture
def bitget() -> Iterator[Exchange]:
    yield from running_exchange("bitget")


class MovingClock(StandingClock):
    """Durations too stand still until a test moves them."""

    ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


def account(exchange: Exchange, markets: Markets, number: int) -> CcxtVenue:
    keys = replace(KEYS, key=f"key-{number}")
    mode = {"unified": True} if exchange.name == "bybit" else {}
    opened = exchange.server.exchange.open_account(keys, f"bot{number}", **mode)
    opened.deposit("USDT", 1, exchange.spot_wallet)
    scope = CcxtScope(("spot",), symbols=("BTC/USDT",))
    return CcxtVenue(f"bot{number}", exchange.access(keys), scope, exchange.clock, exchange.meter, markets, QUICK)


def test_a_second_account_asks_for_no_markets_and_shares_their_very_objects(exchange: Exchange) -> None:
    markets = exchange.markets()
    first, second = account(exchange, markets, 1), account(exchange, markets, 2)
    first.balances(OPEN)
    asked = exchange.meter.requests.total()
    first.balances(OPEN)
    alone = exchange.meter.requests.total() - asked
    second.balances(OPEN)

    assert exchange.meter.requests.total() - asked - alone <= alone + 3  # what kind of account it is, it asks itself
    ours, theirs = (venue._account._connection for venue in (first, second))
    assert ours is not None
    assert theirs is not None
    assert ours.exchange is not theirs.exchange
    assert ours.exchange.markets is theirs.exchange.markets
    assert ours.exchange.apiKey != theirs.exchange.apiKey
    assert ours.exchange.options is not theirs.exchange.options


def test_an_account_that_is_never_asked_costs_next_to_nothing() -> None:
    clock, meter = StandingClock(OPEN), CountingMeter()
    markets = Markets(clock, meter)
    gc.collect()
    tracemalloc.start()
    try:
        made = [
            CcxtVenue(f"bot{number}", CcxtAccess("bitget", "k", "s"), CcxtScope(), clock, meter, markets)
            for number in range(100)
        ]
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert size / len(made) < 16 * 1024


def test_a_further_account_takes_less_than_a_mebibyte(exchange: Exchange) -> None:
    markets = exchange.markets()
    accounts = [account(exchange, markets, number) for number in range(101)]
    accounts[0].balances(OPEN)
    gc.collect()
    tracemalloc.start()
    try:
        told = [venue.balances(OPEN) for venue in accounts[1:]]
        del told
        gc.collect()
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert size / 100 < MEBIBYTE / 4


def test_markets_of_another_place_are_others(bitget: Exchange) -> None:
    markets = bitget.markets()
    scope = CcxtScope()
    here = bitget.access()

    shared = markets.shared(here, scope)
    assert markets.shared(replace(here, api_key="other"), scope) is shared
    assert markets.shared(replace(here, sandbox=True), scope) is not shared
    assert markets.shared(replace(here, base_url="http://127.0.0.1:1"), scope) is not shared
    assert markets.shared(replace(here, exchange="okx"), scope) is not shared


def test_markets_are_loaded_anew_when_they_are_old(bitget: Exchange) -> None:
    clock = MovingClock(OPEN)
    markets = Markets(clock, bitget.meter, QUICK)
    shared = markets.shared(bitget.access(), CcxtScope())
    far = time.monotonic() + 10 * DAY.total_seconds()
    first = shared.current(far).markets

    assert shared.current(far).markets is first
    clock.ahead = DAY.total_seconds() + 1
    assert shared.current(far).markets is not first
    assert shared.generation == 2


def test_a_failing_load_keeps_the_old_markets_and_says_so(bitget: Exchange) -> None:
    clock = MovingClock(OPEN)
    markets = Markets(clock, bitget.meter, QUICK)
    scope = CcxtScope(("spot",), symbols=("BTC/USDT",))
    venue = CcxtVenue("bot1", bitget.access(), scope, clock, bitget.meter, markets, QUICK)
    assert not isinstance(venue.balances(OPEN), Unavailable)
    clock.ahead = DAY.total_seconds() + 1
    for path in ("/api/v2/spot/public", "/api/v2/mix/market", "/api/v3/market"):
        bitget.server.fail(Fault.UNAVAILABLE, path)

    with structlog.testing.capture_logs() as logged:
        assert not isinstance(venue.balances(OPEN), Unavailable)
    assert [(entry["event"], entry["kept"]) for entry in logged if entry["event"] == "markets not loaded"] == [
        ("markets not loaded", True)
    ]


def test_many_accounts_do_not_each_wait_for_a_load_that_fails(bitget: Exchange) -> None:
    markets = bitget.markets(again=timedelta(minutes=1))
    bitget.server.fail(Fault.UNAVAILABLE)
    told = [account(bitget, markets, number).balances(OPEN) for number in range(5)]

    assert [one.reason for one in told if isinstance(one, Unavailable)] == [Reason.VENUE_UNREACHABLE] * 5
    assert bitget.meter.requests.total() == QUICK.attempts


def test_an_exchange_that_lists_nothing_has_no_markets(bitget: Exchange) -> None:
    bitget.server.fail(Fault.EMPTY)
    told = bitget.venue().balances(OPEN)

    assert isinstance(told, Unavailable)
    assert told.reason is Reason.SOURCE_INCOMPLETE


def test_an_exchange_that_ccxt_does_not_know_is_named() -> None:
    clock, meter = StandingClock(OPEN), CountingMeter()
    limits = CcxtLimits()
    venue = CcxtVenue("bot1", CcxtAccess("bitgte", "k", "s"), CcxtScope(), clock, meter, Markets(clock, meter), limits)
    told = venue.balances(OPEN)

    assert isinstance(told, Unavailable)
    assert "bitgte" in told.detail
