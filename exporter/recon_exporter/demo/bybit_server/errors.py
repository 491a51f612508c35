"""Bybit's refusals: a code in the body, mostly under HTTP 200."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from recon_exporter.demo.exchange import Refusal, milliseconds

PARAMETERS_WRONG, OUT_OF_TIME, KEY_INVALID, SIGNATURE_WRONG, PERMISSION_DENIED = 10001, 10002, 10003, 10004, 10005
TOO_MANY_VISITS, ADDRESS_UNMATCHED, SERVER_FAILED, NO_SUCH_PATH, ADDRESS_LIMITED = 10006, 10010, 10016, 10017, 10018
KEY_EXPIRED = 33004

_SENTENCES = {
    KEY_INVALID: "API key is invalid.",
    PERMISSION_DENIED: "Permission denied, please check your API key permissions.",
    TOO_MANY_VISITS: "Too many visits. Exceeded the API Rate Limit.",
    ADDRESS_UNMATCHED: "Unmatched IP, please check your API key's bound IP addresses.",
    SERVER_FAILED: "Internal server error.",
    NO_SUCH_PATH: "Route not found.",
    ADDRESS_LIMITED: "Exceeded the IP Rate Limit.",
    KEY_EXPIRED: "Your api key has expired.",
}
_STATUSES = {
    NO_SUCH_PATH: HTTPStatus.NOT_FOUND,
    ADDRESS_LIMITED: HTTPStatus.FORBIDDEN,
    SERVER_FAILED: HTTPStatus.SERVICE_UNAVAILABLE,
}


def refused(code: int, at: datetime, message: str = "", headers: Mapping[str, str] | None = None) -> Refusal:
    """In the form that every answer has."""
    document = {
        "retCode": code,
        "retMsg": message or _SENTENCES[code],
        "result": {},
        "retExtInfo": {},
        "time": milliseconds(at),
    }
    return Refusal(_STATUSES.get(code, HTTPStatus.OK), document, headers or {})


def out_of_time(asked: str, at: datetime, window: str) -> Refusal:
    """The request was signed too long ago, or in the future."""
    times = f"req_timestamp[{asked}],server_timestamp[{milliseconds(at)}],recv_window[{window}]"
    message = f"invalid request, please check your server timestamp or recv_window param. {times}"
    return refused(OUT_OF_TIME, at, message)


def signature_wrong(origin: str, at: datetime) -> Refusal:
    """The signature is of another text; as the real one does, it repeats the text that it expected, key and all."""
    return refused(SIGNATURE_WRONG, at, f"error sign! origin_string[{origin}]")
