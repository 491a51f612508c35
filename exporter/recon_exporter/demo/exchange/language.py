"""What a venue adds to the core: how requests are signed, answered and refused in its own protocol."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Protocol

from recon_exporter.demo.exchange.account import Credentials
from recon_exporter.demo.exchange.records import View


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came; names of headers are small.

    ``query`` is the text after the question mark as it was sent, ``parameters`` are what it says, decoded.
    """

    method: str
    path: str
    query: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    address: str = "127.0.0.1"


class Reason(StrEnum):
    """Why the core itself refuses; a venue has its own words for each."""

    UNKNOWN_KEY = "unknown_key"
    WRONG_PASSPHRASE = "wrong_passphrase"  # noqa: S105  # a word, and no secret
    WRONG_SIGNATURE = "wrong_signature"
    FOREIGN_ADDRESS = "foreign_address"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    WRITES = "writes"


@dataclass(eq=False)
class Refusal(Exception):
    """The request is answered with this status and document."""

    status: HTTPStatus
    document: object
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """A document that goes out with headers of the venue's own."""

    document: object
    headers: Mapping[str, str]


class Language(Protocol):
    """The protocol of one venue. All of it is called for every request, so it should be quick and keep nothing."""

    def key(self, request: Request) -> str | None:
        """The API key that the request bears, None where it bears none."""

    def admit(self, request: Request, credentials: Credentials, at: datetime) -> None:
        """Check time and signature by the credentials of the key; raises Refusal."""

    def answer(self, request: Request, view: View) -> object:
        """The document or ``Answer``; raises Refusal, also where the path needs a book and there is none."""

    def refusal(self, reason: Reason, at: datetime) -> Refusal:
        """The venue's own words."""
