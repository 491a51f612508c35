"""How the times of somebody else's books are read, and how old or how far ahead they may be."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from recon_exporter.domain.finding import Reason
from recon_exporter.reading.refused import Refused, malformed
from recon_exporter.reading.times import InvalidTime, any_time

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""An earlier time comes of a wrong unit, or of a date written as a number such as 20260306."""

LONGEST_DAY = len("2026-03-06")


@dataclass(frozen=True, slots=True)
class TimeRules:
    """What is taken for a moment, and which moments are timely.

    ``zone`` is that of times which tell no offset; without one they are refused, because a local time taken for UTC is
    hours off. A statement that tells its own time may be ``max_age`` old, None meaning any age; one that tells none is
    refused where ``needs_time``. Nothing may be ahead of the clock by more than ``future_skew``.
    """

    zone: ZoneInfo | None = None
    max_age: timedelta | None = None
    needs_time: bool = False
    future_skew: timedelta = timedelta(minutes=2)

    def moment(self, value: object, place: str) -> datetime:
        """The moment in UTC of a timestamp, an ISO 8601 text, or a count since 1970; raises Refused."""
        try:
            at = self._read(value)
        except (InvalidTime, OverflowError):
            raise malformed(place, value, self._expected()) from None
        if at < EARLIEST:
            raise malformed(place, value, f"a time after {EARLIEST.date()}")
        return at

    def present(self, at: datetime, now: datetime, place: str) -> datetime:
        """The moment, if it is not in the future; raises Refused."""
        if at - now > self.future_skew:
            raise Refused(Reason.TIME_IN_FUTURE, f"{place}: {at.isoformat()} is after {now.isoformat()}")
        return at

    def timely(self, as_of: datetime, now: datetime, place: str) -> datetime:
        """The moment described by a statement, if that is neither in the future nor too old; raises Refused."""
        self.present(as_of, now, place)
        if self.max_age is not None and now - as_of > self.max_age:
            raise Refused(
                Reason.SOURCE_STALE, f"{place}: it is of {as_of.isoformat()}, older than allowed ({self.max_age})"
            )
        return as_of

    def _read(self, value: object) -> datetime:
        if isinstance(value, datetime):
            return self._with_offset(value)
        if isinstance(value, str):
            return self._read_text(value.strip())
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return any_time(str(value))
        raise InvalidTime

    def _read_text(self, text: str) -> datetime:
        try:
            return any_time(text)
        except InvalidTime:
            if len(text) <= LONGEST_DAY:  # a day alone is no moment
                raise
        try:
            return self._with_offset(datetime.fromisoformat(text))
        except ValueError:
            raise InvalidTime from None

    def _with_offset(self, at: datetime) -> datetime:
        if at.tzinfo is None:
            if self.zone is None:
                raise InvalidTime
            at = at.replace(tzinfo=self.zone)
        return at.astimezone(UTC)

    def _expected(self) -> str:
        advice = "" if self.zone else " with its offset, or the key timezone to tell whose time it is"
        return f"an ISO 8601 time or a count since 1970{advice}"
