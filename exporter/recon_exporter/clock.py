"""The only place that reads the time."""

import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's clock, as aware UTC."""

    def now(self) -> datetime:
        """The current time."""
        return datetime.now(UTC)

    def wait(self, span: timedelta) -> None:
        """Do nothing for a while."""
        time.sleep(span.total_seconds())

    def monotonic(self) -> float:
        """Seconds that never go back, for durations."""
        return time.monotonic()
