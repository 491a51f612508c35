"""From a request to a reply: faults made, keys and limits checked, the venue's language asked for the document."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus

from recon_exporter.demo.exchange.account import Account
from recon_exporter.demo.exchange.exchange import Exchange, Snapshot
from recon_exporter.demo.exchange.faults import Fault, Faults
from recon_exporter.demo.exchange.language import Answer, Language, Reason, Refusal, Request
from recon_exporter.demo.exchange.limits import Asked, Journal, Limiter

_NOW = timedelta(0)
_PAGE = b"<!DOCTYPE html><html><body>Checking your browser before you go on</body></html>"
_READING = frozenset({"GET", "HEAD"})
_REFUSALS = {
    Fault.UNAVAILABLE: Reason.UNAVAILABLE,
    Fault.RATE_LIMITED: Reason.RATE_LIMITED,
    Fault.UNKNOWN_KEY: Reason.UNKNOWN_KEY,
    Fault.WRONG_PASSPHRASE: Reason.WRONG_PASSPHRASE,
    Fault.WRONG_SIGNATURE: Reason.WRONG_SIGNATURE,
    Fault.FOREIGN_ADDRESS: Reason.FOREIGN_ADDRESS,
    Fault.FORBIDDEN: Reason.FORBIDDEN,
}
Current = Mapping[Fault, timedelta]


class Manner(StrEnum):
    """How a reply goes out."""

    WHOLE = "whole"
    NEVER = "never"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes out, and after how long."""

    status: HTTPStatus = HTTPStatus.OK
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    manner: Manner = Manner.WHOLE
    delay: timedelta = _NOW


class Answering:
    """All that is decided about a request; it waits for nothing, and one thread calls it."""

    def __init__(self, exchange: Exchange, language: Language, limiter: Limiter) -> None:
        self.faults: Faults[Fault] = Faults()
        self.journal = Journal()
        self.frozen: Snapshot | None = None
        self._exchange = exchange
        self._language = language
        self._limiter = limiter

    def reply(self, request: Request) -> Reply:
        """What this request gets."""
        key = self._language.key(request)
        account = None if key is None else self._exchange.account(key)
        name = None if account is None else account.profile.name
        writes = request.method not in _READING
        self.journal.note(Asked(request.method, request.path, request.parameters, name), writes=writes)
        faults = self.faults.take(request.path, name)
        if Fault.DROPPED in faults or Fault.HANG in faults:
            return Reply(manner=Manner.RESET if Fault.DROPPED in faults else Manner.NEVER)
        delay = faults.get(Fault.SLOW, _NOW)
        try:
            self._check(request, key, account, faults)
            document = self._document(request, account, faults)
        except Refusal as refusal:
            return Reply(refusal.status, _written(refusal.document), headers=refusal.headers, delay=delay)
        answer = document if isinstance(document, Answer) else Answer(document, {})
        return _sent(answer, faults, delay)

    def _check(self, request: Request, key: str | None, account: Account | None, faults: Current) -> None:
        at = self._exchange.now() + faults.get(Fault.SKEWED, _NOW)
        for fault in _REFUSALS.keys() & faults.keys():
            raise self._language.refusal(_REFUSALS[fault], at)
        if request.method not in _READING:
            raise self._language.refusal(Reason.WRITES, at)
        if key is None:
            return
        if account is None:
            raise self._language.refusal(Reason.UNKNOWN_KEY, at)
        credentials = account.credentials
        if credentials.allowed_addresses and request.address not in credentials.allowed_addresses:
            raise self._language.refusal(Reason.FOREIGN_ADDRESS, at)
        self._language.admit(request, credentials, at)
        if not credentials.can_read:
            raise self._language.refusal(Reason.FORBIDDEN, at)
        if not self._limiter.admits(key, self._exchange.monotonic()):
            raise self._language.refusal(Reason.RATE_LIMITED, at)

    def _document(self, request: Request, account: Account | None, faults: Current) -> object:
        skew, one_page = faults.get(Fault.SKEWED, _NOW), Fault.ONE_PAGE in faults
        if Fault.FROZEN in faults and self.frozen is not None:
            key = None if account is None else account.credentials.key
            view = self.frozen.view(key, skew, one_page=one_page)
        else:
            view = self._exchange.view(account, skew, one_page=one_page)
        return self._language.answer(request, view)


def _sent(answer: Answer, faults: Current, delay: timedelta) -> Reply:
    if Fault.HTML in faults or Fault.BLOCKED in faults:
        status = HTTPStatus.FORBIDDEN if Fault.BLOCKED in faults else HTTPStatus.OK
        return Reply(status, _PAGE, "text/html", delay=delay)
    body = _written(_emptied(answer.document) if Fault.EMPTY in faults else answer.document)
    told = body[: len(body) // 2] if Fault.TRUNCATED in faults else body
    return Reply(body=told, headers=answer.headers, delay=delay)


def _written(document: object) -> bytes:
    return document if isinstance(document, bytes) else json.dumps(document).encode()


def _emptied(document: object) -> object:
    if isinstance(document, list):
        return []
    if isinstance(document, dict):
        return {name: _emptied(value) for name, value in document.items()}
    return document
