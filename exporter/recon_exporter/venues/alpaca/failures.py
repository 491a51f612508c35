"""Why Alpaca could not be read: HTTP statuses and ccxt's errors brought to our reasons.

No text of the venue and no URL goes into a failure: both can repeat a key.
"""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from recon_exporter.domain.finding import Reason

_REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


class VenueFailure(Exception):
    """One request, or the whole question, came to nothing.

    ``passing`` says that the next attempt may succeed, ``wait`` how many seconds the venue wants it to be away.
    """

    def __init__(self, reason: Reason, detail: str, *, passing: bool = False, wait: float | None = None) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.passing = passing
        self.wait = wait


def incomplete(detail: str) -> VenueFailure:
    """What was read contradicts itself or does not hold everything."""
    return VenueFailure(Reason.SOURCE_INCOMPLETE, detail)


def malformed(asked: str) -> VenueFailure:
    """An answer that is not JSON, or only half of it."""
    return VenueFailure(Reason.SOURCE_MALFORMED, f"Alpaca's answer to {asked} is not JSON", passing=True)


def overdue(asked: str) -> VenueFailure:
    """The deadline of the whole question has passed."""
    return VenueFailure(Reason.DEADLINE_EXCEEDED, f"no time was left to ask Alpaca for {asked}")


def of_status(status: int, headers: Mapping[str, str], asked: str, now: datetime) -> VenueFailure:
    """The failure that a status other than 200 means."""
    detail = f"Alpaca answered {status} to {asked}"
    if status in _REFUSED:
        return VenueFailure(Reason.CREDENTIALS_REFUSED, f"{detail}: it refuses the key")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return VenueFailure(Reason.RATE_LIMITED, detail, passing=True, wait=_wanted_wait(headers, now))
    if status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return VenueFailure(Reason.VENUE_UNREACHABLE, detail, passing=True)
    return VenueFailure(Reason.SOURCE_UNREADABLE, detail)


def of_error(error: Exception, asked: str) -> VenueFailure:
    """The failure that an error of ccxt without any status means; the names of its classes are its meaning."""
    names = {kind.__name__ for kind in type(error).__mro__}
    cause = type(error.__cause__ or error).__name__
    if "RequestTimeout" in names:
        return VenueFailure(Reason.DEADLINE_EXCEEDED, f"Alpaca did not answer {asked} in time", passing=True)
    return VenueFailure(
        Reason.VENUE_UNREACHABLE, f"Alpaca did not answer {asked}: {cause}", passing="NetworkError" in names
    )


def _wanted_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds until the limit ends: told as such, or as a moment in seconds since 1970."""
    after, reset = headers.get("Retry-After", ""), headers.get("X-RateLimit-Reset", "")
    if after.isascii() and after.isdigit():
        return float(after)
    if reset.isascii() and reset.isdigit():
        return max(0.0, int(reset) - now.timestamp())
    return None
