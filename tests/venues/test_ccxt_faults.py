"""Whatever goes wrong on the way to an exchange has its reason, is never an empty book, and is over when it is over."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NoReturn

import pytest
import structlog

from recon_exporter.demo.exchange import Credentials, Fault
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.probe import ProbeStatus
from recon_exporter.domain.statement import Unavailable
from recon_exporter.venues.ccxt import venue as venue_module
from recon_exporter.venues.ccxt.rows import BadAnswer
from support.alpaca import OPEN
from support.ccxt import KEYS, PERPETUAL, QUICK, SERVERS, SPOT, Exchange, running_exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from recon_exporter.venues.ccxt import CcxtVenue

SINCE = OPEN - timedelta(hours=1)
IMPATIENT = replace(QUICK, answer=timedelta(seconds=0.5), deadline=timedelta(seconds=10))
FAULTS = {
    Fault.SLOW: Reason.DEADLINE_EXCEEDED,
    Fault.HANG: Reason.DEADLINE_EXCEEDED,
    Fault.RATE_LIMITED: Reason.RATE_LIMITED,
    Fault.UNAVAILABLE: Reason.VENUE_UNREACHABLE,
    Fault.HTML: Reason.SOURCE_MALFORMED,
    Fault.BLOCKED: Reason.VENUE_UNREACHABLE,
    Fault.TRUNCATED: Reason.SOURCE_MALFORMED,
    Fault.DROPPED: Reason.VENUE_UNREACHABLE,
    Fault.FROZEN: Reason.SOURCE_STALE,
    Fault.SKEWED: Reason.TIME_IN_FUTURE,
    Fault.UNKNOWN_KEY: Reason.CREDENTIALS_REFUSED,
    Fault.WRONG_PASSPHRASE: Reason.CREDENTIALS_REFUSED,
    Fault.WRONG_SIGNATURE: Reason.CREDENTIALS_REFUSED,
    Fault.FOREIGN_ADDRESS: Reason.CREDENTIALS_REFUSED,
    Fault.FORBIDDEN: Reason.CREDENTIALS_REFUSED,
    Fault.EMPTY: Reason.SOURCE_INCOMPLETE,
}
WORDS_OF_THEIR_OWN = {("bybit", Fault.BLOCKED): Reason.RATE_LIMITED}
"""Bybit answers 403 to an address that asks too often."""
READINGS: dict[str, Callable[[CcxtVenue], object]] = {
    "positions": lambda venue: venue.positions(OPEN),
    "balances": lambda venue: venue.balances(OPEN),
    "fills": lambda venue: venue.fills(SINCE, OPEN),
    "orders": lambda venue: venue.orders(SINCE),
    "activities": lambda venue: venue.activities(SINCE),
}
MAY_BE_EMPTY = {"orders", "activities"}
"""What explains a break and judges nothing: nobody orders or moves anything for days on end."""


@pytest.fixture(params=SERVERS)
def exchange(request: pytest.FixtureRequest) -> Iterator[Exchange]:
    for exchange in running_exchange(request.param):
        exchange.account.trade(PERPETUAL, "0.5", 50_000, at=OPEN - timedelta(minutes=30))
        exchange.account.trade(SPOT, "0.01", 50_000, at=OPEN - timedelta(minutes=20))
        exchange.server.exchange.price(PERPETUAL, 51_000)
        yield exchange


def reason(told: object) -> Reason | None:
    return told.reason if isinstance(told, Unavailable) else None


def begin(exchange: Exchange, fault: Fault) -> None:
    """Let it begin; what is frozen is five minutes old after that, and a clock that is ahead is so by as much."""
    span = timedelta(minutes=5) if fault is Fault.SKEWED else timedelta(seconds=30)
    exchange.server.fail(fault, span=span)
    if fault is Fault.FROZEN:
        exchange.clock.advance(timedelta(minutes=5))


def test_every_fault_has_its_row() -> None:
    assert FAULTS.keys() | {Fault.ONE_PAGE} == set(Fault)


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_is_a_statement_and_each_is_over_when_it_ends(exchange: Exchange, fault: Fault) -> None:
    venue = exchange.venue(limits=IMPATIENT)
    sound = {name: reading(venue) for name, reading in READINGS.items()}
    begin(exchange, fault)
    told = {name: reason(reading(venue)) for name, reading in READINGS.items()}
    exchange.server.recover()
    again = {name: reason(reading(venue)) for name, reading in READINGS.items()}

    assert {name: reason(statement) for name, statement in sound.items()} == dict.fromkeys(READINGS)
    known_empty = MAY_BE_EMPTY if fault is Fault.EMPTY else set()
    skew_refused = {Reason.SOURCE_UNREADABLE} if fault in {Fault.SKEWED, Fault.FROZEN} else set()
    for name, found in told.items():
        expected = WORDS_OF_THEIR_OWN.get((exchange.name, fault), FAULTS[fault])
        assert found in {expected} | skew_refused or name in known_empty, name
    assert again == dict.fromkeys(READINGS)


@pytest.mark.parametrize("fault", FAULTS)
def test_an_account_that_begins_in_a_fault_recovers_from_it(exchange: Exchange, fault: Fault) -> None:
    venue = exchange.venue(limits=IMPATIENT)
    begin(exchange, fault)
    probe = venue.probe(OPEN, "BTC-USDT")
    exchange.server.recover()

    assert probe.status is ProbeStatus.FETCH_FAILED
    assert (probe.balances, probe.positions) == (None, None)
    assert venue.probe(exchange.clock.now(), "BTC-USDT").status is ProbeStatus.OK


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.DROPPED, Fault.HTML, Fault.TRUNCATED, Fault.HANG])
def test_what_passes_is_tried_again(exchange: Exchange, fault: Fault) -> None:
    venue = exchange.venue(limits=IMPATIENT)
    exchange.server.fail(fault, times=1)

    assert reason(venue.balances(OPEN)) is None


@pytest.mark.parametrize("fault", [Fault.UNKNOWN_KEY, Fault.FORBIDDEN, Fault.FOREIGN_ADDRESS])
def test_what_does_not_pass_is_not_tried_again(exchange: Exchange, fault: Fault) -> None:
    venue = exchange.venue(limits=IMPATIENT)
    venue.balances(OPEN)
    before = exchange.meter.requests.total()
    exchange.server.fail(fault)
    venue.balances(OPEN)

    assert exchange.meter.requests.total() == before + 1


def test_a_wait_that_the_exchange_wants_is_kept_unless_it_passes_the_deadline() -> None:
    for exchange in running_exchange("binance"):
        exchange.server.fail(Fault.RATE_LIMITED, times=1)

        assert reason(exchange.venue(limits=IMPATIENT).balances(OPEN)) is Reason.RATE_LIMITED
        assert exchange.meter.failures == {("binance", "rate_limit"): 1}


def test_attempts_are_bounded_and_failures_counted_by_their_class(exchange: Exchange) -> None:
    venue = exchange.venue(limits=replace(IMPATIENT, attempts=3))
    venue.balances(OPEN)
    exchange.meter.failures.clear()
    exchange.server.fail(Fault.UNAVAILABLE)
    venue.balances(OPEN)

    assert exchange.meter.failures == {(exchange.name, "unavailable"): 3}


def test_the_deadline_is_for_the_whole_reading(exchange: Exchange) -> None:
    venue = exchange.venue(limits=replace(QUICK, deadline=timedelta(seconds=0.3), attempts=50))
    exchange.server.fail(Fault.HANG)
    begun = exchange.clock.monotonic()

    assert reason(venue.positions(OPEN)) is Reason.DEADLINE_EXCEEDED
    assert exchange.clock.monotonic() - begun < 3


def test_a_question_for_which_no_time_is_left_is_told_by_its_name(exchange: Exchange) -> None:
    exchange.venue().balances(OPEN)

    told = exchange.venue(limits=replace(QUICK, deadline=timedelta(microseconds=1))).balances(OPEN)

    assert isinstance(told, Unavailable)
    assert told.detail.startswith(f"no time was left to ask {exchange.name} for ")
    assert told.detail.count(exchange.name) == 1


def test_one_account_in_a_fault_leaves_the_others_alone(exchange: Exchange) -> None:
    other_keys = replace(KEYS, key="other-key")
    mode = {"unified": True} if exchange.name == "bybit" else {}
    other = exchange.server.exchange.open_account(other_keys, "bot2", **mode)
    other.deposit("USDT", 1, exchange.spot_wallet)
    exchange.server.fail(Fault.UNKNOWN_KEY, account="bot1")

    assert reason(exchange.venue(limits=IMPATIENT).balances(OPEN)) is Reason.CREDENTIALS_REFUSED
    assert reason(exchange.venue(limits=IMPATIENT, access=exchange.access(other_keys)).balances(OPEN)) is None


@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - {Fault.SLOW}))
def test_no_secret_is_in_any_text(exchange: Exchange, fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    venue = exchange.venue(limits=IMPATIENT)
    begin(exchange, fault)
    with structlog.testing.capture_logs() as logged:
        told = [repr(reading(venue)) for reading in READINGS.values()]
        told += [repr(venue.probe(OPEN, "BTC-USDT")), repr(exchange.access())]

    text = "\n".join(
        [*told, repr(logged), *(record.getMessage() for record in caplog.records if "ccxt" in record.name)]
    )
    secrets = (KEYS.key, KEYS.secret, KEYS.passphrase, exchange.server.url, "signature=", "sign=")
    assert [secret for secret in secrets if secret in text] == []


LONG = Credentials("key-0f3a91", "s3cr3t/of+this=account-that-is-as-long-as-those-of-exchanges-are", "pass phrase+1")


@pytest.mark.parametrize("part", [LONG.key, LONG.secret, LONG.passphrase], ids=["key", "secret", "passphrase"])
def test_answer_that_repeats_a_part_of_the_key_is_told_without_it(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exchange that puts it in the place of a number is quoted in what is wrong with its answer."""

    def refuse(*_: object) -> NoReturn:
        raise BadAnswer("balances.USDT.total", part, "a number")

    monkeypatch.setattr(venue_module, "read_balances", refuse)
    for exchange in running_exchange("bitget", LONG):
        venue = exchange.venue(limits=IMPATIENT, access=exchange.access(LONG))
        told = repr((venue.balances(OPEN), venue.probe(OPEN, "BTC-USDT")))

        assert "expected a number" in told
        assert [piece for piece in (part, part[:10], part[-10:]) if piece in told] == []
