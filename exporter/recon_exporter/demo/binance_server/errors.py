"""Binance's refusals: a code, a sentence, and the HTTP status it puts them under."""

from collections.abc import Mapping
from http import HTTPStatus

from recon_exporter.demo.exchange import Refusal


def refused(status: HTTPStatus, code: int, message: str, headers: Mapping[str, str] | None = None) -> Refusal:
    """The body that Binance gives with every refusal."""
    return Refusal(status, {"code": code, "msg": message}, headers or {})


def _bad(code: int, message: str) -> Refusal:
    return refused(HTTPStatus.BAD_REQUEST, code, message)


def not_sent(name: str) -> Refusal:
    """A parameter that is wanted is not there."""
    return _bad(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def not_valid(name: str) -> Refusal:
    """A parameter has a value out of its range."""
    return _bad(-1130, f"Data sent for parameter '{name}' is not valid.")


def illegal_characters(name: str) -> Refusal:
    """A parameter that is a number has other characters."""
    return _bad(-1100, f"Illegal characters found in parameter '{name}'.")


def sent_when_not_required(name: str) -> Refusal:
    """The futures' answer to parameters that exclude one another."""
    return _bad(-1106, f"Parameter '{name}' sent when not required.")


def combination_invalid(name: str) -> Refusal:
    """The spot market's answer to parameters that exclude one another."""
    return _bad(-1128, f"Combination of optional parameters invalid. '{name}' cannot be sent here.")


def too_many_hours() -> Refusal:
    """The spot market's answer to a window that is too long."""
    return _bad(-1127, "More than 24 hours between startTime and endTime.")


def interval_invalid() -> Refusal:
    """The futures' answer to a window that is too long."""
    return _bad(-4165, "Invalid time interval")


def symbol_invalid() -> Refusal:
    """There is no such market."""
    return _bad(-1121, "Invalid symbol.")


def order_unknown() -> Refusal:
    """The account has no such order."""
    return _bad(-2013, "Order does not exist.")


def late() -> Refusal:
    """The request was signed too long ago."""
    return _bad(-1021, "Timestamp for this request is outside of the recvWindow.")


def early() -> Refusal:
    """The request was signed in the future."""
    return _bad(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")


def window_too_long() -> Refusal:
    """The request wants to be good for too long."""
    return _bad(-1131, "recvWindow must be less than 60000.")


def signature_wrong() -> Refusal:
    """The signature is of another text or by another secret."""
    return _bad(-1022, "Signature for this request is not valid.")


def key_malformed() -> Refusal:
    """A private path was asked without a key."""
    return refused(HTTPStatus.UNAUTHORIZED, -2014, "API-key format invalid.")


def key_refused() -> Refusal:
    """One sentence for three causes, as Binance has it: the key, the address or the permission."""
    return refused(HTTPStatus.UNAUTHORIZED, -2015, "Invalid API-key, IP, or permissions for action.")


def too_much_weight(limit: int, seconds: int) -> Refusal:
    """The client shall wait."""
    message = (
        f"Too much request weight used; current limit is {limit} request weight per 1 MINUTE. "
        "Please use WebSocket Streams for live updates to avoid polling the API."
    )
    return refused(HTTPStatus.TOO_MANY_REQUESTS, -1003, message, {"Retry-After": str(seconds)})


def banned(until: int, seconds: int) -> Refusal:
    """The client did not wait."""
    message = (
        f"Way too much request weight used; IP banned until {until}. "
        "Please use WebSocket Streams for live updates to avoid bans."
    )
    return refused(HTTPStatus.IM_A_TEAPOT, -1003, message, {"Retry-After": str(seconds)})


def server_failed() -> Refusal:
    """Something went wrong at Binance."""
    message = "Internal error; unable to process your request. Please try again."
    return refused(HTTPStatus.SERVICE_UNAVAILABLE, -1001, message)


def no_orders_here() -> Refusal:
    """Whatever would change something."""
    return refused(HTTPStatus.FORBIDDEN, -1002, "This local Binance takes no orders: it can only be read.")


def no_such_path(path: str, method: str) -> Refusal:
    """A path that is not served."""
    return refused(HTTPStatus.NOT_FOUND, -5000, f"Path {path}, Method {method} is invalid")
