"""What moves a book at Alpaca beside fills, and the hours of its exchange."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter.domain.positions import Activity, ActivityKind
from recon_exporter.domain.statement import Unavailable
from recon_exporter.venues.alpaca import Market, TradingSession
from support.alpaca import OPEN, SOUND, Desk, answering, running_desk, venue_at

if TYPE_CHECKING:
    from collections.abc import Iterator

SINCE = OPEN - timedelta(hours=1)


@pytest.fixture
def desk() -> Iterator[Desk]:
    yield from running_desk()


def activities(desk: Desk, since: datetime = SINCE) -> tuple[Activity, ...]:
    told = desk.venue().activities(since)
    assert not isinstance(told, Unavailable), told
    return told


def told_of(*rows: dict[str, object]) -> tuple[Activity, ...]:
    with answering(SOUND | {"/v2/account/activities": list(rows)}) as url:
        told = venue_at(url).activities(SINCE)
    assert not isinstance(told, Unavailable), told
    return told


def row(**change: object) -> dict[str, object]:
    told: dict[str, object] = {
        "activity_type": "DIV",
        "id": "20261120000000000::5f596936",
        "date": "2026-11-20",
        "net_amount": "1.02",
        "symbol": "T",
        "qty": "2",
        "per_share_amount": "0.51",
    }
    return told | change


def test_a_split_takes_the_old_quantity_out_and_brings_the_new_one_in(desk: Desk) -> None:
    desk.account.fill("AAPL", 10, 200)
    desk.clock.advance(timedelta(days=1))
    desk.account.split("AAPL", 4, 1)

    legs = activities(desk)
    assert {activity.kind for activity in legs} == {ActivityKind.SPLIT}
    assert {(activity.quantity, activity.price) for activity in legs} == {
        (Decimal(-10), Decimal(200)),
        (Decimal(40), Decimal(50)),
    }


def test_a_split_turns_the_position_over(desk: Desk) -> None:
    desk.account.fill("AAPL", -10, 200)
    desk.account.split("AAPL", 1, 4)

    told = desk.venue().positions(OPEN)
    assert not isinstance(told, Unavailable)
    assert [(one.quantity, one.average_price) for one in told.positions] == [(Decimal("-2.5"), Decimal(800))]


def test_a_forced_sale_says_so(desk: Desk) -> None:
    desk.account.fill("AAPL", 10, 200)
    desk.account.liquidate("AAPL", 150)

    (told,) = activities(desk)
    assert (told.kind, told.code, told.symbol) == (ActivityKind.LIQUIDATION, "MEM", "AAPL")


def test_options_that_leave_the_book_are_told(desk: Desk) -> None:
    desk.account.fill("AAPL270115C00200000", -2, "3.5")
    desk.account.option_event("AAPL270115C00200000", "OPASN")

    (told,) = activities(desk)
    assert (told.kind, told.code, told.quantity) == (ActivityKind.OPTION_EVENT, "OPASN", Decimal(2))


def test_money_that_moves_has_its_amount(desk: Desk) -> None:
    desk.account.fill("T", 2, 20)
    desk.account.transfer(500)
    desk.account.transfer("-20.5")
    desk.account.dividend("T", "0.51")
    desk.account.fee("0.03")

    told = {activity.code: (activity.kind, activity.amount) for activity in activities(desk)}
    assert told == {
        "CSD": (ActivityKind.TRANSFER, Decimal(500)),
        "CSW": (ActivityKind.TRANSFER, Decimal("-20.5")),
        "DIV": (ActivityKind.DIVIDEND, Decimal("1.02")),
        "FEE": (ActivityKind.FEE, Decimal("-0.03")),
    }


def test_the_fee_on_crypto_is_in_units_of_the_pair(desk: Desk) -> None:
    desk.account.fill("BTC/USD", 1, 60_000)
    desk.account.crypto_fee("BTC/USD", "0.0025")

    (told,) = activities(desk)
    assert (told.kind, told.symbol, told.quantity) == (ActivityKind.FEE, "BTC/USD", Decimal("-0.0025"))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("SPLIT", ActivityKind.SPLIT),
        ("SPIN", ActivityKind.REORGANISATION),
        ("REORG", ActivityKind.REORGANISATION),
        ("MA", ActivityKind.REORGANISATION),
        ("NC", ActivityKind.REORGANISATION),
        ("OPASN", ActivityKind.OPTION_EVENT),
        ("OPEXP", ActivityKind.OPTION_EVENT),
        ("OPEXC", ActivityKind.OPTION_EVENT),
        ("OPTRD", ActivityKind.OPTION_EVENT),
        ("CSD", ActivityKind.TRANSFER),
        ("CSW", ActivityKind.TRANSFER),
        ("JNLC", ActivityKind.TRANSFER),
        ("JNLS", ActivityKind.TRANSFER),
        ("ACATC", ActivityKind.TRANSFER),
        ("ACATS", ActivityKind.TRANSFER),
        ("DIV", ActivityKind.DIVIDEND),
        ("DIVNRA", ActivityKind.DIVIDEND),
        ("FEE", ActivityKind.FEE),
        ("CFEE", ActivityKind.FEE),
        ("PTC", ActivityKind.FEE),
        ("INT", ActivityKind.OTHER),
        ("UNHEARD", ActivityKind.OTHER),
    ],
)
def test_every_code_has_its_kind(code: str, kind: ActivityKind) -> None:
    (told,) = told_of(row(activity_type=code))

    assert (told.kind, told.code) == (kind, code)


def test_fills_are_no_activities_even_where_they_are_told_among_them() -> None:
    assert told_of(row(activity_type="FILL", transaction_time="2026-11-20T20:30:00Z")) == ()


def test_what_was_cancelled_did_not_happen() -> None:
    assert told_of(row(status="canceled")) == ()


def test_what_knows_its_day_alone_counts_on_the_whole_of_it() -> None:
    rows = (row(), row(id="20261119000000000::b", date="2026-11-19"))

    assert [(told.activity_id, told.at) for told in told_of(*rows)] == [
        ("20261120000000000::5f596936", datetime(2026, 11, 20, 5, tzinfo=UTC))
    ]


def test_activities_are_asked_for_from_a_day_before_because_many_know_their_day_alone(desk: Desk) -> None:
    activities(desk)

    (asked,) = [asked for asked in desk.server.asked if asked.path == "/v2/account/activities"]
    assert datetime.fromisoformat(asked.parameters["after"]) < SINCE - timedelta(days=1)


def test_what_knows_its_moment_counts_from_the_moment_on() -> None:
    rows = (
        row(created_at="2026-11-20T19:29:59Z"),
        row(id="20261120143000000::b", created_at="2026-11-20T19:30:00Z"),
    )

    assert [told.activity_id for told in told_of(*rows)] == ["20261120143000000::b"]


def test_all_pages_are_walked(desk: Desk) -> None:
    for _ in range(230):
        desk.account.transfer(1)

    assert len(activities(desk)) == 230


@pytest.mark.parametrize("identifier", ["5f596936", "2026::a", "20261320000000000::a"])
def test_an_activity_without_any_time_is_refused(identifier: str) -> None:
    with answering(SOUND | {"/v2/account/activities": [row(id=identifier)]}) as url:
        told = venue_at(url).activities(SINCE)

    assert isinstance(told, Unavailable)
    assert "a time of 17 digits before two colons" in told.detail


def test_the_market_is_told(desk: Desk) -> None:
    assert desk.venue().market() == Market(
        at=OPEN,
        is_open=True,
        next_open=datetime(2026, 11, 23, 14, 30, tzinfo=UTC),
        next_close=datetime(2026, 11, 20, 21, tzinfo=UTC),
    )


def test_sessions_are_told_in_utc_on_both_sides_of_a_change_of_clocks(desk: Desk) -> None:
    assert desk.venue().sessions(date(2026, 10, 30), date(2026, 11, 2)) == (
        TradingSession(
            date(2026, 10, 30), datetime(2026, 10, 30, 13, 30, tzinfo=UTC), datetime(2026, 10, 30, 20, tzinfo=UTC)
        ),
        TradingSession(
            date(2026, 11, 2), datetime(2026, 11, 2, 14, 30, tzinfo=UTC), datetime(2026, 11, 2, 21, tzinfo=UTC)
        ),
    )


@pytest.mark.parametrize(
    "answer", [[{"date": "2026-11-20", "open": "early", "close": "16:00"}], [{"date": "soon"}], {}]
)
def test_a_calendar_that_cannot_be_read_is_unavailable(answer: object) -> None:
    with answering(SOUND | {"/v2/calendar": answer}) as url:
        assert isinstance(venue_at(url).sessions(date(2026, 11, 20), date(2026, 11, 20)), Unavailable)


def test_a_clock_that_does_not_say_whether_the_market_is_open_is_unavailable() -> None:
    with answering(SOUND | {"/v2/clock": SOUND["/v2/clock"] | {"is_open": "yes"}}) as url:
        assert isinstance(venue_at(url).market(), Unavailable)
