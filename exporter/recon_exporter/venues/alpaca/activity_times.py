"""When an activity happened: its own time, else that in its identifier, which is New York's."""

import re
from datetime import UTC, datetime

from recon_exporter.venues.alpaca.answers import BadAnswer, Row
from recon_exporter.venues.alpaca.market import EXCHANGE_ZONE

_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})::", re.ASCII)


def activity_time(row: Row) -> datetime:
    """In UTC; an activity that knows its day alone has midnight of that day in New York."""
    at = row.maybe_time("transaction_time") or row.maybe_time("created_at")
    return at or _time_of_identifier(row)


def _time_of_identifier(row: Row) -> datetime:
    told = _DIGITS.match(row.text("id"))
    try:
        if told is not None:
            year, month, day, hour, minute, second, millisecond = (int(digits) for digits in told.groups())
            local = datetime(year, month, day, hour, minute, second, millisecond * 1000, EXCHANGE_ZONE)
            return local.astimezone(UTC)
    except ValueError:
        pass
    raise BadAnswer(f"{row.place}.id", row.told.get("id"), "a time of 17 digits before two colons")
