"""Emptying the outbox: each lane of a sink gets its entries in order, and one lane's failure is its own."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

import structlog

from recon_exporter.errors import DeliveryFailed
from recon_exporter.ports import Clock, Outgoing, Sink, State

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=5)
"""Well below the window of the alert about deliveries, which would end between two attempts otherwise."""
GIVEN_UP = timedelta(hours=24)
"""The age at which an entry that still fails is given up, so that the outbox stays bounded; where its sink gives up."""

LOG = structlog.get_logger(__name__)


class DeliveryTelemetry(Protocol):
    """Counts deliveries and failures by sink, and the failures of halt actions by bot."""

    def delivered(self, sink: str) -> None:
        """The sink took an entry."""

    def delivery_failed(self, sink: str) -> None:
        """One attempt failed."""

    def halt_action(self, bot: str) -> None:
        """There is an action that stops this bot."""

    def halt_action_failed(self, bot: str) -> None:
        """One attempt to stop this bot was not confirmed."""


class Deliveries:
    """Brings what waits in the outbox to the sinks."""

    def __init__(self, state: State, sinks: Sequence[Sink], clock: Clock, telemetry: DeliveryTelemetry) -> None:
        self._state = state
        self._sinks = {sink.name: sink for sink in sinks}
        self._clock = clock
        self._telemetry = telemetry

    def deliver(self) -> frozenset[str]:
        """Deliver all that is due; returns the names of the sinks that did not take everything. Raises StateError."""
        failed: set[str] = set()
        while entries := self._state.claim(self._clock.now(), list(self._sinks)):
            failed |= {entry.sink for entry in entries if not self._handed_over(entry)}
        return frozenset(failed)

    def _handed_over(self, entry: Outgoing) -> bool:
        try:
            self._sinks[entry.sink].deliver(entry)
        except DeliveryFailed as error:
            self._failed(entry, str(error))
            return False
        except Exception as error:  # a fault in one sink must not keep reports from the others
            LOG.exception("sink failed", sink=entry.sink, entry=entry.name)
            self._failed(entry, type(error).__name__)
            return False
        self._state.remove(entry)
        self._telemetry.delivered(entry.sink)
        return True

    def _failed(self, entry: Outgoing, why: str) -> None:
        self._telemetry.delivery_failed(entry.sink)
        now = self._clock.now()
        until = now + min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(entry.attempts, 10))
        self._state.postpone(entry, until, why)
        if self._sinks[entry.sink].gives_up and now - entry.at >= GIVEN_UP:
            self._state.remove(entry)
            LOG.error("delivery given up", sink=entry.sink, entry=entry.name, attempts=entry.attempts + 1, why=why)
            return
        LOG.warning("delivery failed", sink=entry.sink, entry=entry.name, again_at=until.isoformat(), why=why)
