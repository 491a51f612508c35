"""What a local exchange does for every venue: keys, limits, counts, delays, faults; asked in a plain language."""

from __future__ import annotations

import concurrent.futures
import time
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
import requests

from recon_exporter.demo.exchange import (
    Account,
    Credentials,
    Exchange,
    ExchangeServer,
    Fault,
    Limit,
    Reason,
    Refusal,
    Request,
    View,
    listed,
    milliseconds,
)
from recon_exporter.demo.exchange.limits import Limiter
from support.alpaca import OPEN, StandingClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

KEY = Credentials("key1", "secret1", can_trade=True)
OTHER = Credentials("key2", "secret2")
SECOND = timedelta(seconds=1)


class Plain:
    """A venue whose signature is its secret."""

    def key(self, request: Request) -> str | None:
        return request.headers.get("x-key")

    def admit(self, request: Request, credentials: Credentials, at: datetime) -> None:
        if request.headers.get("x-secret") != credentials.secret:
            raise self.refusal(Reason.WRONG_SIGNATURE, at)

    def answer(self, request: Request, view: View) -> object:
        if request.path == "/time":
            return {"time": milliseconds(view.at)}
        if view.book is None:
            raise self.refusal(Reason.UNKNOWN_KEY, view.at)
        return {"funds": [str(funds.total) for funds in view.book.funds], "asked": dict(request.parameters)}

    def refusal(self, reason: Reason, at: datetime) -> Refusal:
        return Refusal(HTTPStatus.BAD_REQUEST, {"reason": str(reason), "at": milliseconds(at)})


class Desk:
    """A server with two accounts."""

    def __init__(self, limit: Limit | None = None, latency: timedelta = timedelta(0)) -> None:
        self.clock = StandingClock(OPEN)
        self.server = ExchangeServer(Exchange(self.clock, [listed("BTC/USDT")]), Plain(), limit=limit, latency=latency)
        self.account, self.other = (self.open(keys) for keys in (KEY, OTHER))

    def open(self, keys: Credentials) -> Account:
        account = self.server.exchange.open_account(keys, f"bot-{keys.key}")
        account.deposit("USDT", 5)
        return account

    def get(self, path: str = "/funds", keys: Credentials = KEY, wait: float = 5) -> requests.Response:
        headers = {"X-Key": keys.key, "X-Secret": keys.secret}
        return requests.get(self.server.url + path, headers=headers, timeout=wait)


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    with desk.server:
        yield desk


def test_the_venue_makes_the_document(desk: Desk) -> None:
    response = desk.get("/funds?a=1&b=x%20y&c=")

    assert response.json() == {"funds": ["5"], "asked": {"a": "1", "b": "x y", "c": ""}}
    assert response.headers["Content-Type"] == "application/json"


def test_an_unknown_key_is_refused_before_anything_is_looked_at(desk: Desk) -> None:
    response = desk.get(keys=Credentials("nobody", "x"))

    assert (response.status_code, response.json()["reason"]) == (400, "unknown_key")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_but_reading_is_obeyed_and_the_attempt_is_kept(desk: Desk, method: str) -> None:
    response = requests.request(method, f"{desk.server.url}/order", json={"side": "buy"}, timeout=5)

    assert response.json()["reason"] == "writes"
    assert [(asked.method, asked.path) for asked in desk.server.journal.writes] == [(method, "/order")]


def test_requests_are_counted_by_account_and_path(desk: Desk) -> None:
    for path in ("/funds", "/funds/more", "/other"):
        desk.get(path)
    desk.get(keys=OTHER)
    requests.get(f"{desk.server.url}/time", timeout=5)

    journal = desk.server.journal
    assert (journal.count(), journal.count("bot-key1"), journal.count("bot-key1", "/funds")) == (5, 3, 2)
    assert journal.latest[-1].account is None


def test_more_requests_than_the_limit_are_refused_until_the_span_has_passed() -> None:
    limiter = Limiter(Limit(2, SECOND))

    assert [limiter.admits("a", at) for at in (0.0, 0.1, 0.2, 0.9)] == [True, True, False, False]
    assert limiter.admits("b", 0.2)
    assert [limiter.admits("a", at) for at in (1.0, 1.05, 1.1)] == [True, False, True]


