"""The hours of trading: from half past nine to four in New York, Monday to Friday, holidays as told."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
OPENS, CLOSES = time(9, 30), time(16)
FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(2029, 12, 31)
_DAY = timedelta(days=1)
_SATURDAY = 5


def trading_days(start: date, end: date, holidays: Collection[date]) -> Iterator[date]:
    """The days on which shares are traded, both ends included."""
    day = max(start, FIRST_DAY)
    while day <= min(end, LAST_DAY):
        if day.weekday() < _SATURDAY and day not in holidays:
            yield day
        day += _DAY


def calendar_document(start: date, end: date, holidays: Collection[date]) -> list[dict[str, str]]:
    """The days with their hours; what is traded settles on the next of them."""
    days = list(trading_days(start, end + timedelta(days=14), holidays))
    return [
        {
            "date": day.isoformat(),
            "open": f"{OPENS:%H:%M}",
            "close": f"{CLOSES:%H:%M}",
            "session_open": "0400",
            "session_close": "2000",
            "settlement_date": settled.isoformat(),
        }
        for day, settled in zip(days, [*days[1:], LAST_DAY], strict=True)
        if day <= end
    ]


def clock_document(now: datetime, holidays: Collection[date]) -> dict[str, object]:
    """The time in New York, to the nanosecond as Alpaca tells it, and what comes next."""
    local = now.astimezone(NEW_YORK)
    days = list(trading_days(local.date(), local.date() + timedelta(days=14), holidays))
    opens = [_at(day, OPENS) for day in days]
    closes = [_at(day, CLOSES) for day in days]
    is_open = any(begin <= now < end for begin, end in zip(opens, closes, strict=True))
    text, offset = local.strftime("%Y-%m-%dT%H:%M:%S.%f000"), local.isoformat()[-6:]
    return {
        "timestamp": f"{text}{offset}",
        "is_open": is_open,
        "next_open": next(at for at in opens if at > now).astimezone(NEW_YORK).isoformat(),
        "next_close": next(at for at in closes if at > now).astimezone(NEW_YORK).isoformat(),
    }


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, NEW_YORK).astimezone(UTC)
