"""Why an exchange could not be read: ccxt's errors brought to our reasons, and to codes for the metric.

No text of the exchange and no URL goes into a failure: both can repeat a key. The names of ccxt's classes are meaning
enough.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from recon_exporter.domain.finding import Reason


class VenueFailure(Exception):
    """One request, or the whole question, came to nothing.

    ``code`` is the metric's. ``passing`` says that the next attempt may succeed, ``wait`` how many seconds the exchange
    wants it to be away.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str,
        code: str = "other",
        *,
        passing: bool = False,
        wait: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.code = code
        self.passing = passing
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a class of ccxt's errors means."""

    reason: Reason
    code: str
    words: str
    passing: bool = False


CLASSES: Mapping[str, Meaning] = {
    "RateLimitExceeded": Meaning(Reason.RATE_LIMITED, "rate_limit", "wants fewer requests", passing=True),
    "DDoSProtection": Meaning(Reason.RATE_LIMITED, "rate_limit", "wants fewer requests", passing=True),
    "OnMaintenance": Meaning(Reason.VENUE_UNREACHABLE, "maintenance", "is under maintenance"),
    "InvalidNonce": Meaning(Reason.SOURCE_UNREADABLE, "nonce", "refuses the time or number of the request"),
    "RequestTimeout": Meaning(Reason.DEADLINE_EXCEEDED, "timeout", "did not answer in time", passing=True),
    "NetworkError": Meaning(Reason.VENUE_UNREACHABLE, "unavailable", "cannot be reached", passing=True),
    "PermissionDenied": Meaning(Reason.CREDENTIALS_REFUSED, "permission", "does not permit this key to read"),
    "AccountSuspended": Meaning(Reason.CREDENTIALS_REFUSED, "permission", "has suspended the account"),
    "AuthenticationError": Meaning(Reason.CREDENTIALS_REFUSED, "auth", "refuses the key"),
    "NotSupported": Meaning(Reason.SOURCE_UNREADABLE, "unsupported", "cannot be asked this"),
    "ArgumentsRequired": Meaning(Reason.SOURCE_UNREADABLE, "bad_request", "misses something in the question"),
    "BadRequest": Meaning(Reason.SOURCE_UNREADABLE, "bad_request", "does not accept the question"),
    "BadResponse": Meaning(Reason.SOURCE_MALFORMED, "bad_response", "answered what cannot be read", passing=True),
    "OperationFailed": Meaning(Reason.VENUE_UNREACHABLE, "unavailable", "could not do it", passing=True),
    "BaseError": Meaning(Reason.SOURCE_UNREADABLE, "other", "refused"),
}
"""By the name of the class; the nearest ancestor that stands here counts. All other errors are answers in a wrong form:
ccxt stumbles over what it did not expect."""

_MALFORMED = Meaning(Reason.SOURCE_MALFORMED, "bad_response", "answered what cannot be read", passing=True)
_BLOCKED = Meaning(Reason.VENUE_UNREACHABLE, "unavailable", "is closed to this address, or its base URL is another one")
_BANNED = HTTPStatus.IM_A_TEAPOT


def incomplete(detail: str) -> VenueFailure:
    """What was read contradicts itself or does not hold everything."""
    return VenueFailure(Reason.SOURCE_INCOMPLETE, detail)


def overdue(venue: str, asked: str) -> VenueFailure:
    """The deadline of the whole question has passed."""
    return VenueFailure(Reason.DEADLINE_EXCEEDED, f"no time was left to ask {venue} for {asked}", "timeout")


def of_error(error: Exception, asked: str, status: int | None, headers: Mapping[str, str]) -> VenueFailure:
    """The failure that an error of ccxt means; ``status`` and ``headers`` are those of its last answer, if any came.

    ``asked`` names exchange and question: ``bitget: fetchBalance``.
    """
    names = [kind.__name__ for kind in type(error).__mro__]
    meaning = next((CLASSES[name] for name in names if name in CLASSES), _MALFORMED)
    told = "" if status is None or status == HTTPStatus.OK else f" ({status})"
    if status == HTTPStatus.UNAUTHORIZED and "DDoSProtection" in names:
        # A key of Binance that is withdrawn after it has worked: ccxt supposes that this is a ban.
        meaning = CLASSES["AuthenticationError"]
    if status is not None and status >= HTTPStatus.INTERNAL_SERVER_ERROR and meaning.code == "other":
        meaning = CLASSES["NetworkError"]
    if "ExchangeNotAvailable" in names and "OnMaintenance" not in names and _is_refusal(status):
        meaning = _BLOCKED
    return VenueFailure(
        meaning.reason,
        f"{asked}: the exchange {meaning.words}{told}: {type(error).__name__}",
        meaning.code,
        passing=meaning.passing and status != _BANNED,
        wait=_wanted_wait(headers) if meaning.reason is Reason.RATE_LIMITED else None,
    )


def _is_refusal(status: int | None) -> bool:
    """For ccxt 400, 403, 404, 409, 410 and 451 are outages where the exchange's own words say nothing."""
    return status is not None and HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR


def _wanted_wait(headers: Mapping[str, str]) -> float | None:
    after = headers.get("Retry-After", "")
    return float(after) if after.isascii() and after.isdigit() else None
