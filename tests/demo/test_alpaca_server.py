"""The local Alpaca keeps the rules of the real one, its faults included, and makes happen what a script says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.demo.alpaca_server import AlpacaServer, Brokerage, Fault
from support.alpaca import KEY, OPEN, SECRET, Desk, StandingClock, running_desk

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = {"APCA-API-KEY-ID": KEY, "APCA-API-SECRET-KEY": SECRET}
FILLS = "/v2/account/activities/FILL"
MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture
def desk() -> Iterator[Desk]:
    yield from running_desk()


def asked(desk: Desk, path: str, **parameters: str | int) -> requests.Response:
    return requests.get(desk.server.url + path, params=parameters, headers=KEYS, timeout=5)


def told(desk: Desk, path: str, **parameters: str | int) -> Any:  # noqa: ANN401  # JSON
    response = asked(desk, path, **parameters)
    assert response.status_code == 200, response.text
    return response.json()


def trade(desk: Desk, count: int, apart: timedelta = MILLISECOND) -> list[str]:
    """So many orders of one execution each; their identifiers."""
    identifiers = []
    for _ in range(count):
        identifiers.append(desk.account.fill("AAPL", 1, 100))
        desk.clock.advance(apart)
    return identifiers


def test_a_request_without_keys_is_forbidden(desk: Desk) -> None:
    response = requests.get(f"{desk.server.url}/v2/account", timeout=5)

    assert (response.status_code, response.json()) == (403, {"message": "forbidden."})


@pytest.mark.parametrize(
    "change", [{"APCA-API-KEY-ID": "other"}, {"APCA-API-SECRET-KEY": "other"}, {"APCA-API-SECRET-KEY": ""}]
)
def test_keys_that_are_not_of_an_account_are_not_authorized(desk: Desk, change: dict[str, str]) -> None:
    response = requests.get(f"{desk.server.url}/v2/account", headers=KEYS | change, timeout=5)

    assert (response.status_code, response.json()) == (
        401,
        {"code": 40110000, "message": "request is not authorized"},
    )


def test_each_account_has_its_own_books(desk: Desk) -> None:
    other = desk.server.open_account("other", "also", cash=5)
    other.fill("TSLA", 1, 1)
    desk.account.fill("AAPL", 1, 1)

    assert [position["symbol"] for position in told(desk, "/v2/positions")] == ["AAPL"]


def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    response = asked(desk, "/v2/watchlists")

    assert (response.status_code, response.json()["code"]) == (404, 40410000)


def test_every_number_is_a_text(desk: Desk) -> None:
    desk.account.fill("AAPL", "10.5", "187.25")

    documents = [told(desk, "/v2/account"), *told(desk, "/v2/positions"), *told(desk, FILLS)]
    documents += told(desk, "/v2/orders", status="closed")
    assert {type(value) for document in documents for value in document.values()} <= {str, bool, type(None)}


def test_a_short_position_is_told_with_a_sign_and_a_side(desk: Desk) -> None:
    desk.account.fill("TSLA", -5, 200)

    (position,) = told(desk, "/v2/positions")
    assert (position["qty"], position["side"], position["market_value"]) == ("-5", "short", "-1000")


def test_crypto_has_its_slash_in_orders_and_fills_alone(desk: Desk) -> None:
    desk.account.fill("BTC/USD", "0.5", 60_000)

    assert told(desk, "/v2/positions")[0]["symbol"] == "BTCUSD"
    assert told(desk, "/v2/orders", status="closed")[0]["symbol"] == "BTC/USD"
    assert told(desk, FILLS)[0]["symbol"] == "BTC/USD"


def test_the_totals_of_the_account_are_those_of_its_positions(desk: Desk) -> None:
    desk.account.fill("AAPL", 10, 100)
    desk.account.fill("TSLA", -5, 200)
    desk.account.fill("AAPL270115C00200000", 2, "1.5")
    desk.account.price("AAPL", 110)

    account = told(desk, "/v2/account")
    assert {name: account[name] for name in ("cash", "long_market_value", "short_market_value", "equity")} == {
        "cash": "99700",
        "long_market_value": "1400",
        "short_market_value": "-1000",
        "equity": "100100",
    }


@given(
    trades=st.lists(
        st.tuples(st.integers(-20, 20).filter(bool), st.decimals("0.01", "500", places=2)), min_size=1, max_size=20
    )
)
def test_the_book_is_the_sum_of_the_fills_and_money_is_neither_made_nor_lost(
    trades: list[tuple[int, Decimal]],
) -> None:
    account = Brokerage(StandingClock(OPEN), "PA1", 0, "USD")
    for quantity, price in trades:
        account.fill("AAPL", quantity, price)

    books = account.books()
    held = sum(quantity for quantity, _ in trades)
    assert sum(one.quantity for one in books.holdings.values()) == held
    assert books.cash == -sum(quantity * price for quantity, price in trades)


@pytest.mark.parametrize(
    ("trades", "quantity", "average"),
    [
        ([(10, 100), (10, 110)], 20, 105),
        ([(10, 100), (-4, 500)], 6, 100),
        ([(10, 100), (-14, 90)], -4, 90),
        ([(-10, 100), (-10, 120)], -20, 110),
        ([(-10, 100), (4, 50)], -6, 100),
    ],
)
def test_the_average_price_is_that_of_entry(trades: list[tuple[int, int]], quantity: int, average: int) -> None:
    account = Brokerage(StandingClock(OPEN), "PA1", 0, "USD")
    for traded, price in trades:
        account.fill("AAPL", traded, price)

    held = account.books().holdings["AAPL"]
    assert (held.quantity, held.average) == (Decimal(quantity), Decimal(average))


@pytest.mark.parametrize(("new", "old"), [(4, 1), (1, 4), (3, 2)])
def test_a_split_changes_neither_value_nor_cost(new: int, old: int) -> None:
    account = Brokerage(StandingClock(OPEN), "PA1", 0, "USD")
    account.fill("AAPL", 12, 300)
    before = account.books().holdings["AAPL"]
    account.split("AAPL", new, old)

    after = account.books().holdings["AAPL"]
    assert (after.quantity, after.value, after.cost) == (Decimal(12 * new) / old, before.value, before.cost)


def test_open_orders_are_told_unless_another_status_is_asked_for(desk: Desk) -> None:
    waiting = desk.account.order("AAPL", 1)
    partly = desk.account.partial_fill("AAPL", 2, 1, 100)
    filled = desk.account.fill("AAPL", 1, 100)
    cancelled = desk.account.order("AAPL", 1)
    desk.account.end(cancelled)

    def found(**parameters: str) -> set[str]:
        return {order["id"] for order in told(desk, "/v2/orders", **parameters)}

    assert found() == found(status="open") == {waiting, partly}
    assert found(status="closed") == {filled, cancelled}
    assert found(status="all") == {waiting, partly, filled, cancelled}


@pytest.mark.parametrize(
    "parameters",
    [
        {"status": "filled"},
        {"status": "partially_filled"},
        {"limit": 501},
        {"limit": 0},
        {"limit": "many"},
        {"direction": "up"},
        {"after": "yesterday"},
    ],
)
def test_parameters_of_orders_that_alpaca_does_not_know_are_refused(desk: Desk, parameters: dict[str, str]) -> None:
    response = asked(desk, "/v2/orders", **parameters)

    assert (response.status_code, response.json()["code"]) == (422, 40010001)


def test_fifty_orders_are_told_newest_first_unless_asked_otherwise(desk: Desk) -> None:
    placed = trade(desk, 60)

    assert [order["id"] for order in told(desk, "/v2/orders", status="all")] == placed[:-51:-1]
    oldest = told(desk, "/v2/orders", status="all", limit=500, direction="asc")
    assert [order["id"] for order in oldest] == placed


def test_orders_are_chosen_by_submission_with_both_ends_left_out(desk: Desk) -> None:
    early = desk.account.order("AAPL", 1)
    desk.clock.advance(timedelta(hours=1))
    middle = desk.account.fill("AAPL", 1, 100)
    desk.clock.advance(timedelta(hours=1))
    desk.account.execution(early, 1, 100)
    desk.account.fill("AAPL", 1, 100)
    after, until = OPEN.isoformat(), (OPEN + timedelta(hours=2)).isoformat()

    found = told(desk, "/v2/orders", status="all", after=after, until=until)
    assert [order["id"] for order in found] == [middle]


def test_orders_are_chosen_by_symbol_and_side(desk: Desk) -> None:
    desk.account.fill("AAPL", 1, 100)
    sold = desk.account.fill("TSLA", -1, 100)
    desk.account.fill("MSFT", -1, 100)

    found = told(desk, "/v2/orders", status="all", symbols="AAPL,TSLA", side="sell")
    assert [order["id"] for order in found] == [sold]


def test_a_hundred_activities_are_told_newest_first_unless_asked_otherwise(desk: Desk) -> None:
    placed = trade(desk, 120)

    assert [fill["order_id"] for fill in told(desk, FILLS)] == placed[:-101:-1]
    assert [fill["order_id"] for fill in told(desk, FILLS, direction="asc", page_size=5)] == placed[:5]


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_pages_follow_one_another(desk: Desk, direction: str) -> None:
    placed = trade(desk, 25)
    found: list[str] = []
    page = told(desk, FILLS, direction=direction, page_size=10)
    while page:
        found += [fill["order_id"] for fill in page]
        page = told(desk, FILLS, direction=direction, page_size=10, page_token=page[-1]["id"])

    assert found == (placed if direction == "asc" else placed[::-1])


def test_a_page_leaves_out_what_shares_the_millisecond_of_its_token(desk: Desk) -> None:
    trade(desk, 9)
    same = trade(desk, 3, apart=timedelta(0))
    desk.clock.advance(MILLISECOND)
    last = desk.account.fill("AAPL", 1, 100)

    first = told(desk, FILLS, direction="asc", page_size=10)
    second = told(desk, FILLS, direction="asc", page_size=10, page_token=first[-1]["id"])
    assert first[-1]["order_id"] in same
    assert [fill["order_id"] for fill in second] == [last]


def test_a_day_is_told_whole_and_is_new_yorks(desk: Desk) -> None:
    desk.clock.at = datetime(2026, 11, 21, 4, 59, 59, tzinfo=UTC)
    friday = trade(desk, 130, apart=timedelta(0))
    desk.clock.at = datetime(2026, 11, 21, 5, tzinfo=UTC)
    trade(desk, 1)

    found = told(desk, FILLS, date="2026-11-20")
    assert {fill["order_id"] for fill in found} == set(friday)
    assert len(told(desk, FILLS, date="2026-11-20", page_size=7)) == 7


def test_executions_of_one_millisecond_come_in_no_order(desk: Desk) -> None:
    desk.account.fill("AAPL", 100, 50, parts=50)

    totals = [Decimal(fill["cum_qty"]) for fill in told(desk, FILLS, direction="asc")]
    assert totals != sorted(totals)
    assert sorted(totals) == [Decimal(2 * turn) for turn in range(1, 51)]


def test_parts_of_an_order_add_up_to_it(desk: Desk) -> None:
    desk.account.fill("AAPL", 10, 50, parts=3)

    found = told(desk, FILLS)
    assert sum(Decimal(fill["qty"]) for fill in found) == 10
    assert sorted(fill["type"] for fill in found) == ["fill", "partial_fill", "partial_fill"]
    assert {fill["leaves_qty"] for fill in found} >= {"0"}


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("", {"page_size": 101}),
        ("", {"date": "2026-11-20", "after": "2026-11-20"}),
        ("", {"date": "2026-11-20", "until": "2026-11-20"}),
        ("", {"date": "someday"}),
        ("", {"category": "trades"}),
        ("", {"activity_types": "FILL,NEVER"}),
        ("/NEVER", {}),
        ("/FILL", {"category": "trade_activity"}),
    ],
)
def test_parameters_of_activities_that_alpaca_does_not_know_are_refused(
    desk: Desk, path: str, parameters: dict[str, str]
) -> None:
    response = asked(desk, f"/v2/account/activities{path}", **parameters)

    assert (response.status_code, response.json()["code"]) == (422, 40010001)


def test_activities_are_chosen_by_category_and_by_type(desk: Desk) -> None:
    desk.account.fill("T", 2, 20)
    desk.account.dividend("T", "0.51")
    desk.account.transfer(10)

    def found(path: str = "", **parameters: str) -> set[str]:
        return {row["activity_type"] for row in told(desk, f"/v2/account/activities{path}", **parameters)}

    assert found() == {"FILL", "DIV", "CSD"}
    assert found(category="trade_activity") == {"FILL"}
    assert found(category="non_trade_activity") == {"DIV", "CSD"}
    assert found(activity_types="DIV,FILL") == {"DIV", "FILL"}
    assert found("/CSD") == {"CSD"}


def test_the_clock_is_new_yorks_and_knows_weekends_and_holidays() -> None:
    clock = StandingClock(datetime(2026, 11, 25, 22, tzinfo=UTC))
    with AlpacaServer(clock, holidays=[date(2026, 11, 26)]) as server:
        desk = Desk(clock, server, server.open_account(KEY, SECRET))
        document = told(desk, "/v2/clock")
        days = told(desk, "/v2/calendar", start="2026-11-25", end="2026-11-30")

    assert document == {
        "timestamp": "2026-11-25T17:00:00.000000000-05:00",
        "is_open": False,
        "next_open": "2026-11-27T09:30:00-05:00",
        "next_close": "2026-11-27T16:00:00-05:00",
    }
    assert [day["date"] for day in days] == ["2026-11-25", "2026-11-27", "2026-11-30"]
    assert days[0]["settlement_date"] == "2026-11-27"


@pytest.mark.parametrize("at", [datetime(2026, 11, 20, 14, 30, tzinfo=UTC), datetime(2026, 11, 20, 20, 59, tzinfo=UTC)])
def test_the_market_is_open_from_half_past_nine_to_four(desk: Desk, at: datetime) -> None:
    desk.clock.at = at
    assert told(desk, "/v2/clock")["is_open"]

    desk.clock.at = datetime(2026, 11, 20, 21, tzinfo=UTC)
    assert not told(desk, "/v2/clock")["is_open"]


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        (Fault.RATE_LIMITED, 429, '{"message": "rate limit exceeded", "code": 42910000}'),
        (Fault.UNAVAILABLE, 503, '{"message": "service unavailable"}'),
        (Fault.REFUSED, 401, '{"message": "request is not authorized", "code": 40110000}'),
        (Fault.FORBIDDEN, 403, '{"message": "forbidden."}'),
        (Fault.EMPTY, 200, "[]"),
        (Fault.TRUNCATED, 200, "["),
    ],
)
def test_a_fault_lasts_as_long_as_it_was_told(desk: Desk, fault: Fault, status: int, body: str) -> None:
    desk.server.fail(fault, "/v2/positions", times=1)

    response = asked(desk, "/v2/positions")
    assert (response.status_code, response.text) == (status, body)
    assert told(desk, "/v2/positions") == []


def test_a_rate_limit_says_when_it_ends(desk: Desk) -> None:
    desk.server.fail(Fault.RATE_LIMITED)

    headers = asked(desk, "/v2/account").headers
    assert headers["X-RateLimit-Limit"] == "200"
    assert int(headers["X-RateLimit-Reset"]) == OPEN.timestamp() + 1


def test_a_fault_is_of_its_path_and_ends_when_told(desk: Desk) -> None:
    desk.server.fail(Fault.HTML, "/v2/orders")
    assert asked(desk, "/v2/orders").text.startswith("<!DOCTYPE html>")
    assert told(desk, "/v2/positions") == []

    desk.server.recover()
    assert told(desk, "/v2/orders") == []


def test_a_dropped_connection_has_no_answer(desk: Desk) -> None:
    desk.server.fail(Fault.DROPPED)

    with pytest.raises(requests.ConnectionError):
        asked(desk, "/v2/account")


def test_a_slow_answer_arrives_byte_by_byte(desk: Desk) -> None:
    desk.server.fail(Fault.SLOW, times=1)

    with requests.get(f"{desk.server.url}/v2/positions", headers=KEYS, stream=True, timeout=5) as response:
        assert list(response.iter_content(1)) == [b"[", b"]"]


def test_frozen_answers_are_of_the_moment_at_which_it_began(desk: Desk) -> None:
    desk.account.fill("AAPL", 1, 100)
    desk.server.fail(Fault.FROZEN)
    clock = told(desk, "/v2/clock")
    desk.account.fill("TSLA", 1, 100)
    desk.clock.advance(timedelta(hours=1))

    assert told(desk, "/v2/clock") == clock
    assert len(told(desk, "/v2/positions")) == 1
    desk.server.recover()
    assert len(told(desk, "/v2/positions")) == 2


def test_the_same_script_gives_the_same_identifiers() -> None:
    accounts = [Brokerage(StandingClock(OPEN), "PA1", 0, "USD") for _ in range(2)]

    assert accounts[0].fill("AAPL", 1, 1) == accounts[1].fill("AAPL", 1, 1)
