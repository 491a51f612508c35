"""Times as others write them: ISO 8601 with its offset, or seconds, milli-, micro- or nanoseconds since 1970."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from recon_exporter.domain.money import InvalidAmount, amount

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_UNITS = ((Decimal(10**11), 10**6), (Decimal(10**14), 10**3), (Decimal(10**17), 1))
"""Below the first number a count is one of units of so many microseconds; from the last on of nanoseconds.

A count of seconds reaches the first in the year 5138, one of milliseconds passed it in 1973.
"""


class InvalidTime(ValueError):
    """A text that is not one moment."""


def iso_time(text: str) -> datetime:
    """The moment in UTC; raises InvalidTime, also where the offset is not told."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is UTC:
            return at
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidTime(f"{text!r} is not an ISO 8601 time with its offset")


def any_time(text: str) -> datetime:
    """The moment in UTC of either spelling; raises InvalidTime."""
    if "-" in text[1:] or ":" in text:
        return iso_time(text)
    try:
        count = amount(text)
        factor = next((factor for limit, factor in _UNITS if count < limit), None)
        microseconds = int(count * factor) if factor else int(count) // 1000
        if microseconds > 0:
            return _EPOCH + microseconds * _MICROSECOND
    except (InvalidAmount, OverflowError):
        pass
    raise InvalidTime(f"{text!r} is neither an ISO 8601 time nor a count since 1970")
