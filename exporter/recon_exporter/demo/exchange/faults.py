"""What can be made to go wrong between a venue and who asks it, and where it is in force."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Generic, TypeVar


class Fault(StrEnum):
    """Each as it has been seen in front of some venue.

    slow: the answer comes so much later; hang: it never comes; rate_limited: 429 in the venue's own words;
    unavailable: 503; html: a page instead of JSON, with 200; blocked: a page with 403; truncated: half of the JSON;
    dropped: the connection is reset; empty: every list is empty; one_page: there is no second page, and no sign of it;
    frozen: all answers are of the moment at which this began, its time too; skewed: the venue's clock is off by so
    much; unknown_key, wrong_passphrase, wrong_signature, foreign_address, forbidden: the venue refuses the key so.
    """

    SLOW = "slow"
    HANG = "hang"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    HTML = "html"
    BLOCKED = "blocked"
    TRUNCATED = "truncated"
    DROPPED = "dropped"
    EMPTY = "empty"
    ONE_PAGE = "one_page"
    FROZEN = "frozen"
    SKEWED = "skewed"
    UNKNOWN_KEY = "unknown_key"
    WRONG_PASSPHRASE = "wrong_passphrase"  # noqa: S105  # a word, and no secret
    WRONG_SIGNATURE = "wrong_signature"
    FOREIGN_ADDRESS = "foreign_address"
    FORBIDDEN = "forbidden"


F = TypeVar("F", bound=StrEnum)


@dataclass
class _Current(Generic[F]):
    fault: F
    path: str
    times: int | None
    account: str | None
    span: timedelta


class Faults(Generic[F]):
    """The faults in force; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._current: list[_Current[F]] = []

    def begin(
        self,
        fault: F,
        path: str,
        times: int | None = None,
        account: str | None = None,
        span: timedelta = timedelta(0),
    ) -> None:
        """From here on: requests whose path begins so, of one account or all, the next ``times`` or until the end."""
        with self._lock:
            self._current.append(_Current(fault, path, times, account, span))

    def end(self) -> None:
        """All is well again."""
        with self._lock:
            self._current.clear()

    def take(self, path: str, account: str | None = None) -> Mapping[F, timedelta]:
        """The faults that this request meets, with the span of each."""
        with self._lock:
            met = [
                current
                for current in self._current
                if path.startswith(current.path)
                and current.times != 0
                and (current.account is None or current.account == account)
            ]
            for current in met:
                if current.times is not None:
                    current.times -= 1
            return {current.fault: current.span for current in met}
