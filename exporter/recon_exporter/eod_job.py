"""The job that runs what is due at the end of its day, counted like every job."""

from collections.abc import Callable

import structlog

from recon_exporter.domain.eod_view import EodView
from recon_exporter.eod_runs import EodRuns
from recon_exporter.errors import StateError
from recon_exporter.ports import Clock, EodState
from recon_exporter.settings.model import Settings
from recon_exporter.sources import Connections
from recon_exporter.telemetry import JobFailure, Telemetry

EOD = "eod"
LOG = structlog.get_logger(__name__)


class EodJob:
    """One dispatch at a time, so that no bot is run twice at once; always under the settings that are in force."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        state: EodState,
        clock: Clock,
        telemetry: Telemetry,
        connections: Connections | None = None,
    ) -> None:
        self._settings = settings
        self._state = state
        self._clock = clock
        self._telemetry = telemetry
        self._connections = connections

    def view(self) -> EodView:
        """What stands of all runs. Raises StateError."""
        return EodRuns(self._settings(), self._state, self._clock, self._connections).view()

    def run(self) -> bool:
        """Run what is due; whether anything took place, well or not."""
        started = self._clock.monotonic()
        failure: JobFailure | None = None
        try:
            if not EodRuns(self._settings(), self._state, self._clock, self._connections).run_due():
                return False
        except StateError as error:
            LOG.exception("end-of-day runs failed", why=str(error))
            failure = JobFailure.STATE
        except Exception:  # the next dispatch comes; what was due stays due
            LOG.exception("end-of-day runs failed")
            failure = JobFailure.UNEXPECTED
        self._telemetry.job_finished(EOD, self._clock.monotonic() - started, self._clock.now(), failure)
        return True
