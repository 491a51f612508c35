"""The only place that reads the time."""

import time
from datetime import UTC, datetime


class SystemClock:
    """The machine's clock, as aware UTC."""

    def now(self) -> datetime:
        """The current time."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back, for durations."""
        return time.monotonic()
