"""When an activity happened: its own time, else that in its identifier, which is New York's."""

from datetime import UTC, datetime

from recon_exporter.venues.alpaca.answers import BadAnswer, Row
from recon_exporter.venues.alpaca.market import EXCHANGE_ZONE

_DIGITS = "%Y%m%d%H%M%S%f"
_LENGTH = 17


def activity_time(row: Row) -> datetime:
    """In UTC; an activity that knows its day alone has midnight of that day in New York."""
    at = row.maybe_time("transaction_time") or row.maybe_time("created_at")
    return at or _time_of_identifier(row)


def _time_of_identifier(row: Row) -> datetime:
    digits = row.text("id").partition("::")[0]
    try:
        if len(digits) == _LENGTH:
            local = datetime.strptime(digits, _DIGITS).replace(tzinfo=EXCHANGE_ZONE)
            return local.astimezone(UTC)
    except ValueError:
        pass
    raise BadAnswer(f"{row.place}.id", row.told.get("id"), "a time of 17 digits before two colons")
