"""Questions to Alpaca through ccxt: signed by it, one at a time, repeated while that may help, within a deadline."""

import json
import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import stamina

from recon_exporter.ports import Clock
from recon_exporter.venues.alpaca.access import Access, Limits
from recon_exporter.venues.alpaca.failures import VenueFailure, malformed, of_error, of_status, overdue
from recon_exporter.venues.alpaca.session import ReadingSession

LONGEST_WAIT = timedelta(seconds=5)


class Question(StrEnum):
    """All that is ever asked, by the name of ccxt's raw call; each of them is a GET."""

    ACCOUNT = "traderPrivateGetV2Account"
    POSITIONS = "traderPrivateGetV2Positions"
    ORDERS = "traderPrivateGetV2Orders"
    FILLS = "traderPrivateGetV2AccountActivitiesActivityType"
    ACTIVITIES = "traderPrivateGetV2AccountActivities"
    CLOCK = "traderPrivateGetV2Clock"
    CALENDAR = "traderPrivateGetV2Calendar"

    @property
    def words(self) -> str:
        """How a message names it."""
        return f"the question for its {self.name.lower()}"


class Ask:
    """The questions of one reading, which share a deadline."""

    def __init__(self, answer: Callable[[Question, dict[str, str], float], object], until: float) -> None:
        self._answer = answer
        self._until = until

    def __call__(self, question: Question, **parameters: str | None) -> object:
        """The JSON of the answer, each number in it a text; raises VenueFailure. None leaves a parameter out."""
        told = {name: value for name, value in parameters.items() if value is not None}
        return self._answer(question, told, self._until)


class AlpacaClient:
    """One account's questions, one after the other: ccxt's object serves one thread at a time."""

    def __init__(self, access: Access, clock: Clock, limits: Limits) -> None:
        self._access = access
        self._clock = clock
        self._limits = limits
        self._lock = threading.Lock()
        self._session = ReadingSession(clock)
        self._exchange: Any = None
        self._asked_at = float("-inf")

    def ask(self) -> Ask:
        """Begin a reading: from here its deadline runs."""
        return Ask(self._repeatedly, self._clock.monotonic() + self._limits.deadline.total_seconds())

    def _repeatedly(self, question: Question, parameters: dict[str, str], until: float) -> object:
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
        with self._lock:
            for attempt in attempts:
                with attempt:
                    return self._once(question, parameters, until)
        raise overdue(question.words)

    def _once(self, question: Question, parameters: dict[str, str], until: float) -> object:
        exchange = self._exchange = self._exchange or self._connected()
        self._keep_distance()
        now = self._clock.monotonic()
        if now >= until:
            raise overdue(question.words)
        self._session.until = min(until, now + self._limits.answer.total_seconds())
        answer, error = _answer(getattr(exchange, question), parameters)
        status = self._session.status
        if status is not None and status != HTTPStatus.OK:
            raise of_status(status, self._session.answer_headers, question.words, self._clock.now())
        if status is None and error is not None:
            raise of_error(error, question.words)
        if not isinstance(answer, list | dict):
            raise malformed(question.words)
        return answer

    def _keep_distance(self) -> None:
        pause = self._asked_at + self._limits.spacing.total_seconds() - self._clock.monotonic()
        if pause > 0:
            self._clock.wait(timedelta(seconds=pause))
        self._asked_at = self._clock.monotonic()

    def _connected(self) -> Any:  # noqa: ANN401  # ccxt tells no types
        import ccxt  # noqa: PLC0415  # it takes a second, and most of what this program does asks no venue

        # ccxt's own log would show the headers, and with them the key.
        silent = logging.getLogger(f"{__name__}.silent")
        silent.setLevel(logging.CRITICAL + 1)
        exchange = ccxt.alpaca(
            {
                "apiKey": self._access.api_key,
                "secret": self._access.secret,
                "session": self._session,
                "logger": silent,
                "number": str,
                "enableRateLimit": False,
                "on_json_response": _exact_json,
            }
        )
        if self._access.paper:
            exchange.set_sandbox_mode(True)
        if self._access.base_url is not None:
            exchange.urls["api"] = {"trader": self._access.base_url.rstrip("/")}
        return exchange


def _answer(call: Callable[[dict[str, str]], object], parameters: dict[str, str]) -> tuple[object, Exception | None]:
    """The answer, or ccxt's error as a value: raised from within an except block ours would carry its text along."""
    from ccxt import BaseError  # noqa: PLC0415  # as above

    try:
        return call(parameters), None
    except BaseError as error:
        return None, error


def _exact_json(text: str) -> object:
    """The document with every number as the text that stands there."""
    return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
