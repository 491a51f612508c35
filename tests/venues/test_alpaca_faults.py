"""Whatever goes wrong on the way to Alpaca has its reason, is never an empty book, and is over when it is over."""

from __future__ import annotations

import logging
import socket
import socketserver
import threading
import time
import traceback
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import structlog

from recon_exporter.demo.alpaca_server import Fault
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.statement import Unavailable
from recon_exporter.venues.alpaca import Access, Limits
from support.alpaca import KEY, OPEN, QUICK, SECRET, SOUND, Desk, answering, running_desk, venue_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from recon_exporter.venues.alpaca import AlpacaVenue

SINCE = OPEN - timedelta(hours=1)
IMPATIENT = replace(QUICK, answer=timedelta(seconds=0.2))
"""For what never answers in time; a busy machine may take as long over an answer that does."""
FAULTS = {
    Fault.SLOW: Reason.DEADLINE_EXCEEDED,
    Fault.RATE_LIMITED: Reason.RATE_LIMITED,
    Fault.UNAVAILABLE: Reason.VENUE_UNREACHABLE,
    Fault.REFUSED: Reason.CREDENTIALS_REFUSED,
    Fault.FORBIDDEN: Reason.CREDENTIALS_REFUSED,
    Fault.REDIRECTED: Reason.SOURCE_UNREADABLE,
    Fault.HTML: Reason.SOURCE_MALFORMED,
    Fault.TRUNCATED: Reason.SOURCE_MALFORMED,
    Fault.DROPPED: Reason.VENUE_UNREACHABLE,
    Fault.EMPTY: Reason.SOURCE_INCOMPLETE,
    Fault.HALF_BOOK: Reason.SOURCE_INCOMPLETE,
    Fault.FROZEN: Reason.SOURCE_STALE,
}
OF_LISTS = {Fault.EMPTY, Fault.HALF_BOOK}
READINGS: dict[str, Callable[[AlpacaVenue], object]] = {
    "positions": lambda venue: venue.positions(OPEN),
    "fills": lambda venue: venue.fills(SINCE, OPEN),
    "orders": lambda venue: venue.orders(SINCE),
    "balances": lambda venue: venue.balances(OPEN),
    "activities": lambda venue: venue.activities(SINCE),
    "market": lambda venue: venue.market(),
    "sessions": lambda venue: venue.sessions(OPEN.date(), OPEN.date()),
}


@pytest.fixture
def desk() -> Iterator[Desk]:
    for desk in running_desk():
        desk.account.fill("AAPL", 10, 100)
        desk.account.fill("TSLA", -5, 200)
        yield desk


def limits(fault: Fault | None) -> Limits:
    return IMPATIENT if fault is Fault.SLOW else QUICK


def limits_that_a_sound_answer_keeps(fault: Fault) -> Limits:
    return replace(QUICK, answer=timedelta(seconds=1)) if fault is Fault.SLOW else QUICK


def reason(told: object) -> Reason | None:
    return told.reason if isinstance(told, Unavailable) else None


def test_every_fault_has_its_row() -> None:
    assert FAULTS.keys() | {Fault.FIRST_PAGE_ONLY} == set(Fault)


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_is_a_book_and_each_is_over_when_it_ends(desk: Desk, fault: Fault) -> None:
    venue = desk.venue(limits_that_a_sound_answer_keeps(fault))
    desk.server.fail(fault)
    desk.clock.advance(timedelta(minutes=5))

    assert reason(venue.positions(desk.clock.now())) is FAULTS[fault]
    desk.server.recover()
    assert reason(venue.positions(desk.clock.now())) is None


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - OF_LISTS))
def test_every_reading_meets_every_fault_alike(desk: Desk, fault: Fault, reading: str) -> None:
    desk.server.fail(fault)
    desk.clock.advance(timedelta(minutes=5))

    assert reason(READINGS[reading](desk.venue(replace(limits(fault), attempts=1)))) is FAULTS[fault]


