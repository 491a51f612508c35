"""The adapter: one account at one exchange as the side of the venue."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import TypeVar

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import Activity, BalanceStatement, FillStatement, Order, PositionStatement
from recon_exporter.domain.probe import Probe
from recon_exporter.domain.statement import Unavailable
from recon_exporter.ports import Clock, VenueMeter
from recon_exporter.venues.ccxt.access import CcxtAccess, CcxtLimits, CcxtScope
from recon_exporter.venues.ccxt.account import Account, Ask
from recon_exporter.venues.ccxt.activities import read_activities
from recon_exporter.venues.ccxt.balances import read_balances, read_prices
from recon_exporter.venues.ccxt.failures import VenueFailure, overdue
from recon_exporter.venues.ccxt.fills import read_fills
from recon_exporter.venues.ccxt.markets import Markets
from recon_exporter.venues.ccxt.orders import read_orders
from recon_exporter.venues.ccxt.positions import read_positions
from recon_exporter.venues.ccxt.probing import Parts, empty_probe, failed, read_probe
from recon_exporter.venues.ccxt.quirks import quirk_of
from recon_exporter.venues.ccxt.reading import Reading
from recon_exporter.venues.ccxt.rows import BadAnswer
from recon_exporter.venues.ccxt.session import NotAReading
from recon_exporter.venues.ccxt.symbols import symbols_in_use
from recon_exporter.venues.ccxt.turn import Turn

Told = TypeVar("Told")
UNEXPECTED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What an answer in a form that nobody has foreseen leads to."""


class CcxtVenue:
    """One account; safe to call from any thread. Whatever the exchange does, each method returns: answer or why none.

    Symbols are ccxt's: ``BTC/USDT`` on spot, ``BTC/USDT:USDT`` for a contract. Quantities are in base units, those of
    inverse contracts in contracts. A venue that is never asked costs next to nothing: ccxt comes with a question.
    Who asks with the same key has to share its ``turn``.
    """

    name = "ccxt"

    def __init__(  # noqa: PLR0913, PLR0917  # one account needs all of this, and the composition root alone makes it
        self,
        bot: str,
        access: CcxtAccess,
        scope: CcxtScope,
        clock: Clock,
        meter: VenueMeter,
        markets: Markets,
        limits: CcxtLimits | None = None,
        turn: Turn | None = None,
    ) -> None:
        self._bot = bot
        self._access = access
        self._scope = scope
        self._clock = clock
        self._limits = limits or CcxtLimits()
        self._markets = markets
        self._quirk = quirk_of(access.exchange)
        self._turn = turn or Turn()
        self._account = Account(access, scope, (clock, meter, self._limits), self._turn)

    def positions(self, now: datetime) -> PositionStatement | Unavailable:
        """The whole book as of ``now``; an empty one only where no balance contradicts it."""
        return self._told(lambda ask: self._positions(ask, now))

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:
        """The balances of all parts of the account by asset, with their prices in dollars where they can be had."""
        return self._told(lambda ask: self._balances(ask, now))

    def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:
        """Every execution of the span that the statement covers, which may begin later than asked."""
        wants_client_ids = self._scope.client_order_ids
        owner = (self._bot, self.name)
        return self._told(
            lambda ask: read_fills(self._reading(ask, since, now), owner, wants_client_ids=wants_client_ids)
        )

    def orders(self, since: datetime) -> tuple[Order, ...] | Unavailable:
        """Orders submitted since that have come to their end, oldest first."""
        return self._told(lambda ask: read_orders(self._reading(ask, since, self._clock.now())))

    def activities(self, since: datetime) -> tuple[Activity, ...] | Unavailable:
        """What moved the balances otherwise, oldest first."""
        return self._told(lambda ask: read_activities(self._reading(ask, since, self._clock.now())))

    def probe(self, now: datetime, trading_pair: str) -> Probe:
        """The account, the key's rights, the exchange's clock; ``trading_pair`` is BASE-QUOTE, empty if unknown."""
        empty = empty_probe(self._bot, self._access.exchange, now, trading_pair)
        parts = Parts(
            lambda ask: self._balances(ask, now), lambda ask: self._positions(ask, now), self._quirk, trading_pair
        )
        told = self._told(lambda ask: read_probe(ask, parts, empty))
        if isinstance(told, Unavailable):
            return failed(empty, told)
        return replace(told, error=self._access.redacted(told.error))

    def _positions(self, ask: Ask, now: datetime) -> PositionStatement:
        return read_positions(ask, self._quirk, ask.sections, (self._bot, self.name), now)

    def _balances(self, ask: Ask, now: datetime) -> BalanceStatement:
        told = read_balances(ask, self._quirk, ask.sections, (self._bot, self.name), now)
        return replace(told, prices=read_prices(ask, list(told.balances), self._limits.prices))

    def _reading(self, ask: Ask, since: datetime, now: datetime) -> Reading:
        @cache
        def symbols() -> frozenset[str]:
            return symbols_in_use(ask, self._quirk, ask.sections, self._scope.symbols)

        return Reading(ask, self._quirk, ask.sections, since, now, self._limits.pages, symbols)

    def _told(self, read: Callable[[Ask], Told]) -> Told | Unavailable:
        """What is read, one reading at a time, within the deadline."""
        until = self._clock.monotonic() + self._limits.deadline.total_seconds()
        if not self._turn.take(self._limits.deadline.total_seconds()):
            late = overdue(self._access.exchange, "another account statement")
            return Unavailable(late.reason, late.detail)
        try:
            return read(self._account.ask(self._markets.shared(self._access, self._scope), until))
        except VenueFailure as failure:
            return Unavailable(failure.reason, self._access.redacted(failure.detail))
        except BadAnswer as error:
            return Unavailable(Reason.SOURCE_MALFORMED, self._access.redacted(f"{self._access.exchange}: {error}"))
        except NotAReading as error:
            return Unavailable(Reason.SOURCE_UNREADABLE, f"{self._access.exchange} cannot be asked this: {error}")
        except UNEXPECTED as error:
            detail = f"{self._access.exchange}: an answer of another form than expected: {type(error).__name__}"
            return Unavailable(Reason.SOURCE_MALFORMED, detail)
        finally:
            self._turn.give()
