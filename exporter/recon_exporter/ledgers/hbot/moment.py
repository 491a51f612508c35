"""When a reading takes place."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Moment:
    """The time of a reading, its UTC day, and the latest time that is not in the future."""

    now: datetime
    day: date
    latest: datetime

    @classmethod
    def of(cls, now: datetime, future_skew: timedelta) -> "Moment":
        """The moment of this time."""
        return cls(now, now.date(), now + future_skew)
