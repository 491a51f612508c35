"""How many accounts are worked on at a time, although most of them only wait until they may ask again."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from recon_exporter.ports import Clock


class Places:
    """So many at work at a time; who waits for the moment of its next request leaves its place to another meanwhile.

    Who has begun goes before who has not, so that slow replies never spread over more accounts than there are places:
    each has a deadline, which runs from its beginning. Nobody may wait in a place for somebody who has left one.
    """

    def __init__(self, count: int) -> None:
        self._lock = threading.Lock()
        self._free = count
        self._returning: deque[threading.Event] = deque()
        self._coming: deque[threading.Event] = deque()
        self._own = threading.local()

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        with self._lock:
            return len(self._returning) + len(self._coming)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for a place, and work on it."""
        self._take(self._coming)
        self._own.has_one = True
        try:
            yield
        finally:
            self._own.has_one = False
            self._give()

    @contextmanager
    def left(self) -> Iterator[None]:
        """Do without it for a while; nothing to a thread that has none."""
        if not getattr(self._own, "has_one", False):
            yield
            return
        self._give()
        try:
            yield
        finally:
            self._take(self._returning)

    def _take(self, queue: deque[threading.Event]) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            called = threading.Event()
            queue.append(called)
        called.wait()

    def _give(self) -> None:
        with self._lock:
            for queue in (self._returning, self._coming):
                if queue:
                    queue.popleft().set()
                    return
            self._free += 1


class LeavingClock:
    """The clock of the venues: its waiting takes up no place."""

    def __init__(self, clock: Clock, places: Places) -> None:
        self._clock = clock
        self._places = places

    def now(self) -> datetime:
        """As the clock within."""
        return self._clock.now()

    def monotonic(self) -> float:
        """As the clock within."""
        return self._clock.monotonic()

    def wait(self, span: timedelta) -> None:
        """As the clock within, and then until there is a place again."""
        with self._places.left():
            self._clock.wait(span)
