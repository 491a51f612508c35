"""Calls into sources that may hang: each has a deadline, and one that outlasts it is left to end by itself."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as DeadlineError
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import Activity, BalanceStatement, FillStatement, Order, PositionStatement
from recon_exporter.domain.statement import Unavailable
from recon_exporter.ports import PositionLedger, PositionVenue

AT_ONCE = 8
"""How many sources are asked at once."""
PROMPT_SECONDS = 5.0
"""How long a source may take to answer before others need not wait for it any more."""

Answer = TypeVar("Answer")


class DeadlinePassed(Exception):
    """The call has not ended in time, and goes on."""


def within(asked: "Future[Answer]", seconds: float) -> Answer:
    """The answer, waited for so long. Raises DeadlinePassed, or what the call raised."""
    try:
        return asked.result(timeout=max(0.0, seconds))
    except DeadlineError:
        # The call may have raised an error of the same class: then it has ended.
        if asked.done():
            return asked.result()
        raise DeadlinePassed from None


def overdue(source: str, deadline: timedelta) -> Unavailable:
    """Instead of the answer of a source that gave none in time."""
    return Unavailable(Reason.DEADLINE_EXCEEDED, f"{source}: no answer within {deadline.total_seconds():g} s")


def still_going(source: str) -> Unavailable:
    """Instead of asking a source whose earlier call outlasted its deadline and goes on."""
    return Unavailable(Reason.DEADLINE_EXCEEDED, f"{source}: an earlier read has not ended yet")


class Calls:
    """Calls in threads of their own, so many at once, and no source twice at once; made once for a process.

    A source that is slow gives its place to others, so that sources which hang keep nobody from being asked.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._going: set[str] = set()
        self._places = threading.BoundedSemaphore(AT_ONCE)

    def ask(self, source: str, call: Callable[[], Answer], deadline: timedelta) -> Answer | Unavailable:
        """The answer of the call, which began within the deadline; raises what it raises."""
        with self._lock:
            if source in self._going:
                return still_going(source)
            self._going.add(source)
        seconds = deadline.total_seconds()
        prompt = min(seconds, PROMPT_SECONDS)
        with self._places:
            asked: Future[Answer] = Future()
            # A daemon: a thread that hangs must not keep the process from ending.
            threading.Thread(target=self._call, args=(source, call, asked), name=f"ask {source}", daemon=True).start()
            with suppress(DeadlinePassed):
                return within(asked, prompt)
        try:
            return within(asked, seconds - prompt)
        except DeadlinePassed:
            return overdue(source, deadline)

    def _call(self, source: str, call: Callable[[], Answer], asked: "Future[Answer]") -> None:
        try:
            answer = call()
        except BaseException as error:  # noqa: BLE001  # it is raised where the answer is waited for
            self._ended(source)
            asked.set_exception(error)
        else:
            self._ended(source)
            asked.set_result(answer)

    def _ended(self, source: str) -> None:
        with self._lock:
            self._going.discard(source)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How the sources of one bot are asked."""

    calls: Calls
    deadline: timedelta

    def ask(self, source: str, call: Callable[[], Answer]) -> Answer | Unavailable:
        """The answer of the call, or that there was none in time."""
        return self.calls.ask(source, call, self.deadline)


class BoundedLedger:
    """A ledger each of whose answers has a deadline."""

    def __init__(self, bot: str, ledger: PositionLedger, bounds: Bounds) -> None:
        self.name = ledger.name
        self._source = f"{bot}/ledger"
        self._ledger = ledger
        self._bounds = bounds

    def positions(self, now: datetime) -> PositionStatement | Unavailable:
        return self._bounds.ask(self._source, lambda: self._ledger.positions(now))

    def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:
        return self._bounds.ask(self._source, lambda: self._ledger.fills(since, now))

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:
        return self._bounds.ask(self._source, lambda: self._ledger.balances(now))

    def mark(self) -> str | Unavailable:
        return self._bounds.ask(self._source, self._ledger.mark)


class BoundedVenue:
    """A venue each of whose answers has a deadline."""

    def __init__(self, bot: str, venue: PositionVenue, bounds: Bounds) -> None:
        self.name = venue.name
        self._source = f"{bot}/venue"
        self._venue = venue
        self._bounds = bounds

    def positions(self, now: datetime) -> PositionStatement | Unavailable:
        return self._bounds.ask(self._source, lambda: self._venue.positions(now))

    def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:
        return self._bounds.ask(self._source, lambda: self._venue.fills(since, now))

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:
        return self._bounds.ask(self._source, lambda: self._venue.balances(now))

    def orders(self, since: datetime) -> tuple[Order, ...] | Unavailable:
        return self._bounds.ask(self._source, lambda: self._venue.orders(since))

    def activities(self, since: datetime) -> tuple[Activity, ...] | Unavailable:
        return self._bounds.ask(self._source, lambda: self._venue.activities(since))
