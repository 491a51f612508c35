"""Windows and cursors of the local Bybit: what is not told, and what says so."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import ccxt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.demo.bybit_server import MARKETS, executions
from recon_exporter.demo.bybit_server.calls import Call
from recon_exporter.demo.exchange import Credentials, Exchange, Fault, listed, milliseconds
from support.alpaca import OPEN, StandingClock
from support.bybit import BybitDesk, running_bybit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

PERPETUAL = "BTC/USDT:USDT"
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def desk() -> Iterator[BybitDesk]:
    for running in running_bybit():
        running.account.deposit("USDT", 10**9)
        yield running


def trade(desk: BybitDesk, count: int, since: datetime, apart: timedelta = SECOND) -> list[str]:
    """So many trades from a moment on; their identifiers, newest first."""
    made = [
        desk.account.trade(PERPETUAL, "0.001", 50_000, at=since + apart * index, fee=0).trade_id
        for index in range(count)
    ]
    return made[::-1]


def ago(desk: BybitDesk, span: timedelta) -> datetime:
    return desk.clock.now() - span


def page(desk: BybitDesk, **parameters: Any) -> tuple[list[str], str]:  # noqa: ANN401  # ccxt's parameters
    """What is on one page, and the cursor to the next."""
    asked = {name: milliseconds(value) if name.endswith("Time") else value for name, value in parameters.items()}
    result = desk.ccxt.privateGetV5ExecutionList({"category": "linear", **asked})["result"]
    return [row["execId"] for row in result["list"]], result["nextPageCursor"]


def test_a_page_has_50_rows_or_up_to_100_newest_first(desk: BybitDesk) -> None:
    identifiers = trade(desk, 120, ago(desk, HOUR))

    assert page(desk)[0] == identifiers[:50]
    assert page(desk, limit=100)[0] == identifiers[:100]
    assert page(desk, limit=500)[0] == identifiers[:100]


def test_the_cursor_leads_on_until_a_page_is_not_full(desk: BybitDesk) -> None:
    identifiers = trade(desk, 7, ago(desk, HOUR), apart=timedelta(0))

    walked, cursor = page(desk, limit=3)
    while cursor:
        rows, cursor = page(desk, limit=3, cursor=cursor)
        walked += rows
    assert walked == identifiers


def test_the_cursor_of_a_last_full_page_leads_to_an_empty_one(desk: BybitDesk) -> None:
    trade(desk, 3, ago(desk, HOUR))

    _, cursor = page(desk, limit=3)

    assert cursor
    assert page(desk, limit=3, cursor=cursor) == ([], "")


def test_what_comes_between_two_pages_moves_none(desk: BybitDesk) -> None:
    identifiers = trade(desk, 4, ago(desk, HOUR))
    _, cursor = page(desk, limit=2)
    trade(desk, 2, ago(desk, timedelta(minutes=1)))

    assert page(desk, limit=2, cursor=cursor)[0] == identifiers[2:]


def test_a_cursor_of_nobodys_is_refused(desk: BybitDesk) -> None:
    with pytest.raises(ccxt.BadRequest, match=r"10001.*cursor"):
        page(desk, cursor="somewhere%3A1")


def test_ccxt_walks_all_pages_by_itself(desk: BybitDesk) -> None:
    identifiers = trade(desk, 230, ago(desk, HOUR))

    since = milliseconds(ago(desk, DAY))
    walked = desk.ccxt.fetch_my_trades(None, since, None, {"paginate": True})

    assert {row["id"] for row in walked} == set(identifiers)


def test_a_window_is_of_seven_days_whichever_end_is_named(desk: BybitDesk) -> None:
    newest, middle, oldest = trade(desk, 3, ago(desk, 14 * DAY), apart=7 * DAY)
    start = ago(desk, 14 * DAY)

    assert page(desk)[0] == [newest, middle], "the last seven days, both ends included"
    assert page(desk, startTime=start)[0] == [middle, oldest]
    assert page(desk, endTime=ago(desk, 8 * DAY))[0] == [oldest]
    with pytest.raises(ccxt.BadRequest, match=r"10001.*7 days"):
        page(desk, startTime=start, endTime=start + 7 * DAY + SECOND)


def test_asked_since_a_day_long_gone_ccxt_gets_one_week_and_no_word_of_more(desk: BybitDesk) -> None:
    trade(desk, 3, ago(desk, 20 * DAY), apart=9 * DAY)

    assert len(desk.ccxt.fetch_my_trades(None, milliseconds(ago(desk, 20 * DAY)))) == 1


def test_funding_comes_fifty_at_a_time_whatever_ccxt_asks(desk: BybitDesk) -> None:
    for index in range(60):
        desk.account.fund(PERPETUAL, 1, at=ago(desk, DAY) + SECOND * index)

    assert len(desk.ccxt.fetch_funding_history(PERPETUAL, None, 100)) == 50


def test_orders_come_20_a_page_or_up_to_50(desk: BybitDesk) -> None:
    trade(desk, 60, ago(desk, HOUR))

    assert [len(desk.ccxt.fetch_closed_orders(None, None, limit)) for limit in (None, 50, 100)] == [20, 50, 50]
    walked = desk.ccxt.fetch_closed_orders(None, milliseconds(ago(desk, DAY)), None, {"paginate": True})
    assert len({order["id"] for order in walked}) == 60


def test_positions_come_20_a_page_or_up_to_200(desk: BybitDesk) -> None:
    for index in range(25):
        desk.server.exchange.list_market(listed(f"C{index}/USDT:USDT", "contract"))
        desk.account.trade(f"C{index}/USDT:USDT", 1, 1)

    asked = {"category": "linear", "settleCoin": "USDT"}
    result = desk.ccxt.privateGetV5PositionList(asked)["result"]
    rest = desk.ccxt.privateGetV5PositionList({**asked, "cursor": result["nextPageCursor"]})["result"]

    assert (len(result["list"]), len(rest["list"]), len(desk.ccxt.fetch_positions())) == (20, 5, 25)


def test_the_log_is_of_one_day_unless_more_is_asked_for(desk: BybitDesk) -> None:
    trade(desk, 3, ago(desk, 2 * DAY), apart=DAY)

    log = desk.ccxt.privateGetV5AccountTransactionLog
    start = milliseconds(ago(desk, 2 * DAY))

    assert len(log({"type": "TRADE"})["result"]["list"]) == 2
    assert len(log({"type": "TRADE", "startTime": start})["result"]["list"]) == 2
    assert (
        len(log({"type": "TRADE", "startTime": start, "endTime": milliseconds(desk.clock.now())})["result"]["list"])
        == 3
    )


def test_executions_can_be_asked_of_one_order(desk: BybitDesk) -> None:
    trade(desk, 2, ago(desk, HOUR))
    order = desk.account.order(PERPETUAL, "0.3", 50_000, client_id="bot-7")
    mine = desk.account.trade(PERPETUAL, "0.1", 50_000, order_id=order.order_id)

    assert page(desk, orderId=order.order_id)[0] == page(desk, orderLinkId="bot-7")[0] == [mine.trade_id]


@pytest.mark.parametrize(
    ("parameters", "kind", "words"),
    [
        ({"category": "nonsense"}, ccxt.BadRequest, "Illegal category"),
        ({"symbol": "NONEUSDT"}, ccxt.BadSymbol, "Not supported symbols"),
        ({"startTime": "yesterday"}, ccxt.BadRequest, "startTime invalid"),
    ],
)
def test_a_parameter_must_make_sense(
    desk: BybitDesk, parameters: dict[str, str], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        desk.ccxt.privateGetV5ExecutionList({"category": "linear", **parameters})


def test_one_page_only_looks_like_a_short_history(desk: BybitDesk) -> None:
    identifiers = trade(desk, 9, ago(desk, HOUR))
    _, cursor = page(desk, limit=4)
    desk.server.fail(Fault.ONE_PAGE)

    assert page(desk, limit=4) == (identifiers[:4], "")
    assert page(desk, limit=4, cursor=cursor) == ([], "")


@given(ages=st.lists(st.tuples(st.integers(0, 9999), st.booleans()), max_size=25), limit=st.integers(1, 7))
def test_whatever_happened_is_told_once_newest_first(ages: list[tuple[int, bool]], limit: int) -> None:
    numbers = count()
    exchange = Exchange(StandingClock(OPEN), MARKETS, lambda symbol, at: f"{symbol}-{next(numbers)}")  # noqa: ARG005
    account = exchange.open_account(Credentials("key", "secret"))
    for age, is_funding in ages:
        at = OPEN - SECOND * age
        if is_funding:
            account.fund(PERPETUAL, 1, at=at)
        else:
            account.trade(PERPETUAL, "0.001", 1, at=at, fee=0)
    view, cursor, walked = exchange.view(account, timedelta(0), one_page=False), "", []
    while True:
        asked = {"category": "linear", "limit": str(limit), "cursor": cursor}
        result: Any = executions.executions(Call(view, asked))
        walked += [(row["execId"], int(row["execTime"])) for row in result["list"]]
        cursor = result["nextPageCursor"]
        if not cursor:
            break

    assert len({name for name, _ in walked}) == len(walked) == len(ages)
    assert [at for _, at in walked] == sorted((milliseconds(OPEN - SECOND * age) for age, _ in ages), reverse=True)
