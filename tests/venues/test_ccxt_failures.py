"""Each class of ccxt's errors has its reason and its code for the metric; nothing of its text is repeated."""

from __future__ import annotations

import ccxt
import pytest

from recon_exporter.domain.finding import Reason
from recon_exporter.venues.ccxt.failures import of_error

SECRET = "apiKey=abc123&signature=deadbeef"  # noqa: S105  # what a message may repeat
EXPECTED: dict[type[Exception], tuple[Reason, str, bool]] = {
    ccxt.AuthenticationError: (Reason.CREDENTIALS_REFUSED, "auth", False),
    ccxt.PermissionDenied: (Reason.CREDENTIALS_REFUSED, "permission", False),
    ccxt.AccountNotEnabled: (Reason.CREDENTIALS_REFUSED, "permission", False),
    ccxt.AccountSuspended: (Reason.CREDENTIALS_REFUSED, "permission", False),
    ccxt.RateLimitExceeded: (Reason.RATE_LIMITED, "rate_limit", True),
    ccxt.DDoSProtection: (Reason.RATE_LIMITED, "rate_limit", True),
    ccxt.OnMaintenance: (Reason.VENUE_UNREACHABLE, "maintenance", False),
    ccxt.ExchangeNotAvailable: (Reason.VENUE_UNREACHABLE, "unavailable", True),
    ccxt.NetworkError: (Reason.VENUE_UNREACHABLE, "unavailable", True),
    ccxt.RequestTimeout: (Reason.DEADLINE_EXCEEDED, "timeout", True),
    ccxt.InvalidNonce: (Reason.SOURCE_UNREADABLE, "nonce", False),
    ccxt.BadRequest: (Reason.SOURCE_UNREADABLE, "bad_request", False),
    ccxt.BadSymbol: (Reason.SOURCE_UNREADABLE, "bad_request", False),
    ccxt.ArgumentsRequired: (Reason.SOURCE_UNREADABLE, "bad_request", False),
    ccxt.NotSupported: (Reason.SOURCE_UNREADABLE, "unsupported", False),
    ccxt.BadResponse: (Reason.SOURCE_MALFORMED, "bad_response", True),
    ccxt.NullResponse: (Reason.SOURCE_MALFORMED, "bad_response", True),
    ccxt.OperationFailed: (Reason.VENUE_UNREACHABLE, "unavailable", True),
    ccxt.ExchangeError: (Reason.SOURCE_UNREADABLE, "other", False),
    ccxt.InsufficientFunds: (Reason.SOURCE_UNREADABLE, "other", False),
    KeyError: (Reason.SOURCE_MALFORMED, "bad_response", True),
    TypeError: (Reason.SOURCE_MALFORMED, "bad_response", True),
}


@pytest.mark.parametrize("kind", EXPECTED)
def test_every_class_has_its_reason(kind: type[Exception]) -> None:
    failure = of_error(kind(SECRET), "bitget: fetchBalance", None, {})

    assert (failure.reason, failure.code, failure.passing) == EXPECTED[kind]
    assert "abc123" not in failure.detail
    assert "deadbeef" not in failure.detail


def test_every_error_that_ccxt_has_gets_some_reason() -> None:
    kinds = [getattr(ccxt, name) for name in ccxt.errors.__all__ if name != "error_hierarchy"]

    assert len(kinds) > 30
    assert all(of_error(kind("x"), "a: b", 400, {}).reason in set(Reason) for kind in kinds)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 451])
def test_a_refusal_that_ccxt_takes_for_an_outage_is_not_tried_again(status: int) -> None:
    failure = of_error(ccxt.ExchangeNotAvailable(SECRET), "okx: fetchBalance", status, {})

    assert (failure.reason, failure.passing) == (Reason.VENUE_UNREACHABLE, False)
    assert str(status) in failure.detail


def test_a_ban_is_not_answered_with_more_requests() -> None:
    assert of_error(ccxt.DDoSProtection(SECRET), "binance: fetchBalance", 418, {}).passing is False


def test_a_key_that_is_withdrawn_is_no_ban() -> None:
    failure = of_error(ccxt.DDoSProtection(SECRET), "binance: fetchBalance", 401, {})

    assert (failure.reason, failure.passing) == (Reason.CREDENTIALS_REFUSED, False)


def test_an_error_of_the_exchange_without_words_is_an_outage() -> None:
    failure = of_error(ccxt.ExchangeError(SECRET), "bybit: fetchBalance", 503, {})

    assert (failure.reason, failure.passing) == (Reason.VENUE_UNREACHABLE, True)


def test_the_wait_that_an_exchange_wants_is_kept() -> None:
    assert of_error(ccxt.RateLimitExceeded("x"), "a: b", 429, {"Retry-After": "7"}).wait == 7.0
    assert of_error(ccxt.RateLimitExceeded("x"), "a: b", 429, {"Retry-After": "soon"}).wait is None
