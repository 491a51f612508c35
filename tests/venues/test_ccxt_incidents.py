"""What went wrong elsewhere, and would here: incidents of other reconcilers, as far as they begin at the venue."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from recon_exporter.domain.positions import ActivityKind, Fee
from recon_exporter.domain.statement import Unavailable
from recon_exporter.venues.ccxt.activities import read_activities
from recon_exporter.venues.ccxt.fills import read_fills
from recon_exporter.venues.ccxt.quirks import Quirk, quirk_of
from recon_exporter.venues.ccxt.quirks.terms import Section
from recon_exporter.venues.ccxt.reading import Reading
from recon_exporter.venues.ccxt.rows import milliseconds
from support.alpaca import OPEN
from support.ccxt import PERPETUAL, SERVERS, SPOT, Exchange, Recorded, market, running_exchange, trade

if TYPE_CHECKING:
    from collections.abc import Iterator

AT = milliseconds(OPEN - timedelta(minutes=5))
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture(params=SERVERS)
def exchange(request: pytest.FixtureRequest) -> Iterator[Exchange]:
    yield from running_exchange(request.param)


def reading(rows: list[dict[str, Any]], quirk: Quirk) -> Reading:
    answers = {"fetchMyTrades": rows, "fetchBalance": {"info": {}, "USDT": {"total": "1", "free": "1"}}}
    ask: Any = Recorded(answers, {PERPETUAL: market(PERPETUAL)}, {"symbolRequired": False, "limit": 100})
    return Reading(ask, quirk, [Section("swap", "swap")], OPEN - DAY, OPEN, 20, lambda: [PERPETUAL])


def execution(**told: object) -> dict[str, Any]:
    usual = {
        "id": "1",
        "order": "o",
        "symbol": PERPETUAL,
        "side": "buy",
        "price": "50000",
        "amount": "2",
        "timestamp": AT,
    }
    return trade(**{**usual, **told})


def test_a_funding_row_among_the_fills_is_funding_and_never_the_quantity_of_the_position() -> None:
    funding = execution(id="f", amount="7", fee={"cost": "1.25", "currency": "USDT"}, info={"execType": "Funding"})
    ask = reading([execution(info={"execType": "Trade"}), funding], quirk_of("bybit"))
    statement = read_fills(ask, ("bot1", "ccxt"), wants_client_ids=False)

    assert [fill.quantity for fill in statement.fills] == [Decimal(2)]
    assert [(one.kind, one.amount, one.asset, one.quantity) for one in read_activities(ask)] == [
        (ActivityKind.FUNDING, Decimal("-1.25"), "USDT", None)
    ]


def test_one_identifier_of_two_fills_where_a_position_flips_is_two_fills() -> None:
    flip = [execution(id="77", amount="2"), execution(id="77", amount="3")]
    same = [execution(id="78", amount="2"), execution(id="78", amount="2")]
    statement = read_fills(reading([*flip, *same], Quirk()), ("bot1", "ccxt"), wants_client_ids=False)

    assert sorted(fill.quantity for fill in statement.fills) == [Decimal(2), Decimal(2), Decimal(2), Decimal(3)]


def test_an_identifier_that_two_symbols_share_is_two_fills(exchange: Exchange) -> None:
    for symbol in (PERPETUAL, SPOT):
        exchange.account.trade(symbol, "0.1", 50_000, trade_id="424242")
    statement = exchange.venue().fills(OPEN - DAY, OPEN)

    assert not isinstance(statement, Unavailable)
    assert [(fill.fill_id, fill.symbol) for fill in statement.fills] == [
        ("424242", SPOT),
        ("424242", PERPETUAL),
    ] or len({(fill.fill_id, fill.symbol) for fill in statement.fills}) == 2


def test_a_fill_that_arrives_while_others_are_read_is_told_once_by_the_next_reading(exchange: Exchange) -> None:
    exchange.account.trade(PERPETUAL, "0.1", 50_000, at=OPEN - 2 * MINUTE)
    venue = exchange.venue()
    before = venue.fills(OPEN - DAY, OPEN)
    exchange.account.trade(PERPETUAL, "0.2", 50_000, at=OPEN - MINUTE)
    after = venue.fills(OPEN - DAY, OPEN)

    assert not isinstance(before, Unavailable)
    assert not isinstance(after, Unavailable)
    assert [fill.quantity for fill in after.fills] == [Decimal("0.1"), Decimal("0.2")]
    assert after.fills[:1] == before.fills


def test_reading_again_after_a_restart_replays_nothing_new(exchange: Exchange) -> None:
    for number in range(150):
        exchange.account.trade(PERPETUAL, "0.001", 50_000, at=OPEN - timedelta(seconds=150 - number))
    first, restarted = exchange.venue(), exchange.venue()

    assert repr(first.fills(OPEN - DAY, OPEN)) == repr(restarted.fills(OPEN - DAY, OPEN))
    assert repr(first.positions(OPEN)) == repr(restarted.positions(OPEN))


def test_a_late_execution_changes_the_day_that_it_is_of(exchange: Exchange) -> None:
    yesterday = OPEN - DAY
    exchange.account.trade(PERPETUAL, "0.1", 50_000, at=yesterday)
    venue = exchange.venue()
    before = venue.fills(OPEN - 2 * DAY, OPEN)
    exchange.account.trade(PERPETUAL, "0.2", 50_000, at=yesterday + MINUTE)
    after = venue.fills(OPEN - 2 * DAY, OPEN)

    assert not isinstance(before, Unavailable)
    assert not isinstance(after, Unavailable)
    assert [fill.at for fill in after.fills] == [yesterday, yesterday + MINUTE]
    assert len(before.fills) == 1


def test_a_wallet_read_right_after_a_fill_says_as_of_when_it_is(exchange: Exchange) -> None:
    exchange.account.trade(SPOT, "0.1", 50_000, at=OPEN - timedelta(seconds=2))
    told = exchange.venue().balances(OPEN)

    assert not isinstance(told, Unavailable)
    assert told.as_of == OPEN


def test_a_fee_taken_from_what_was_bought_is_told_in_base(exchange: Exchange) -> None:
    for number in range(3):
        exchange.account.trade(SPOT, "0.1", 50_000, fee="0.0001", at=OPEN - (5 - number) * MINUTE)
    venue = exchange.venue()
    statement, balances = venue.fills(OPEN - DAY, OPEN), venue.balances(OPEN)

    assert not isinstance(statement, Unavailable)
    assert not isinstance(balances, Unavailable)
    assert [fill.fees for fill in statement.fills] == [(Fee("BTC", Decimal("0.0001")),)] * 3
    assert balances.balances["BTC"].total == Decimal("0.2997")