@pytest.mark.parametrize(
    "fault", [Fault.RATE_LIMITED, Fault.UNAVAILABLE, Fault.DROPPED, Fault.HTML, Fault.TRUNCATED, Fault.SLOW]
)
def test_what_passes_is_tried_again(desk: Desk, fault: Fault) -> None:
    desk.server.fail(fault, "/v2/positions", times=1)

    assert reason(desk.venue(limits_that_a_sound_answer_keeps(fault)).positions(OPEN)) is None


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.FORBIDDEN, Fault.REDIRECTED])
def test_what_does_not_pass_is_not_tried_again(desk: Desk, fault: Fault) -> None:
    desk.server.fail(fault)
    desk.venue().positions(OPEN)

    assert len(desk.server.asked) == 1


def test_attempts_are_bounded(desk: Desk) -> None:
    desk.server.fail(Fault.UNAVAILABLE)
    desk.venue(replace(QUICK, attempts=3)).positions(OPEN)

    assert len(desk.server.asked) == 3


def test_a_wait_that_the_venue_wants_is_kept_unless_it_passes_the_deadline(desk: Desk) -> None:
    desk.server.fail(Fault.RATE_LIMITED, times=1)
    begun = time.monotonic()
    assert reason(desk.venue().positions(OPEN)) is None
    assert time.monotonic() - begun >= 0.9

    desk.server.fail(Fault.RATE_LIMITED, times=1)
    in_a_hurry = desk.venue(replace(QUICK, deadline=timedelta(seconds=0.5)))
    assert reason(in_a_hurry.positions(OPEN)) is Reason.RATE_LIMITED


def test_the_deadline_is_for_the_whole_reading(desk: Desk) -> None:
    desk.server.fail(Fault.SLOW)
    begun = time.monotonic()
    told = desk.venue(replace(QUICK, deadline=timedelta(seconds=0.3), attempts=50)).positions(OPEN)

    assert reason(told) is Reason.DEADLINE_EXCEEDED
    assert time.monotonic() - begun < 3


def test_a_venue_that_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        told = venue_at(url, replace(IMPATIENT, attempts=1)).positions(OPEN)

    assert reason(told) is Reason.DEADLINE_EXCEEDED


@contextmanager
def saying(said: bytes, *, then_silent: bool) -> Iterator[str]:
    """A server that says this to everybody, then closes the connection or says no more."""
    ended = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            self.request.sendall(said)
            if then_silent:
                ended.wait(10)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            ended.set()
            server.shutdown()
            thread.join()


HALF = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"


def test_an_answer_that_breaks_off_is_no_answer() -> None:
    with saying(HALF, then_silent=False) as url:
        assert reason(venue_at(url).positions(OPEN)) is Reason.VENUE_UNREACHABLE


def test_an_answer_that_stops_in_the_middle_is_given_up() -> None:
    with saying(HALF, then_silent=True) as url:
        told = venue_at(url, replace(IMPATIENT, attempts=1)).positions(OPEN)

    assert reason(told) is Reason.DEADLINE_EXCEEDED


@pytest.mark.parametrize("header", [b"Retry-After: 1\r\n", b"X-RateLimit-Reset: 1\r\n", b""])
def test_a_rate_limit_is_one_however_it_says_when_it_ends(header: bytes) -> None:
    with saying(b"HTTP/1.1 429 Slow Down\r\n" + header + b"Content-Length: 0\r\n\r\n", then_silent=False) as url:
        told = venue_at(url, replace(QUICK, deadline=timedelta(seconds=0.5))).positions(OPEN)

    assert reason(told) is Reason.RATE_LIMITED


def test_an_answer_without_an_end_is_not_read_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recon_exporter.venues.alpaca.session.LARGEST_ANSWER", 1000)
    with answering(SOUND | {"/v2/positions": " " * 2000}) as url:
        assert reason(venue_at(url).positions(OPEN)) is Reason.VENUE_UNREACHABLE


def test_a_reading_that_has_used_up_its_time_asks_no_more(desk: Desk) -> None:
    told = desk.venue(replace(QUICK, deadline=timedelta(microseconds=1))).positions(OPEN)

    assert reason(told) is Reason.DEADLINE_EXCEEDED
    assert list(desk.server.asked) == []


def test_nobody_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as once:
        url = f"http://127.0.0.1:{once.getsockname()[1]}"

    assert reason(venue_at(url).positions(OPEN)) is Reason.VENUE_UNREACHABLE


