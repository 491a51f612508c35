"""The markets of each exchange, loaded once for all accounts there, and anew every day."""

import threading
from datetime import timedelta
from typing import Any

import structlog

from recon_exporter.domain.finding import Reason
from recon_exporter.ports import Clock, VenueMeter
from recon_exporter.venues.ccxt.access import CcxtAccess, CcxtLimits, CcxtScope
from recon_exporter.venues.ccxt.connection import Connection, duplicate, prototype
from recon_exporter.venues.ccxt.failures import VenueFailure, overdue
from recon_exporter.venues.ccxt.quirks import Quirk, quirk_of
from recon_exporter.venues.ccxt.session import ReadingSession, connections

AGE = timedelta(days=1)
AGAIN = timedelta(seconds=30)


class Markets:
    """The markets of all exchanges that are asked; one object for the whole program, safe to use from any thread.

    They are loaded again when they are older than ``age``; a load that failed is not tried again before ``again`` has
    passed, because a thousand accounts would each wait for it.
    """

    def __init__(
        self,
        clock: Clock,
        meter: VenueMeter,
        limits: CcxtLimits | None = None,
        age: timedelta = AGE,
        again: timedelta = AGAIN,
    ) -> None:
        self._clock = clock
        self._meter = meter
        self._limits = limits or CcxtLimits()
        self._spans = age, again
        self._lock = threading.Lock()
        self._shared: dict[tuple[object, ...], SharedMarkets] = {}

    def shared(self, access: CcxtAccess, scope: CcxtScope) -> "SharedMarkets":
        """Those of one exchange at one place; nothing is asked yet. Raises VenueFailure for an unknown exchange."""
        quirk = quirk_of(access.exchange)
        options = quirk.options(scope)
        key = (access.exchange, access.base_url, access.sandbox, repr(sorted(options.items())))
        with self._lock:
            if key not in self._shared:
                made = prototype(access, options)
                self._shared[key] = SharedMarkets(made, quirk, (self._clock, self._meter, self._limits), self._spans)
            return self._shared[key]


class SharedMarkets:
    """One exchange as all its accounts see it; ``generation`` counts how often its markets were loaded."""

    def __init__(
        self,
        made: Any,  # noqa: ANN401  # ccxt tells no types
        quirk: Quirk,
        means: tuple[Clock, VenueMeter, CcxtLimits],
        spans: tuple[timedelta, timedelta],
    ) -> None:
        self.quirk = quirk
        self.adapter = connections()
        # Who only reads has no need of the key that signs transactions.
        self.required = {name for name, is_wanted in made.requiredCredentials.items() if is_wanted} - {"privateKey"}
        self.generation = 0
        self._made = made
        self._means = means
        self._clock = means[0]
        self._age, self._again = (span.total_seconds() for span in spans)
        self._lock = threading.Lock()
        self._due_at = float("-inf")
        self._failure: VenueFailure | None = None

    def current(self, until: float) -> Any:  # noqa: ANN401  # as above
        """An object of ccxt that has them; raises VenueFailure where there are none and none can be had now."""
        if self.generation and self._clock.monotonic() < self._due_at:
            return self._made
        if not self._lock.acquire(timeout=max(0.0, until - self._clock.monotonic())):
            raise overdue(self._made.id, "its markets")
        try:
            if self._clock.monotonic() >= self._due_at:
                self._load(until)
        finally:
            self._lock.release()
        if not self.generation and self._failure is not None:
            failure = self._failure
            raise VenueFailure(failure.reason, failure.detail, failure.code)
        return self._made

    def _load(self, until: float) -> None:
        """Anew; those loaded before stay where that fails."""
        session = ReadingSession(self._clock, self.adapter, reads_by_post=self.quirk.reads_by_post)
        fresh = duplicate(self._made, {}, session)
        try:
            Connection(fresh, self.quirk, *self._means).ask("loadMarkets", {"reload": True}, until)
            _must_have_markets(fresh)
        except VenueFailure as failure:
            self._failure = failure
            self._due_at = self._clock.monotonic() + self._again
            structlog.get_logger(__name__).warning(
                "markets not loaded", exchange=fresh.id, kept=bool(self.generation), reason=failure.detail
            )
            return
        self._made, self._failure = fresh, None
        self.generation += 1
        self._due_at = self._clock.monotonic() + self._age


def _must_have_markets(made: Any) -> None:  # noqa: ANN401  # as above
    if not made.markets:
        raise VenueFailure(Reason.SOURCE_INCOMPLETE, f"{made.id} lists no market at all", "bad_response")
