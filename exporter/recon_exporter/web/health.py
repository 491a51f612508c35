"""Whether the process is alive and ready, told by those who know: the scheduler, the configuration, the cycle."""

from datetime import timedelta

from recon_exporter.ports import Clock


class Health:
    """Collects signs of life. Every method may be called from any thread."""

    def __init__(self, clock: Clock, stale_after: timedelta = timedelta(seconds=60)) -> None:
        self._clock = clock
        self._stale_after = stale_after.total_seconds()
        self._beat_at = clock.monotonic()
        self._is_configured = False
        self._has_reported = False

    def beat(self) -> None:
        """The scheduler is running; to be called every few seconds."""
        self._beat_at = self._clock.monotonic()

    def configured(self) -> None:
        """The configuration is loaded."""
        self._is_configured = True

    def reported(self) -> None:
        """A cycle has ended with a report."""
        self._has_reported = True

    def unhealthy(self) -> tuple[str, ...]:
        """What is wrong with the process, in words; empty while it is healthy."""
        silence = self._clock.monotonic() - self._beat_at
        return (f"the scheduler has been silent for {silence:.0f} s",) if silence > self._stale_after else ()

    def unready(self) -> tuple[str, ...]:
        """What is still missing, in words; empty once it is ready."""
        missing = []
        if not self._is_configured:
            missing.append("the configuration is not loaded")
        if not self._has_reported:
            missing.append("the first cycle has not ended")
        return tuple(missing)
