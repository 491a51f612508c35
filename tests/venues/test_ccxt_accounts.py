"""What the adapter tells of accounts at the local exchanges, through ccxt as it comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter.demo.exchange import Credentials, Kind, Leg
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import ActivityKind, Basis, Fee, FillKind
from recon_exporter.domain.probe import Permission, ProbeStatus
from recon_exporter.domain.statement import Unavailable
from recon_exporter.venues.ccxt import CcxtScope
from support.alpaca import OPEN
from support.ccxt import KEYS, PERPETUAL, QUICK, SERVERS, SPOT, Exchange, running_exchange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recon_exporter.domain.positions import BalanceStatement, FillStatement, PositionStatement
    from recon_exporter.venues.ccxt import CcxtVenue

SINCE = OPEN - timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=SERVERS)
def exchange(request: pytest.FixtureRequest) -> Iterator[Exchange]:
    yield from running_exchange(request.param)


@pytest.fixture
def bitget() -> Iterator[Exchange]:
    yield from running_exchange("bitget")


@pytest.fixture
def binance() -> Iterator[Exchange]:
    yield from running_exchange("binance")


@pytest.fixture
def bybit() -> Iterator[Exchange]:
    yield from running_exchange("bybit")


def positions(venue: CcxtVenue) -> PositionStatement:
    told = venue.positions(OPEN)
    assert not isinstance(told, Unavailable), told
    return told


def balances(venue: CcxtVenue) -> BalanceStatement:
    told = venue.balances(OPEN)
    assert not isinstance(told, Unavailable), told
    return told


def fills(venue: CcxtVenue, since: timedelta = timedelta(days=1)) -> FillStatement:
    told = venue.fills(OPEN - since, OPEN)
    assert not isinstance(told, Unavailable), told
    return told


def test_positions_are_signed_and_have_their_step(exchange: Exchange) -> None:
    exchange.account.trade(PERPETUAL, "-0.5", 50_000)
    exchange.account.trade(PERPETUAL, "0.2", 51_000)
    statement = positions(exchange.venue())

    (held,) = statement.positions
    assert (held.symbol, held.leg, held.quantity) == (PERPETUAL, "net", Decimal("-0.3"))
    assert (held.step, held.currency, held.average_price) == (Decimal("0.001"), "USDT", Decimal(50_000))
    assert (statement.bot, statement.source, statement.as_of) == ("bot1", "ccxt", OPEN)


@pytest.mark.parametrize("name", SERVERS)
def test_both_legs_of_a_symbol_are_positions(name: str) -> None:
    for exchange in running_exchange(name, hedge=True):
        exchange.account.trade(PERPETUAL, "0.5", 50_000, leg=Leg.LONG)
        exchange.account.trade(PERPETUAL, "-0.2", 50_000, leg=Leg.SHORT)
        told = [(held.leg, held.quantity) for held in positions(exchange.venue()).positions]

        assert told == [("long", Decimal("0.5")), ("short", Decimal("-0.2"))]


def test_an_account_without_positions_is_proven_to_have_none(exchange: Exchange) -> None:
    statement = positions(exchange.venue())

    assert statement.positions == ()
    assert "no balance contradicts" in statement.proof


def test_a_spot_account_has_balances_and_no_positions(exchange: Exchange) -> None:
    scope = CcxtScope(("spot",), symbols=(SPOT,))

    assert "holds positions" in positions(exchange.venue(scope)).proof


def test_wallets_are_without_the_profit_of_open_positions(exchange: Exchange) -> None:
    venue = exchange.venue()
    exchange.account.trade(PERPETUAL, 1, 50_000, fee=0)
    before = balances(venue)
    exchange.server.exchange.price(PERPETUAL, 58_000)
    after = balances(venue)

    assert before.basis is after.basis is Basis.WALLET
    assert before.balances["USDT"].total == after.balances["USDT"].total == Decimal(15_000)


def test_balances_have_prices_where_the_exchange_has_them(exchange: Exchange) -> None:
    exchange.account.trade(SPOT, "0.1", 50_000)
    exchange.server.exchange.price(SPOT, 52_000)

    assert balances(exchange.venue()).prices == {"USDT": 1, "BTC": 52_000}


def test_fills_are_signed_dated_and_whole(exchange: Exchange) -> None:
    made = [
        exchange.account.trade(PERPETUAL, quantity, 50_000 + number, at=OPEN - (10 - number) * MINUTE)
        for number, quantity in enumerate(("0.5", "-0.2", "-0.4", "0.1"))
    ]
    statement = fills(exchange.venue())

    assert [fill.fill_id for fill in statement.fills] == [execution.trade_id for execution in made]
    assert [fill.quantity for fill in statement.fills] == [Decimal(one) for one in ("0.5", "-0.2", "-0.4", "0.1")]
    assert [fill.order_id for fill in statement.fills] == [execution.order_id for execution in made]
    assert [fill.at for fill in statement.fills] == [execution.at for execution in made]
    assert (statement.since, statement.until) == (OPEN - timedelta(days=1), OPEN)


def test_the_fee_of_a_purchase_is_in_what_was_bought(exchange: Exchange) -> None:
    exchange.account.trade(SPOT, "0.1", 50_000, fee="0.0001")

    assert fills(exchange.venue()).fills[0].fees == (Fee("BTC", Decimal("0.0001")),)


def test_a_rebate_is_a_negative_fee(exchange: Exchange) -> None:
    exchange.account.trade(PERPETUAL, "0.1", 50_000, fee="-0.3", maker=True)

    assert fills(exchange.venue()).fills[0].fees == (Fee("USDT", Decimal("-0.3")),)


def test_hundreds_of_fills_of_one_day_are_all_told(exchange: Exchange) -> None:
    for number in range(250):
        exchange.account.trade(PERPETUAL, "0.001", 50_000, at=OPEN - timedelta(seconds=250 - number))
    statement = fills(exchange.venue())

    assert len(statement.fills) == 250
    assert len({fill.fill_id for fill in statement.fills}) == 250
    assert statement.since == SINCE


def test_weeks_are_walked_in_spans(exchange: Exchange) -> None:
    days = (1, 6, 8, 13, 20)
    for day in reversed(days):
        exchange.account.trade(PERPETUAL, "0.1", 50_000, at=OPEN - timedelta(days=day))
    scope = CcxtScope(("swap",), symbols=(PERPETUAL,))
    told = exchange.venue(scope).fills(OPEN - timedelta(days=21), OPEN)

    assert not isinstance(told, Unavailable)
    assert [(OPEN - fill.at).days for fill in told.fills] == list(reversed(days))
    assert told.since == OPEN - timedelta(days=21)


def test_where_the_budget_ends_coverage_begins_later(exchange: Exchange) -> None:
    for number in range(20):
        exchange.account.trade(PERPETUAL, "0.1", 50_000, at=OPEN - timedelta(days=20 - number, hours=1))
    scope = CcxtScope(("swap",), ("USDT-FUTURES",) if exchange.name == "bitget" else (), (PERPETUAL,))
    if exchange.name == "bybit":
        scope = replace(scope, product_types=("USDT",))
    told = exchange.venue(scope, replace(QUICK, pages=2)).fills(OPEN - timedelta(days=30), OPEN)

    assert not isinstance(told, Unavailable)
    assert told.since == OPEN - timedelta(days=14)
    assert all(fill.at >= told.since for fill in told.fills)
    assert len(told.fills) == 13


def test_without_any_page_nothing_is_covered(exchange: Exchange) -> None:
    exchange.account.trade(PERPETUAL, "0.1", 50_000)
    told = exchange.venue(limits=replace(QUICK, pages=0)).fills(SINCE, OPEN)

    assert isinstance(told, Unavailable)
    assert told.reason is Reason.SOURCE_INCOMPLETE


def test_what_fills_after_the_question_is_not_of_its_span(exchange: Exchange) -> None:
    exchange.account.trade(PERPETUAL, "0.1", 50_000, at=OPEN - MINUTE)
    exchange.account.trade(PERPETUAL, "0.2", 50_000, at=OPEN)
    told = exchange.venue().fills(SINCE, OPEN - timedelta(seconds=1))

    assert not isinstance(told, Unavailable)
    assert [fill.quantity for fill in told.fills] == [Decimal("0.1")]


def test_the_kinds_of_fills_are_told_apart(exchange: Exchange) -> None:
    exchange.account.trade(PERPETUAL, "0.3", 50_000, at=OPEN - 3 * MINUTE)
    exchange.account.trade(PERPETUAL, "-0.1", 49_000, at=OPEN - 2 * MINUTE, kind=Kind.DELEVERAGING)
    exchange.account.liquidate(PERPETUAL, 48_000, at=OPEN - MINUTE)
    kinds = [fill.kind for fill in fills(exchange.venue()).fills]

    if exchange.name == "binance":  # its fills do not say so
        assert kinds == [FillKind.TRADE] * 3
    else:
        assert kinds == [FillKind.TRADE, FillKind.DELEVERAGING, FillKind.LIQUIDATION]


def test_orders_that_ended_are_told_and_open_ones_are_not(exchange: Exchange) -> None:
    exchange.account.trade(PERPETUAL, "-0.2", 50_000, at=OPEN - 3 * MINUTE, client_id="bot1-7")
    waiting = exchange.account.order(PERPETUAL, "0.1", 40_000)
    told = exchange.venue().orders(SINCE)

    assert not isinstance(told, Unavailable)
    (order,) = told
    assert (order.client_order_id, order.quantity, order.filled_quantity) == (
        "bot1-7",
        Decimal("-0.2"),
        Decimal("-0.2"),
    )
    assert order.order_id != waiting.order_id


def test_an_order_that_was_cancelled_may_have_filled(exchange: Exchange) -> None:
    waiting = exchange.account.order(PERPETUAL, "0.5", 50_000, at=OPEN - 3 * MINUTE)
    exchange.account.trade(PERPETUAL, "0.2", 50_000, order_id=waiting.order_id, at=OPEN - 2 * MINUTE)
    exchange.account.cancel(waiting.order_id, at=OPEN - MINUTE)
    told = exchange.venue().orders(SINCE)

    assert not isinstance(told, Unavailable)
    assert [(order.status, order.filled_quantity) for order in told] == [("canceled", Decimal("0.2"))]


def test_the_bots_own_identifiers_of_orders_are_told_where_they_are_wanted(exchange: Exchange) -> None:
    exchange.account.trade(PERPETUAL, "-0.2", 50_000, at=OPEN - 3 * MINUTE, client_id="bot1-7")
    waiting = exchange.account.order(PERPETUAL, "0.5", 50_000, client_id="bot1-8", at=OPEN - 3 * MINUTE)
    exchange.account.trade(PERPETUAL, "0.2", 50_000, order_id=waiting.order_id, at=OPEN - 2 * MINUTE)
    scope = CcxtScope(("spot", "swap"), symbols=(SPOT, PERPETUAL), client_order_ids=True)

    assert [fill.client_order_id for fill in fills(exchange.venue(scope)).fills] == ["bot1-7", "bot1-8"]


def test_funding_is_an_activity_and_never_a_fill(exchange: Exchange) -> None:
    exchange.account.trade(PERPETUAL, "0.5", 50_000, at=OPEN - 10 * MINUTE)
    exchange.account.fund(PERPETUAL, "-1.5", at=OPEN - MINUTE)
    venue = exchange.venue()
    told = venue.activities(OPEN - timedelta(hours=1))

    assert not isinstance(told, Unavailable)
    assert [(one.kind, one.asset, one.amount) for one in told] == [(ActivityKind.FUNDING, "USDT", Decimal("-1.5"))]
    assert [fill.quantity for fill in fills(venue).fills] == [Decimal("0.5")]


def test_what_came_from_elsewhere_is_a_transfer(exchange: Exchange) -> None:
    wallet = {"bitget": "USDT-FUTURES", "binance": "usdm", "bybit": "unified"}[exchange.name]
    exchange.account.deposit("USDT", 25, wallet, at=OPEN - MINUTE)
    told = exchange.venue().activities(OPEN - timedelta(hours=1))

    assert not isinstance(told, Unavailable)
    assert [(one.kind, one.asset, one.amount) for one in told] == [(ActivityKind.TRANSFER, "USDT", Decimal(25))]


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize(("can_trade", "can_withdraw"), [(False, False), (True, False), (True, True)])
def test_the_rights_of_a_key_are_told(name: str, *, can_trade: bool, can_withdraw: bool) -> None:
    keys = replace(KEYS, can_trade=can_trade, can_withdraw=can_withdraw)
    for exchange in running_exchange(name, keys):
        probe = exchange.venue().probe(OPEN, "BTC-USDT")

        assert probe.permissions == {Permission.TRADE: can_trade, Permission.WITHDRAW: can_withdraw}


def test_a_probe_tells_the_whole_account(exchange: Exchange) -> None:
    exchange.account.trade(SPOT, "0.1", 50_000)
    exchange.account.trade(PERPETUAL, "0.1", 50_000)
    exchange.server.exchange.price(SPOT, 52_000)
    probe = exchange.venue().probe(OPEN, "BTC-USDT")

    assert (probe.status, probe.reason, probe.error, probe.exchange) == (ProbeStatus.OK, None, "", exchange.name)
    assert (probe.price, probe.trading_pair, probe.clock_skew) == (Decimal(52_000), "BTC-USDT", timedelta(0))
    assert probe.balances is not None
    assert probe.positions is not None
    assert exchange.meter.skews
    assert set(exchange.meter.skews) == {0.0}


@pytest.mark.parametrize("pair", ["", "DOGE-USDT", "BTCUSDT"])
def test_a_probe_without_a_known_pair_has_no_price(exchange: Exchange, pair: str) -> None:
    probe = exchange.venue().probe(OPEN, pair)

    assert (probe.status, probe.price) == (ProbeStatus.OK, None)


@pytest.mark.parametrize("part", ["api_key", "secret", "password"])
def test_a_key_that_lacks_a_part_is_asked_for_by_name(bitget: Exchange, part: str) -> None:
    access = replace(bitget.access(), **{part: ""})  # type: ignore[arg-type]
    venue = bitget.venue(access=access)
    probe = venue.probe(OPEN, "BTC-USDT")

    assert probe.status is ProbeStatus.MISSING_CREDENTIALS
    assert {"api_key": "apiKey"}.get(part, part) in probe.error
    assert bitget.server.journal.count("bot1") == 0


def test_a_clock_that_is_off_by_seconds_is_told_and_does_no_harm(exchange: Exchange) -> None:
    from recon_exporter.demo.exchange import Fault  # noqa: PLC0415

    exchange.server.fail(Fault.SKEWED, span=timedelta(seconds=3))
    probe = exchange.venue().probe(OPEN, "BTC-USDT")

    assert (probe.status, probe.clock_skew) == (ProbeStatus.OK, timedelta(seconds=3))


def test_positions_of_a_product_type_that_nobody_thinks_of_are_seen(bitget: Exchange) -> None:
    bitget.account.deposit("USDC", 1000, "USDC-FUTURES")
    bitget.account.trade("BTC/USDC:USDC", "0.3", 50_000)
    seen = positions(bitget.venue(CcxtScope(("spot", "swap"))))
    hidden = positions(bitget.venue(CcxtScope(("spot", "swap"), ("USDT-FUTURES",))))

    assert [(held.symbol, held.quantity) for held in seen.positions] == [("BTC/USDC:USDC", Decimal("0.3"))]
    assert hidden.positions == ()
    assert hidden.proof.startswith("0 positions listed in USDT-FUTURES,")


def test_what_bitget_hides_by_coin_is_seen_too(bitget: Exchange) -> None:
    bitget.account.deposit("BTC", 2, "COIN-FUTURES")
    bitget.account.trade("BTC/USD:BTC", "1000", 50_000)

    assert [held.symbol for held in positions(bitget.venue(CcxtScope(("swap",)))).positions] == ["BTC/USD:BTC"]


def test_a_fee_that_bgb_paid_was_paid(bitget: Exchange) -> None:
    bitget.account.deposit("BGB", 10)
    bitget.account.trade(SPOT, "0.1", 50_000, fee="0.4", fee_asset="BGB")

    assert fills(bitget.venue()).fills[0].fees == (Fee("BGB", Decimal("0.4")),)


@pytest.mark.parametrize("unified", [None, True])
def test_a_unified_account_of_bitget_is_found_out(*, unified: bool | None) -> None:
    for exchange in running_exchange("bitget", unified=True):
        exchange.account.trade(PERPETUAL, "0.5", 50_000, at=OPEN - 2 * MINUTE)
        exchange.account.trade(SPOT, "0.1", 50_000, fee=0, at=OPEN - MINUTE)
        exchange.server.exchange.price(PERPETUAL, 51_000)
        venue = exchange.venue(CcxtScope(("spot", "swap"), unified=unified))

        assert [held.quantity for held in positions(venue).positions] == [Decimal("0.5")]
        assert balances(venue).basis is Basis.WALLET
        assert [fill.symbol for fill in fills(venue).fills] == [PERPETUAL, SPOT]
        told = venue.orders(SINCE)
        assert not isinstance(told, Unavailable)
        assert [order.symbol for order in told] == [PERPETUAL, SPOT]


def test_fills_of_binance_cover_the_symbols_that_were_asked(binance: Exchange) -> None:
    binance.account.trade("ETH/USDT", "0.5", 3_000)
    binance.account.trade("SOL/USDT:USDT", "2", 150)
    statement = fills(binance.venue(CcxtScope(("spot", "swap"), symbols=(PERPETUAL,))))

    assert [fill.symbol for fill in statement.fills] == ["ETH/USDT", "SOL/USDT:USDT"]
    assert statement.symbols is not None
    assert statement.symbols >= {PERPETUAL, "ETH/USDT", "SOL/USDT:USDT"}
    assert "BTC/USDC:USDC" not in statement.symbols


def test_fills_of_bybit_cover_every_symbol(bybit: Exchange) -> None:
    bybit.account.trade("SOL/USDT:USDT", "2", 150)
    statement = fills(bybit.venue(CcxtScope(("spot", "swap"))))

    assert (len(statement.fills), statement.symbols) == (1, None)


def test_coins_in_earn_are_balances(binance: Exchange) -> None:
    binance.account.deposit("LDBTC", "0.7")
    binance.account.deposit("BTC", "0.1")

    told = balances(binance.venue()).balances["BTC"]
    assert (told.total, told.free) == (Decimal("0.8"), Decimal("0.1"))


def test_the_same_question_twice_has_the_same_answer(exchange: Exchange) -> None:
    for number in range(120):
        exchange.account.trade(PERPETUAL, "0.001", 50_000, at=OPEN - timedelta(seconds=number // 7))
    first, second = exchange.venue(), exchange.venue()

    assert fills(first) == fills(first) == fills(second)
    assert positions(first) == positions(second)


def test_a_wrong_key_says_so_and_nothing_else() -> None:
    for exchange in running_exchange("bitget"):
        keys = Credentials("other", KEYS.secret, KEYS.passphrase)
        told = exchange.venue(access=exchange.access(keys)).balances(OPEN)

        assert isinstance(told, Unavailable)
        assert told.reason is Reason.CREDENTIALS_REFUSED
