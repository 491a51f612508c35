"""The job that runs what is due at the end of its day, counted like every job."""

import threading
from collections.abc import Callable, Mapping

import structlog

from recon_exporter.domain.eod_view import EodView
from recon_exporter.eod import Occasion
from recon_exporter.eod_runs import EodRuns
from recon_exporter.errors import StateError
from recon_exporter.ports import Clock, EodState
from recon_exporter.settings.model import Settings
from recon_exporter.sources import Connections
from recon_exporter.telemetry import JobFailure, Telemetry

EOD = "eod"
LOG = structlog.get_logger(__name__)


class EodJob:
    """No bot is run twice at once, and none waits for another; always under the settings that are in force.

    ``ended`` is called when a dispatch has run all that was due, well or not.
    """

    def __init__(
        self,
        settings: Callable[[], Settings],
        state: EodState,
        clock: Clock,
        telemetry: Telemetry,
        ended: Callable[[], None],
        connections: Connections | None = None,
    ) -> None:
        self._settings = settings
        self._state = state
        self._clock = clock
        self._telemetry = telemetry
        self._ended = ended
        self._connections = connections or Connections(clock)
        self._lock = threading.Lock()
        self._going: set[str] = set()

    def view(self) -> EodView:
        """What stands of all runs. Raises StateError."""
        return self._runs().view()

    def begin(self) -> None:
        """Begin what is due and not going on yet, in a thread of its own."""
        started = self._clock.monotonic()
        runs = self._runs()
        try:
            with self._lock:
                due = {bot: occasion for bot, occasion in runs.due().items() if bot not in self._going}
                self._going.update(due)
        except Exception as error:  # noqa: BLE001  # it is logged; the next dispatch comes, and what was due stays due
            self._finished(started, error)
            return
        if due:
            threading.Thread(target=self._dispatch, args=(runs, due, started), name="eod").start()

    def _dispatch(self, runs: EodRuns, due: Mapping[str, Occasion], started: float) -> None:
        failure: Exception | None = None
        # Each once: a bot whose run has ended may be due again before the last of this dispatch ends.
        left = set(due)

        def release(bot: str) -> None:
            with self._lock:
                if bot in left:
                    left.discard(bot)
                    self._going.discard(bot)

        try:
            runs.run_scheduled(due, release)
        except Exception as error:  # noqa: BLE001  # likewise
            failure = error
        for bot in due:
            release(bot)
        self._finished(started, failure)

    def _finished(self, started: float, error: Exception | None) -> None:
        failure = (
            None if error is None else JobFailure.STATE if isinstance(error, StateError) else JobFailure.UNEXPECTED
        )
        if error is not None:
            LOG.error("end-of-day runs failed", why=str(error), exc_info=error)
        self._telemetry.job_finished(EOD, self._clock.monotonic() - started, self._clock.now(), failure)
        self._ended()

    def _runs(self) -> EodRuns:
        return EodRuns(self._settings(), self._state, self._clock, self._connections)
