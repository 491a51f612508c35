"""The adapter: one account at Alpaca as the side of the broker."""

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import Activity, BalanceStatement, FillStatement, Order, PositionStatement
from recon_exporter.domain.statement import Unavailable
from recon_exporter.ports import Clock
from recon_exporter.venues.alpaca.access import Access, Limits
from recon_exporter.venues.alpaca.activities import read_activities
from recon_exporter.venues.alpaca.answers import BadAnswer
from recon_exporter.venues.alpaca.cash import read_cash
from recon_exporter.venues.alpaca.client import AlpacaClient, Ask
from recon_exporter.venues.alpaca.failures import VenueFailure
from recon_exporter.venues.alpaca.fills import read_fills
from recon_exporter.venues.alpaca.market import Market, TradingSession, must_be_of_now, read_market, read_sessions
from recon_exporter.venues.alpaca.orders import read_orders
from recon_exporter.venues.alpaca.positions import read_positions

Told = TypeVar("Told")


class AlpacaVenue:
    """One account; safe to call from any thread. Whatever Alpaca does, each method returns: its answer or why none.

    Alpaca nets: a symbol has one position, of leg ``net``. Crypto pairs have their slash, options are in contracts.
    A fill's client order identifier is told where its order was submitted in the same period; fees of fills are
    activities of their own.
    """

    name = "alpaca"

    def __init__(self, bot: str, access: Access, clock: Clock, limits: Limits | None = None) -> None:
        self._bot = bot
        self._access = access
        self._clock = clock
        self._limits = limits or Limits()
        self._client = AlpacaClient(access, clock, self._limits)

    def positions(self, now: datetime) -> PositionStatement | Unavailable:
        """The whole book as of ``now``; an empty one only where the account's own totals are zero."""
        coverage = self._limits.coverage
        return self._told(lambda ask, _: read_positions(ask, self._bot, self.name, now, coverage))

    def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:
        """Every execution since, oldest first, complete or Unavailable."""
        return self._told(lambda ask, _: FillStatement(self._bot, self.name, read_fills(ask, since), since, now))

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:
        """Cash by currency, as it was booked."""
        return self._told(lambda ask, _: read_cash(ask, (self._bot, self.name), now))

    def orders(self, since: datetime) -> tuple[Order, ...] | Unavailable:
        """Orders submitted since that have ended and filled at least in part, oldest first."""
        return self._told(lambda ask, _: read_orders(ask, since))

    def activities(self, since: datetime) -> tuple[Activity, ...] | Unavailable:
        """What moved the book otherwise, oldest first."""
        return self._told(lambda ask, _: read_activities(ask, since))

    def market(self) -> Market | Unavailable:
        """Whether shares are traded now, and when that changes."""
        return self._told(lambda _, market: market)

    def sessions(self, start: date, end: date) -> tuple[TradingSession, ...] | Unavailable:
        """The days on which shares are traded, both ends included."""
        return self._told(lambda ask, _: read_sessions(ask, start, end))

    def _told(self, read: Callable[[Ask, Market], Told]) -> Told | Unavailable:
        """What is read, after Alpaca's clock has shown that its answers are of now."""
        try:
            ask = self._client.ask()
            market = read_market(ask)
            must_be_of_now(market.at, self._clock.now(), self._limits.skew)
            return read(ask, market)
        except VenueFailure as failure:
            return Unavailable(failure.reason, self._access.redacted(failure.detail))
        except BadAnswer as error:
            return Unavailable(Reason.SOURCE_MALFORMED, self._access.redacted(str(error)))
