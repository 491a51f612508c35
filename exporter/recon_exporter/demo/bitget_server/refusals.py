"""Bitget's ways to say no: a code, its words, and a status of HTTP."""

from datetime import datetime
from enum import Enum
from http import HTTPStatus

from recon_exporter.demo.exchange import Reason, Refusal, milliseconds


class Code(Enum):
    """Code and words, as Bitget documents them."""

    NO_KEY = "40001", "ACCESS_KEY cannot be empty"
    NO_SIGNATURE = "40003", "ACCESS_SIGN cannot be empty"
    WRONG_TIME = "40005", "Invalid ACCESS_TIMESTAMP"
    EXPIRED = "40008", "Request timestamp expired"
    WRONG_SIGNATURE = "40009", "sign signature error"
    NO_PASSPHRASE = "40011", "ACCESS_PASSPHRASE cannot be empty"
    WRONG_PASSPHRASE = "40012", "apikey/password is incorrect"
    FORBIDDEN = "40014", "Incorrect permissions"
    WRONG_PARAMETER = "40017", "Parameter verification failed {0}"
    FOREIGN_ADDRESS = "40018", "Invalid IP"
    NO_PARAMETER = "40019", "Parameter {0} cannot be empty"
    UNKNOWN_PARAMETER = "40034", "Parameter {0} does not exist"
    UNKNOWN_KEY = "40037", "Apikey does not exist"
    CLASSIC = "40084", "You are in Classic Account mode, and the Unified Account API is not supported at this time"
    UNIFIED = "40085", "You are in Unified Account mode, and the Classic Account API is not supported at this time"
    NOT_FOUND = "40404", "Request URL NOT FOUND"
    TOO_OLD = "40704", "Can only check the data of the last three months"
    TOO_LONG = "40705", "The start and end time cannot exceed {0} days"
    BACKWARDS = "40707", "Start time is greater than end time"
    RATE_LIMITED = "429", "Too Many Requests"
    WRITES = "40014", "Incorrect permissions, need trade permissions: no order is taken here, and this one is recorded"


_STATUS = {
    Code.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Code.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    Code.WRITES: HTTPStatus.FORBIDDEN,
}
_REASONS = {
    Reason.UNKNOWN_KEY: Code.UNKNOWN_KEY,
    Reason.WRONG_PASSPHRASE: Code.WRONG_PASSPHRASE,
    Reason.WRONG_SIGNATURE: Code.WRONG_SIGNATURE,
    Reason.FOREIGN_ADDRESS: Code.FOREIGN_ADDRESS,
    Reason.FORBIDDEN: Code.FORBIDDEN,
    Reason.RATE_LIMITED: Code.RATE_LIMITED,
    Reason.WRITES: Code.WRITES,
}


def refused(code: Code, at: datetime, *names: object) -> Refusal:
    """The refusal with this code; ``names`` stand in its words."""
    number, words = code.value
    document = {"code": number, "msg": words.format(*names), "requestTime": milliseconds(at), "data": None}
    return Refusal(_STATUS.get(code, HTTPStatus.BAD_REQUEST), document)


def refusal_of(reason: Reason, at: datetime) -> Refusal:
    """Why the core refuses; what stands in front of Bitget has no words of Bitget's."""
    if reason is Reason.UNAVAILABLE:
        return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, b"upstream connect error or disconnect before headers")
    return refused(_REASONS[reason], at)