def test_every_answer_takes_the_latency_and_answers_overlap() -> None:
    desk = Desk(latency=timedelta(milliseconds=100))
    with desk.server, concurrent.futures.ThreadPoolExecutor(30) as pool:
        begin = time.monotonic()
        statuses = [response.status_code for response in pool.map(lambda _: desk.get(), range(30))]
        took = time.monotonic() - begin

    assert statuses == [200] * 30
    assert 0.1 <= took < 2


def test_a_fault_ends_when_its_times_are_over(desk: Desk) -> None:
    desk.server.fail(Fault.UNAVAILABLE, "/funds", times=2)

    assert [desk.get().status_code for _ in range(3)] == [400, 400, 200]


def test_a_fault_meets_its_path_and_its_account(desk: Desk) -> None:
    desk.server.fail(Fault.FORBIDDEN, "/funds", account="bot-key2")

    told = [desk.get(path, keys).status_code for path in ("/funds", "/other") for keys in (KEY, OTHER)]
    assert told == [200, 400, 200, 200]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.RATE_LIMITED, Reason.RATE_LIMITED),
        (Fault.UNAVAILABLE, Reason.UNAVAILABLE),
        (Fault.UNKNOWN_KEY, Reason.UNKNOWN_KEY),
        (Fault.WRONG_PASSPHRASE, Reason.WRONG_PASSPHRASE),
        (Fault.WRONG_SIGNATURE, Reason.WRONG_SIGNATURE),
        (Fault.FOREIGN_ADDRESS, Reason.FOREIGN_ADDRESS),
        (Fault.FORBIDDEN, Reason.FORBIDDEN),
    ],
)
def test_a_refusal_is_made_in_the_words_of_the_venue(desk: Desk, fault: Fault, reason: Reason) -> None:
    desk.server.fail(fault)

    assert desk.get().json()["reason"] == reason


def test_pages_and_halves_take_the_place_of_json(desk: Desk) -> None:
    desk.server.fail(Fault.HTML, times=1)
    page = desk.get()
    desk.server.fail(Fault.BLOCKED, times=1)
    blocked = desk.get()
    desk.server.fail(Fault.TRUNCATED, times=1)
    half = desk.get()

    assert (page.status_code, blocked.status_code, half.status_code) == (200, 403, 200)
    assert page.headers["Content-Type"] == "text/html"
    assert desk.get().text.startswith(half.text)


def test_a_dropped_connection_is_reset(desk: Desk) -> None:
    desk.server.fail(Fault.DROPPED, times=1)

    with pytest.raises(requests.ConnectionError):
        desk.get()
    assert desk.get().status_code == 200


def test_a_slow_answer_comes_in_the_end(desk: Desk) -> None:
    desk.server.fail(Fault.SLOW, span=timedelta(milliseconds=150), times=1)
    begin = time.monotonic()

    assert desk.get().status_code == 200
    assert time.monotonic() - begin >= 0.15


def test_stopping_does_not_wait_for_what_hangs() -> None:
    desk = Desk()
    desk.server.start()
    desk.server.fail(Fault.HANG)
    with pytest.raises(requests.Timeout):
        desk.get(wait=0.1)
    begin = time.monotonic()
    desk.server.stop()

    assert time.monotonic() - begin < 3
    with pytest.raises(requests.ConnectionError):
        desk.get()


def test_empty_lists_leave_the_rest_as_it_is(desk: Desk) -> None:
    desk.server.fail(Fault.EMPTY)

    assert desk.get("/funds?a=1").json() == {"funds": [], "asked": {"a": "1"}}


def test_a_frozen_exchange_tells_what_was_then_also_to_who_came_later(desk: Desk) -> None:
    desk.server.fail(Fault.FROZEN)
    desk.account.deposit("USDT", 1)
    late = Credentials("key3", "secret3")
    desk.open(late)
    desk.clock.advance(SECOND)

    assert desk.get().json()["funds"] == ["5"]
    assert desk.get("/time").json() == {"time": milliseconds(OPEN)}
    assert desk.get(keys=late).status_code == 400
    desk.server.recover()
    assert desk.get().json()["funds"] == ["6"]


def test_a_skewed_clock_is_that_much_ahead(desk: Desk) -> None:
    desk.server.fail(Fault.SKEWED, "/time", span=timedelta(minutes=2))

    assert desk.get("/time").json() == {"time": milliseconds(OPEN) + 120_000}


def test_events_and_requests_may_come_from_many_threads(desk: Desk) -> None:
    def work(number: int) -> None:
        desk.account.deposit("USDT", number)
        desk.get()

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(40)))

    assert desk.get().json()["funds"] == [str(5 + sum(range(40)))]
