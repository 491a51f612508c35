"""How many accounts are worked on at a time, and who gives way to whom."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from recon_exporter.clock import SystemClock
from recon_exporter.sources.places import LeavingClock, Places
from recon_exporter.venues.ccxt import Turn

if TYPE_CHECKING:
    from collections.abc import Callable

DEADLINE = 30.0
MOMENT = timedelta(milliseconds=1)


def until(what: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + DEADLINE
    while not what():
        assert time.monotonic() < ends_at, "it did not come about"
        time.sleep(0.001)


class Crowd:
    """Threads that work on a place and wait again and again, and the most that worked at once."""

    def __init__(self, places: Places) -> None:
        self.most = self.ended = 0
        self._places = places
        self._clock = LeavingClock(SystemClock(), places)
        self._lock = threading.Lock()
        self._working = 0

    def run(self, count: int) -> None:
        threads = [threading.Thread(target=self._work) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(DEADLINE)

    def _work(self) -> None:
        with self._places.taken():
            for _ in range(5):
                self._count(1)
                time.sleep(0.001)
                self._count(-1)
                self._clock.wait(MOMENT)
        with self._lock:
            self.ended += 1

    def _count(self, more: int) -> None:
        with self._lock:
            self._working += more
            self.most = max(self.most, self._working)


def test_never_more_work_at_once_than_there_are_places_and_all_come_to_their_end() -> None:
    crowd = Crowd(Places(3))

    crowd.run(20)

    assert crowd.ended == 20
    assert crowd.most <= 3


def test_who_waits_leaves_its_place_to_another() -> None:
    places = Places(1)
    came = threading.Event()

    def come() -> None:
        with places.taken():
            came.set()

    with places.taken():
        other = threading.Thread(target=come)
        other.start()
        assert not came.wait(0.05)
        with places.left():
            assert came.wait(DEADLINE)
    other.join(DEADLINE)


def test_who_has_begun_goes_before_who_has_not() -> None:
    places, order = Places(1), list[str]()
    left, go_on = threading.Event(), threading.Event()

    def begun() -> None:
        with places.taken():
            with places.left():
                left.set()
                go_on.wait(DEADLINE)
            order.append("begun")

    def new() -> None:
        with places.taken():
            order.append("new")

    first, second = threading.Thread(target=begun), threading.Thread(target=new)
    with ExitStack() as stack:
        first.start()
        assert left.wait(DEADLINE)
        stack.enter_context(places.taken())
        second.start()
        until(lambda: places.waiting == 1)
        go_on.set()
        until(lambda: places.waiting == 2)
    first.join(DEADLINE)
    second.join(DEADLINE)

    assert order == ["begun", "new"]


def test_bots_with_one_key_do_not_keep_each_other_from_their_places() -> None:
    places, ended = Places(1), list[bool]()
    clock, turn = LeavingClock(SystemClock(), places), Turn(places.left)

    def read() -> None:
        with places.taken():
            taken = turn.take(DEADLINE)
            for _ in range(3):
                clock.wait(MOMENT)
            turn.give()
            ended.append(taken)

    threads = [threading.Thread(target=read) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE / 3)

    assert ended == [True] * 5


def test_waiting_of_who_has_no_place_takes_none() -> None:
    places = Places(1)

    with places.taken():
        thread = threading.Thread(target=LeavingClock(SystemClock(), places).wait, args=(MOMENT,))
        thread.start()
        thread.join(DEADLINE)

        assert not thread.is_alive()


def test_place_is_free_again_after_an_error() -> None:
    places = Places(1)
    for _ in range(2):
        with suppress(ZeroDivisionError), places.taken():
            _ = 1 / 0

    with places.taken():
        assert places.waiting == 0