def test_a_host_that_speaks_no_tls_is_unreachable(desk: Desk) -> None:
    url = desk.server.url.replace("http:", "https:")

    assert reason(venue_at(url).positions(OPEN)) is Reason.VENUE_UNREACHABLE


def test_a_base_url_that_is_none_is_unreachable() -> None:
    assert reason(venue_at("nowhere at all").positions(OPEN)) is Reason.VENUE_UNREACHABLE


def test_a_path_that_is_not_alpacas_is_said_with_its_status(desk: Desk) -> None:
    told = venue_at(f"{desk.server.url}/elsewhere").positions(OPEN)

    assert told == Unavailable(Reason.SOURCE_UNREADABLE, "Alpaca answered 404 to the question for its clock")


def test_a_redirect_is_not_followed_because_it_would_carry_the_key(desk: Desk) -> None:
    desk.server.fail(Fault.REDIRECTED)
    desk.venue().positions(OPEN)

    assert {asked.path for asked in desk.server.asked} == {"/v2/clock"}


def test_a_clock_ahead_of_ours_is_no_now(desk: Desk) -> None:
    desk.server.fail(Fault.FROZEN)
    desk.clock.advance(-timedelta(minutes=5))

    assert reason(desk.venue().positions(desk.clock.now())) is Reason.TIME_IN_FUTURE


def test_questions_keep_their_distance(desk: Desk) -> None:
    venue = desk.venue(replace(QUICK, spacing=timedelta(seconds=0.1)))
    venue.positions(OPEN)
    begun = time.monotonic()
    venue.positions(OPEN)

    assert time.monotonic() - begun >= 0.2


def test_several_threads_may_ask_and_are_answered_one_after_the_other() -> None:
    at_once = threading.Semaphore(1)
    overlapped: list[bool] = []

    def clock(_: dict[str, str]) -> object:
        overlapped.append(not at_once.acquire(blocking=False))
        time.sleep(0.02)
        at_once.release()
        return SOUND["/v2/clock"]

    told: list[object] = []
    with answering(SOUND | {"/v2/clock": clock}) as url:
        venue = venue_at(url)
        threads = [threading.Thread(target=lambda: told.append(venue.positions(OPEN))) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert [reason(one) for one in told] == [None] * 6
    assert overlapped == [False] * 6


@pytest.mark.parametrize("fault", [*FAULTS, None])
def test_neither_key_nor_secret_is_ever_shown(
    desk: Desk, fault: Fault | None, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    if fault is not None:
        desk.server.fail(fault)
    desk.clock.advance(timedelta(minutes=5))
    # The second that the venue wants to be left alone is past this deadline.
    venue = desk.venue(replace(limits(fault), deadline=timedelta(seconds=0.8)))
    with caplog.at_level(logging.DEBUG), structlog.testing.capture_logs() as logged:
        told = [repr(read(venue)) for read in READINGS.values()]
    shown = capfd.readouterr()

    everything = "\n".join((*told, repr(venue), caplog.text, repr(logged), shown.out, shown.err))
    assert KEY not in everything
    assert SECRET not in everything


def test_an_answer_that_repeats_key_and_secret_does_not_show_them() -> None:
    position = SOUND["/v2/positions"][0] | {"qty": KEY, "side": SECRET}

    with answering(SOUND | {"/v2/positions": [position]}) as url:
        told = venue_at(url).positions(OPEN)

    assert told == Unavailable(
        Reason.SOURCE_MALFORMED, "Alpaca's positions[0].qty: found '***', expected a finite number"
    )


def test_access_shows_itself_without_what_is_secret() -> None:
    access = Access(KEY, SECRET, paper=False, base_url="https://user:password@proxy.example")

    assert repr(access) == "Access(paper=False)"


def test_an_error_of_the_program_itself_carries_no_headers(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("recon_exporter.venues.alpaca.venue.read_positions", broken)
    try:
        desk.venue().positions(OPEN)
    except RuntimeError as error:
        text = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        assert KEY not in text
        assert SECRET not in text


def test_limits_are_those_of_alpaca() -> None:
    assert Limits().spacing * 200 >= timedelta(seconds=60)
