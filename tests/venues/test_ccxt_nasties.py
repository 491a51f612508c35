"""The twelve ways to be misled about an exchange and a bot's books, as far as they begin at the exchange."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter.demo.exchange import Fault, Leg
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import ActivityKind, Fee, FillKind
from recon_exporter.domain.statement import Unavailable
from recon_exporter.venues.ccxt import CcxtScope
from support.alpaca import OPEN
from support.ccxt import PERPETUAL, QUICK, SERVERS, SPOT, Exchange, running_exchange

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=SERVERS)
def exchange(request: pytest.FixtureRequest) -> Iterator[Exchange]:
    yield from running_exchange(request.param)


def told(statement: object) -> object:
    assert not isinstance(statement, Unavailable), statement
    return statement


def test_nasty_1_truncated_newest_first_pages_make_no_fill_missing(exchange: Exchange) -> None:
    for number in range(1100):
        exchange.account.trade(PERPETUAL, "0.001", 50_000, at=OPEN - timedelta(seconds=1100 - number))
    statement = exchange.venue().fills(OPEN - timedelta(hours=1), OPEN)

    assert not isinstance(statement, Unavailable)
    assert len({fill.fill_id for fill in statement.fills}) == 1100
    assert statement.since == OPEN - timedelta(hours=1)


def test_nasty_1_a_list_of_one_page_only_is_told_as_covered_no_further_than_it_is(exchange: Exchange) -> None:
    made = [
        exchange.account.trade(PERPETUAL, "0.001", 50_000, at=OPEN - timedelta(seconds=1100 - number))
        for number in range(1100)
    ]
    venue = exchange.venue()
    told(venue.balances(OPEN))
    exchange.server.fail(Fault.ONE_PAGE)
    statement = venue.fills(OPEN - timedelta(hours=1), OPEN)

    assert not isinstance(statement, Unavailable)
    there = [execution.trade_id for execution in made if execution.at >= statement.since]
    assert [fill.fill_id for fill in statement.fills] == there


@pytest.mark.parametrize("fault", [Fault.EMPTY, Fault.FROZEN, Fault.UNAVAILABLE, Fault.HTML, Fault.TRUNCATED])
def test_nasty_2_an_outage_is_never_flat(exchange: Exchange, fault: Fault) -> None:
    exchange.account.trade(PERPETUAL, "0.5", 50_000)
    exchange.server.exchange.price(PERPETUAL, 51_000)
    venue = exchange.venue()
    told(venue.positions(OPEN))
    exchange.server.fail(fault)
    exchange.clock.advance(5 * MINUTE)

    assert isinstance(venue.positions(exchange.clock.now()), Unavailable)
    assert isinstance(venue.balances(exchange.clock.now()), Unavailable)


@pytest.mark.parametrize("name", SERVERS)
def test_nasty_2_an_empty_list_of_positions_alone_is_contradicted_by_the_balance(name: str) -> None:
    paths = {
        "bitget": "/api/v2/mix/position",
        "binance": "/fapi/v3/positionRisk",
        "bybit": "/v5/position",
    }
    for exchange in running_exchange(name):
        exchange.account.trade(PERPETUAL, "0.5", 50_000)
        exchange.server.exchange.price(PERPETUAL, 51_000)
        venue = exchange.venue()
        told(venue.positions(OPEN))
        exchange.server.fail(Fault.EMPTY, paths[name])
        statement = venue.positions(OPEN)

        assert isinstance(statement, Unavailable)
        assert statement.reason is Reason.SOURCE_INCOMPLETE


def test_nasty_3_what_is_in_flight_is_after_the_moment_that_is_covered(exchange: Exchange) -> None:
    exchange.account.trade(PERPETUAL, "0.5", 50_000, at=OPEN - 2 * MINUTE)
    exchange.account.trade(PERPETUAL, "0.1", 50_000, at=OPEN - timedelta(seconds=1))
    before = exchange.venue().fills(OPEN - DAY, OPEN - MINUTE)
    after = exchange.venue().fills(OPEN - DAY, OPEN)

    assert not isinstance(before, Unavailable)
    assert not isinstance(after, Unavailable)
    assert before.until == OPEN - MINUTE
    assert after.fills[: len(before.fills)] == before.fills
    assert len(after.fills) == len(before.fills) + 1


def test_nasty_4_contracts_are_coins_unless_they_are_inverse() -> None:
    for exchange in running_exchange("bybit"):
        exchange.account.deposit("BTC", 2, "unified")
        exchange.account.trade("BTC/USD:BTC", "-700", 50_000)
        exchange.account.trade(PERPETUAL, "-0.5", 50_000)
        positions = exchange.venue(CcxtScope(("spot", "swap"))).positions(OPEN)

        assert not isinstance(positions, Unavailable)
        assert {held.symbol: (held.quantity, held.currency) for held in positions.positions} == {
            "BTC/USD:BTC": (Decimal(-700), "USD"),
            PERPETUAL: (Decimal("-0.5"), "USDT"),
        }


@pytest.mark.parametrize(("name", "asset"), [("bitget", "BGB"), ("binance", "BNB"), ("bybit", "BTC")])
def test_nasty_5_a_fee_in_another_asset_is_told_in_it(name: str, asset: str) -> None:
    for exchange in running_exchange(name):
        exchange.account.deposit(asset, 10, exchange.spot_wallet)
        exchange.account.trade(SPOT, "0.1", 50_000, fee="0.004", fee_asset=asset)
        statement = exchange.venue().fills(OPEN - DAY, OPEN)

        assert not isinstance(statement, Unavailable)
        assert statement.fills[0].fees == (Fee(asset, Decimal("0.004")),)


@pytest.mark.parametrize("name", SERVERS)
def test_nasty_6_closing_a_leg_is_a_trade_the_other_way(name: str) -> None:
    for exchange in running_exchange(name, hedge=True):
        for number, (quantity, leg) in enumerate(
            [("0.5", Leg.LONG), ("-0.2", Leg.SHORT), ("-0.5", Leg.LONG), ("0.2", Leg.SHORT)]
        ):
            exchange.account.trade(PERPETUAL, quantity, 50_000, leg=leg, at=OPEN - (9 - number) * MINUTE)
        venue = exchange.venue()
        statement, orders = venue.fills(OPEN - DAY, OPEN), venue.orders(OPEN - DAY)

        assert not isinstance(statement, Unavailable)
        assert not isinstance(orders, Unavailable)
        assert [fill.quantity for fill in statement.fills] == [Decimal(one) for one in ("0.5", "-0.2", "-0.5", "0.2")]
        assert [order.quantity for order in orders] == [fill.quantity for fill in statement.fills]


def test_nasty_7_every_part_of_the_account_is_asked_unless_somebody_said_which() -> None:
    for exchange in running_exchange("bitget"):
        for asset, wallet in (("USDC", "USDC-FUTURES"), ("BTC", "COIN-FUTURES")):
            exchange.account.deposit(asset, 1000, wallet)
        for symbol in (PERPETUAL, "BTC/USDC:USDC", "BTC/USD:BTC"):
            exchange.account.trade(symbol, "1", 50_000)
        positions = exchange.venue(CcxtScope()).positions(OPEN)

        assert not isinstance(positions, Unavailable)
        assert [held.symbol for held in positions.positions] == ["BTC/USD:BTC", "BTC/USDC:USDC", PERPETUAL]


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.UNAVAILABLE, Fault.DROPPED])
def test_nasty_7_a_probe_that_fails_does_not_make_an_account_classic_for_good(fault: Fault) -> None:
    impatient = replace(QUICK, answer=timedelta(seconds=0.3))
    for exchange in running_exchange("bitget", unified=True):
        venue = exchange.venue(CcxtScope(("spot", "swap")), impatient)
        exchange.server.fail(fault, "/api/v3/account/settings")
        first = venue.positions(OPEN)
        exchange.server.recover()
        exchange.account.trade(PERPETUAL, "0.5", 50_000)
        second = venue.positions(OPEN)

        assert isinstance(first, Unavailable)
        assert not isinstance(second, Unavailable)
        assert [held.quantity for held in second.positions] == [Decimal("0.5")]


@pytest.mark.parametrize("name", ["bitget", "bybit"])
def test_nasty_9_what_the_exchange_did_itself_is_among_the_fills(name: str) -> None:
    for exchange in running_exchange(name):
        exchange.account.trade(PERPETUAL, "0.5", 50_000, at=OPEN - 2 * MINUTE)
        exchange.account.liquidate(PERPETUAL, 40_000, at=OPEN - MINUTE)
        venue = exchange.venue()
        statement, positions = venue.fills(OPEN - DAY, OPEN), venue.positions(OPEN)

        assert not isinstance(statement, Unavailable)
        assert not isinstance(positions, Unavailable)
        assert [(fill.quantity, fill.kind) for fill in statement.fills] == [
            (Decimal("0.5"), FillKind.TRADE),
            (Decimal("-0.5"), FillKind.LIQUIDATION),
        ]
        assert positions.positions == ()


def test_nasty_10_equity_drifts_and_the_wallet_does_not(exchange: Exchange) -> None:
    exchange.account.trade(PERPETUAL, 1, 50_000, fee=0, at=OPEN - 2 * MINUTE)
    exchange.account.fund(PERPETUAL, "-2.5", at=OPEN - MINUTE)
    exchange.server.exchange.price(PERPETUAL, 47_000)
    venue = exchange.venue()
    balances, activities = venue.balances(OPEN), venue.activities(OPEN - timedelta(hours=1))

    assert not isinstance(balances, Unavailable)
    assert not isinstance(activities, Unavailable)
    assert balances.balances["USDT"].total == Decimal("14997.5")
    assert [(one.kind, one.amount) for one in activities] == [(ActivityKind.FUNDING, Decimal("-2.5"))]


@pytest.mark.parametrize("name", SERVERS)
def test_nasty_11_legs_are_never_netted(name: str) -> None:
    for exchange in running_exchange(name, hedge=True):
        exchange.account.trade(PERPETUAL, "0.5", 50_000, leg=Leg.LONG)
        exchange.account.trade(PERPETUAL, "-0.5", 50_000, leg=Leg.SHORT)
        positions = exchange.venue().positions(OPEN)

        assert not isinstance(positions, Unavailable)
        assert [held.quantity for held in positions.positions] == [Decimal("0.5"), Decimal("-0.5")]


def test_nasty_12_an_account_is_asked_one_question_at_a_time_and_no_faster_than_it_may() -> None:
    for exchange in running_exchange("bitget"):
        venue = exchange.venue(limits=replace(QUICK, spacing=timedelta(milliseconds=20)))
        told(venue.balances(OPEN))
        before, begun = exchange.meter.requests.total(), exchange.clock.monotonic()
        threads = [threading.Thread(target=venue.balances, args=(OPEN,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        asked = exchange.meter.requests.total() - before
        assert exchange.clock.monotonic() - begun >= (asked - 1) * 0.02
        assert not exchange.meter.failures
