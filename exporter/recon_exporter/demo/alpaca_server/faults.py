"""What can be made to go wrong between Alpaca and who asks it."""

import threading
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """Each as it has been seen in front of some broker.

    slow: the answer drips, a byte at a time; rate_limited: 429; unavailable: 503; refused: 401; forbidden: 403;
    redirected: 302 to elsewhere; html: a page instead of JSON, with 200; truncated: half of the JSON; dropped: the
    connection is closed without an answer; empty: a list without anything in it; first_page_only: every page, and every
    day, is the first page; half_book: a list without its last half; frozen: all answers are of the moment at which
    this began, the clock's too.
    """

    SLOW = "slow"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    FORBIDDEN = "forbidden"
    REDIRECTED = "redirected"
    HTML = "html"
    TRUNCATED = "truncated"
    DROPPED = "dropped"
    EMPTY = "empty"
    FIRST_PAGE_ONLY = "first_page_only"
    HALF_BOOK = "half_book"
    FROZEN = "frozen"


@dataclass
class _Current:
    fault: Fault
    path: str
    times: int | None


class Faults:
    """The faults in force; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._current: list[_Current] = []

    def begin(self, fault: Fault, path: str, times: int | None) -> None:
        """From here on: requests whose path begins so, the next ``times`` of them or until it is over."""
        with self._lock:
            self._current.append(_Current(fault, path, times))

    def end(self) -> None:
        """All is well again."""
        with self._lock:
            self._current.clear()

    def take(self, path: str) -> frozenset[Fault]:
        """The faults that this request meets."""
        with self._lock:
            met = [current for current in self._current if path.startswith(current.path) and current.times != 0]
            for current in met:
                if current.times is not None:
                    current.times -= 1
            return frozenset(current.fault for current in met)
