"""A clock that is set by hand, so that a store written in a second spans a day."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(slots=True)
class SetClock:
    """Shows the time it was set to; durations are real."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return time.perf_counter()

    def wait(self, span: timedelta) -> None:
        self.at += span
