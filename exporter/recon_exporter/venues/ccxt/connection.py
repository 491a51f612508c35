"""One object of ccxt and what surrounds it: our clock, every number a text, every answer JSON or a failure."""

import copy
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import stamina

from recon_exporter.domain.finding import Reason
from recon_exporter.ports import Clock, VenueMeter
from recon_exporter.venues.ccxt.access import CcxtAccess, CcxtLimits
from recon_exporter.venues.ccxt.failures import VenueFailure, of_error, overdue
from recon_exporter.venues.ccxt.quirks import Quirk
from recon_exporter.venues.ccxt.session import NotAReading, ReadingSession
from recon_exporter.venues.ccxt.turn import Turn

REDIRECTION = 3
LONGEST_WAIT = timedelta(seconds=5)
_HIDDEN = "secret", "apiKey", "password", "uid", "walletAddress"


class NoJson(Exception):
    """An answer with status 200 that is no JSON, only half of it, or not in the envelope of the exchange."""


class Connection:
    """Questions to one exchange with one key, or with none; one at a time, because ccxt serves one thread at a time."""

    def __init__(
        self,
        exchange: Any,  # noqa: ANN401  # ccxt tells no types
        quirk: Quirk,
        clock: Clock,
        meter: VenueMeter,
        limits: CcxtLimits,
        *,
        turn: Turn | None = None,
    ) -> None:
        self.exchange = exchange
        self.quirk = quirk
        self.session: ReadingSession = exchange.session
        self._clock = clock
        self._meter = meter
        self._limits = limits
        self._turn = turn or Turn()
        exchange.milliseconds = lambda: int(clock.now().timestamp() * 1000)
        exchange.microseconds = lambda: int(clock.now().timestamp() * 1_000_000)
        exchange.seconds = lambda: int(clock.now().timestamp())
        exchange.throttle = self._keep_distance
        exchange.parse_json = self._json

    def ask(self, question: str, arguments: Mapping[str, object], until: float) -> Any:  # noqa: ANN401  # as ccxt answers
        """What ccxt makes of the answer, asked again while that may help; raises VenueFailure."""

        def pause(error: Exception) -> bool | float:
            if not (isinstance(error, VenueFailure) and error.passing):
                return False
            if error.wait is None:
                return True
            return error.wait if error.wait < until - self._clock.monotonic() else False

        attempts = stamina.retry_context(
            on=pause,
            attempts=self._limits.attempts,
            timeout=self._limits.deadline,
            wait_initial=self._limits.wait,
            wait_max=LONGEST_WAIT,
            wait_jitter=self._limits.wait,
        )
        call = self.quirk.reading(self.exchange, question)
        for attempt in attempts:
            with attempt:
                return self._once(call, arguments, question, until)
        raise overdue(self.exchange.id, question)

    def parsed(self, parser: str, values: Sequence[object]) -> Any:  # noqa: ANN401  # as ccxt answers
        """What ccxt makes of raw rows; raises VenueFailure."""
        answer, error = _answered(getattr(self.exchange, f"parse_{parser}"), values, {})
        if error is not None:
            raise of_error(error, f"{self.exchange.id}: {parser}", None, {})
        return answer

    def told_at(self) -> datetime | None:
        """When the exchange made its last answer: told there, or in the header where it has no clock to be asked."""
        if self.quirk.tells_time:
            return self.quirk.told_at(self.session.told)
        is_asked = self.exchange.has.get("fetchTime")
        return None if is_asked else _http_date(self.session.answer_headers.get("Date", ""))

    def skew_of(self, told_at: datetime) -> timedelta:
        """The exchange's clock minus ours; raises VenueFailure where its answers cannot be of now."""
        skew = told_at - self._clock.now()
        self._meter.skewed(self.exchange.id, skew.total_seconds())
        if abs(skew) <= self._limits.skew:
            return skew
        seconds = abs(skew) // timedelta(seconds=1)
        if skew < timedelta(0):
            detail = f"{self.exchange.id} gives answers that are {seconds} seconds old"
            raise VenueFailure(Reason.SOURCE_STALE, detail)
        raise VenueFailure(Reason.TIME_IN_FUTURE, f"the clock of {self.exchange.id} is {seconds} seconds ahead of ours")

    def _once(self, call: Callable[..., Any], arguments: Mapping[str, object], question: str, until: float) -> Any:  # noqa: ANN401  # as above
        if self._clock.monotonic() >= until:
            raise overdue(self.exchange.id, question)
        self.session.until = until
        answer, error = _answered(call, (), arguments)
        if error is not None:
            failure = self._failure(error, f"{self.exchange.id}: {question}")
            self._meter.failed(self.exchange.id, failure.code)
            raise failure
        return answer

    def _failure(self, error: Exception, asked: str) -> VenueFailure:
        if isinstance(error, VenueFailure):
            return error
        if isinstance(error, NoJson):
            return VenueFailure(Reason.SOURCE_MALFORMED, f"{asked}: the answer {error}", "bad_response", passing=True)
        return of_error(error, asked, self.session.status, self.session.answer_headers)

    def _keep_distance(self, cost: float | None = None) -> None:
        """What ccxt calls before each request: wait until it is due, begin the time of its answer, count it."""
        spacing = self._limits.spacing
        seconds = self.exchange.rateLimit / 1000 * (cost or 1) if spacing is None else spacing.total_seconds()
        until = self.session.until
        if self._turn.due_at >= until:
            raise overdue(self.exchange.id, "more")
        if self._turn.due_at > self._clock.monotonic():
            self._clock.wait(timedelta(seconds=self._turn.due_at - self._clock.monotonic()))
        asked_at = self._clock.monotonic()
        if asked_at >= until:
            raise overdue(self.exchange.id, "more")
        # What a request costs is the time until the next, so that a dear one keeps nobody waiting who asks no more.
        self._turn.due_at = asked_at + seconds
        self.session.begin(min(until, asked_at + self._limits.answer.total_seconds()))
        self._meter.requested(self.exchange.id)

    def _json(self, text: str) -> object:
        """The document with every fraction as the text that stands there; ccxt itself would read on without one."""
        try:
            document: object = json.loads(text, parse_float=str, parse_constant=str)
        except ValueError:
            document = None
        if self.session.status is not None and self.session.status // 100 == REDIRECTION:
            raise VenueFailure(Reason.SOURCE_UNREADABLE, f"{self.exchange.id}: the answer leads to another host")
        if self.session.status == HTTPStatus.OK:
            if not isinstance(document, list | dict):
                raise NoJson("is not JSON")
            if not self.quirk.is_whole(document):
                raise NoJson("is not whole")
            self.session.told = document
        return document


