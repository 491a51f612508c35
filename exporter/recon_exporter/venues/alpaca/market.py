"""The exchange's hours as Alpaca tells them, and whether its answers are of now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from recon_exporter.domain.finding import Reason
from recon_exporter.venues.alpaca.answers import BadAnswer, Row, many, one
from recon_exporter.venues.alpaca.client import Ask, Question
from recon_exporter.venues.alpaca.failures import VenueFailure

EXCHANGE_ZONE = ZoneInfo("America/New_York")
"""Days and hours of Alpaca's calendar, the ``date`` of its queries and the time in its identifiers are New York's."""


@dataclass(frozen=True, slots=True)
class Market:
    """Whether shares are traded at ``at``, and when that changes next."""

    at: datetime
    is_open: bool
    next_open: datetime
    next_close: datetime


@dataclass(frozen=True, slots=True)
class TradingSession:
    """The regular hours of one day on which shares are traded."""

    day: date
    opens_at: datetime
    closes_at: datetime


def read_market(ask: Ask) -> Market:
    """Alpaca's clock."""
    row = one(ask(Question.CLOCK), "clock")
    is_open = row.told.get("is_open")
    if not isinstance(is_open, bool):
        raise BadAnswer("clock.is_open", is_open, "true or false")
    return Market(row.time("timestamp"), is_open, row.time("next_open"), row.time("next_close"))


def read_sessions(ask: Ask, start: date, end: date) -> tuple[TradingSession, ...]:
    """The days on which shares are traded, both ends included."""
    rows = many(ask(Question.CALENDAR, start=start.isoformat(), end=end.isoformat()), "calendar")
    sessions = (TradingSession(row.day("date"), _hour(row, "open"), _hour(row, "close")) for row in rows)
    return tuple(session for session in sessions if start <= session.day <= end)


def must_be_of_now(told: datetime, now: datetime, skew: timedelta) -> None:
    """Raises VenueFailure where Alpaca's clock stands still, because then so does the rest of what it says."""
    if now - told > skew:
        raise VenueFailure(Reason.SOURCE_STALE, f"Alpaca's answers are of {told.isoformat()}")
    if told - now > skew:
        raise VenueFailure(Reason.TIME_IN_FUTURE, f"Alpaca's clock says {told.isoformat()}")


def days_around(at: datetime) -> Iterator[date]:
    """The day of a moment in New York, and in UTC where that is another."""
    yield from dict.fromkeys((at.astimezone(EXCHANGE_ZONE).date(), at.astimezone(UTC).date()))


def _hour(row: Row, key: str) -> datetime:
    told = row.text(key)
    try:
        hour = time.fromisoformat(told)
    except ValueError:
        raise BadAnswer(f"{row.place}.{key}", told, "a time of day") from None
    return datetime.combine(row.day("date"), hour, EXCHANGE_ZONE).astimezone(UTC)
