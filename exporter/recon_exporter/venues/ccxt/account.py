"""One account at one exchange: its object of ccxt, made when it is first asked, and the questions of one reading."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from recon_exporter.domain.finding import Reason
from recon_exporter.ports import Clock, VenueMeter
from recon_exporter.venues.ccxt.access import CcxtAccess, CcxtLimits, CcxtScope
from recon_exporter.venues.ccxt.connection import Connection, duplicate
from recon_exporter.venues.ccxt.failures import VenueFailure
from recon_exporter.venues.ccxt.markets import SharedMarkets
from recon_exporter.venues.ccxt.quirks.base import Section
from recon_exporter.venues.ccxt.rows import BadAnswer, Row
from recon_exporter.venues.ccxt.session import ReadingSession
from recon_exporter.venues.ccxt.turn import Turn

CLOCK = "fetchTime"


class Ask:
    """The questions of one reading, which share a deadline; ``names_parts``: somebody said which parts there are."""

    def __init__(self, connection: Connection, until: float) -> None:
        self.connection = connection
        self.until = until
        self.skew: timedelta | None = None
        self.sections: tuple[Section, ...] = ()
        self.names_parts = False
        self.exchange: str = connection.exchange.id
        self.precision_mode: int = connection.exchange.precisionMode
        self.markets: Mapping[str, Mapping[str, Any]] = connection.exchange.markets
        self.coins: Mapping[str, object] = connection.exchange.currencies
        self._kept: dict[str, Any] = {}

    def __call__(self, question: str, **arguments: object) -> Any:  # noqa: ANN401  # as ccxt answers
        """What ccxt makes of the answer, which must be of now; raises VenueFailure."""
        answer = self.connection.ask(question, arguments, self.until)
        told_at = _clock(answer) if question == CLOCK else self.connection.told_at()
        if told_at is not None:
            self.skew = self.connection.skew_of(told_at)
        return answer

    def anew(self, question: str, **arguments: object) -> Any:  # noqa: ANN401  # as above
        """The same, kept for the rest of the reading: for what several parts of it want to know."""
        answer = self._kept[_asked(question, arguments)] = self(question, **arguments)
        return answer

    def once(self, question: str, **arguments: object) -> Any:  # noqa: ANN401  # as above
        """What was kept, or the same as ``anew``; raises VenueFailure."""
        asked = _asked(question, arguments)
        return self._kept[asked] if asked in self._kept else self.anew(question, **arguments)

    def parsed(self, parser: str, *values: object) -> Any:  # noqa: ANN401  # as above
        """What ccxt's own parser of this name makes of raw rows; nothing is asked. Raises VenueFailure."""
        return self.connection.parsed(parser, values)

    def market(self, section: Section, identifier: str) -> Mapping[str, Any]:
        """The market of a section by the exchange's own name; raises BadAnswer."""
        for market in self.connection.exchange.markets_by_id.get(identifier, ()):
            if section.holds(market):
                found: Mapping[str, Any] = market
                return found
        raise BadAnswer(f"a row of {section.name}", identifier, "a market that the exchange lists")

    def has(self, question: str) -> bool:
        """Whether ccxt can ask it here, itself or by way of others."""
        return self.connection.exchange.has.get(question) in {True, "emulated"}

    def has_itself(self, question: str) -> bool:
        """Whether the exchange itself answers it."""
        return self.connection.exchange.has.get(question) is True

    def feature(self, section: Section, question: str, key: str) -> Any:  # noqa: ANN401  # as ccxt tells
        """A limit of the question as ccxt knows it, None where it does not."""
        of_kind = self.connection.exchange.features.get(section.kind) or {}
        if section.kind != "spot":
            of_kind = of_kind.get("inverse" if section.linear is False else "linear") or {}
        return (of_kind.get(question) or {}).get(key)


def _asked(question: str, arguments: Mapping[str, object]) -> str:
    return f"{question} {sorted(arguments.items())}"


def _clock(answer: object) -> datetime:
    """The time that an exchange tells when it is asked for it."""
    return Row({"time": answer}, "the answer to fetchTime").time("time")


class Account:
    """The object of ccxt that asks for parts of an account; only to be asked by who holds its turn."""

    def __init__(
        self, access: CcxtAccess, scope: CcxtScope, means: tuple[Clock, VenueMeter, CcxtLimits], turn: Turn
    ) -> None:
        self._access = access
        self._scope = scope
        self._means = means
        self._turn = turn
        self._connection: Connection | None = None
        self._generation = 0
        self._is_prepared = False
        self._names_parts = bool(scope.account_types)

    def ask(self, shared: SharedMarkets, until: float) -> Ask:
        """Begin a reading; raises VenueFailure."""
        absent = shared.required - self._access.credentials().keys()
        if absent:
            names = ", ".join(sorted(absent))
            raise VenueFailure(Reason.INPUT_MISSING, f"{self._access.exchange} wants of a key: {names}", "auth")
        made = shared.current(until)
        if self._connection is None:
            session = ReadingSession(self._means[0], shared.adapter, reads_by_post=shared.quirk.reads_by_post)
            own = duplicate(made, self._access.credentials(), session)
            self._connection = Connection(own, shared.quirk, *self._means, turn=self._turn)
        elif self._generation != shared.generation:
            self._connection.exchange.set_markets_from_exchange(made)
        self._generation = shared.generation
        ask = Ask(self._connection, until)
        if not shared.quirk.tells_time and ask.has(CLOCK):
            ask(CLOCK)
        if not self._is_prepared:
            self._scope = shared.quirk.prepare(ask, self._scope)
            self._connection.exchange.options |= shared.quirk.own_options(self._scope)
            self._is_prepared = True
        ask.names_parts = self._names_parts
        ask.sections = shared.quirk.sections(self._scope)
        return ask