def _answered(
    call: Callable[..., Any], values: Sequence[object], arguments: Mapping[str, object]
) -> tuple[Any, Exception | None]:
    """The answer, or the error as a value: raised from within an except block ours would carry its text along."""
    try:
        return call(*values, **arguments), None
    except NotAReading:
        raise
    except Exception as error:  # noqa: BLE001  # ccxt stumbles over answers in any way there is
        return None, error


def prototype(access: CcxtAccess, options: Mapping[str, object]) -> Any:  # noqa: ANN401  # ccxt tells no types
    """An object of ccxt without a key, whose copies ask for the accounts; raises VenueFailure for an unknown name."""
    import ccxt  # noqa: PLC0415  # it takes a second, and most of what this program does asks no venue

    kind = getattr(ccxt, access.exchange, None) if access.exchange in ccxt.exchanges else None
    if kind is None:
        raise VenueFailure(
            Reason.SOURCE_UNREADABLE, f"ccxt {ccxt.__version__} knows no exchange {access.exchange}", "unsupported"
        )
    # ccxt's own log would show the headers, and with them the key.
    silent = logging.getLogger(f"{__name__}.silent")
    silent.setLevel(logging.CRITICAL + 1)
    made = kind({"number": str, "logger": silent, "options": dict(options)})
    made.requests_trust_env = False
    if access.sandbox:
        _, error = _answered(made.set_sandbox_mode, (True,), {})
        if error is not None:
            detail = f"ccxt knows no sandbox of {access.exchange}"
            raise VenueFailure(Reason.SOURCE_UNREADABLE, detail, "unsupported")
    if access.base_url is not None:
        made.urls["api"] = _elsewhere(made, made.urls["api"], access.base_url.rstrip("/"))
    return made


def duplicate(made: Any, credentials: Mapping[str, str], session: ReadingSession) -> Any:  # noqa: ANN401  # as above
    """The same with a key of its own: all that is large is shared, all that one account may change is not."""
    own = copy.copy(made)
    own.session = session
    own.options = dict(made.options)
    own.headers = dict(made.headers)
    for name in _HIDDEN:
        setattr(own, name, credentials.get(name, ""))
    return own


def _http_date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (TypeError, ValueError):
        return None


def _elsewhere(made: Any, urls: Any, base_url: str) -> Any:  # noqa: ANN401  # as above
    """The same paths below another host."""
    if isinstance(urls, dict):
        return {name: _elsewhere(made, url, base_url) for name, url in urls.items()}
    return base_url + urlsplit(made.implode_hostname(urls)).path.rstrip("/")
