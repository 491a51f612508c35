"""The job that asks every exchange and writes the snapshot, counted like every job."""

from collections.abc import Callable

import structlog

from recon_exporter.errors import DeliveryFailed
from recon_exporter.ports import Clock
from recon_exporter.settings.model import Settings
from recon_exporter.snapshots import Snapshots
from recon_exporter.sources import Connections
from recon_exporter.telemetry import JobFailure, Telemetry

SNAPSHOT = "snapshot"
LOG = structlog.get_logger(__name__)


class SnapshotJob:
    """Always under the settings that are in force; where a run fails, the file is the one before."""

    def __init__(
        self, settings: Callable[[], Settings], connections: Connections, clock: Clock, telemetry: Telemetry
    ) -> None:
        self._settings = settings
        self._connections = connections
        self._clock = clock
        self._telemetry = telemetry

    def is_wanted(self) -> bool:
        """Whether it should run; then what it will count begins at zero."""
        snapshots = self._snapshots()
        is_wanted = snapshots.is_wanted()
        for exchange in snapshots.exchanges() if is_wanted else ():
            self._telemetry.venues.expect(exchange)
        return is_wanted

    def run(self) -> None:
        """Ask and write once."""
        started = self._clock.monotonic()
        failure = self._attempt()
        self._telemetry.job_finished(SNAPSHOT, self._clock.monotonic() - started, self._clock.now(), failure)

    def _attempt(self) -> JobFailure | None:
        snapshots = self._snapshots()
        try:
            taken = snapshots.take()
            snapshots.write(taken)
        except DeliveryFailed as error:
            LOG.error("exchange snapshot not written, the one before stands", why=str(error))  # noqa: TRY400  # it says all
            return JobFailure.WRITE
        except Exception:  # the next run comes; the file is the one before and becomes stale
            LOG.exception("exchange snapshot failed, the one before stands")
            return JobFailure.UNEXPECTED
        for account, probe in taken.unexpected:
            status, reason = probe.status.value, "" if probe.reason is None else probe.reason.value
            LOG.warning("unexpected probe status", bot=account.bot, status=status, reason=reason, error=probe.error)
        LOG.info("exchange snapshot", bots=len(taken.asked), unexpected=len(taken.unexpected))
        return None

    def _snapshots(self) -> Snapshots:
        return Snapshots(self._settings(), self._connections, self._clock)
