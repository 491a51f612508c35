"""The two sides of a bot without the symbols that persons left out; balances have no symbols and stay whole."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from recon_exporter.domain.positions import Activity, BalanceStatement, FillStatement, Order, PositionStatement
from recon_exporter.domain.scope import Scope
from recon_exporter.domain.statement import Unavailable
from recon_exporter.domain.symbols import Symbols
from recon_exporter.ports import PositionLedger, PositionVenue
from recon_exporter.settings.model import Settings
from recon_exporter.settings.venues import FleetCcxtVenue
from recon_exporter.sources.owners import Owner


def scope_of(settings: Settings, owner: Owner) -> Scope | None:
    """The bot's scope; None where every symbol is its own."""
    said = owner.scope
    if said is None:
        return None
    is_by_asset = isinstance(owner.venue, FleetCcxtVenue)
    return Scope.of(Symbols.of(settings.aliases), said.only, said.without or (), is_by_asset=is_by_asset)


class ScopedLedger:
    """The ledger within, of the bot's symbols alone."""

    def __init__(self, ledger: PositionLedger, scope: Scope) -> None:
        self.name = ledger.name
        self._ledger = ledger
        self._scope = scope

    def positions(self, now: datetime) -> PositionStatement | Unavailable:
        """The bot's part of the book."""
        return _positions(self._ledger.positions(now), self._scope.holds)

    def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:
        """The bot's fills."""
        return _fills(self._ledger.fills(since, now), self._scope)

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:
        """As the ledger within."""
        return self._ledger.balances(now)

    def mark(self) -> str | Unavailable:
        """As the ledger within."""
        return self._ledger.mark()


class ScopedVenue:
    """The venue within, of the bot's symbols alone."""

    def __init__(self, venue: PositionVenue, scope: Scope) -> None:
        self.name = venue.name
        self._venue = venue
        self._scope = scope

    def positions(self, now: datetime) -> PositionStatement | Unavailable:
        """The bot's part of the book."""
        return _positions(self._venue.positions(now), self._scope.holds_position)

    def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:
        """The bot's fills."""
        return _fills(self._venue.fills(since, now), self._scope)

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:
        """As the venue within."""
        return self._venue.balances(now)

    def orders(self, since: datetime) -> tuple[Order, ...] | Unavailable:
        """The orders in the bot's symbols."""
        told = self._venue.orders(since)
        if isinstance(told, Unavailable):
            return told
        return tuple(one for one in told if self._scope.holds(one.symbol))

    def activities(self, since: datetime) -> tuple[Activity, ...] | Unavailable:
        """What moved the bot's part of the book, and what belongs to no symbol."""
        told = self._venue.activities(since)
        if isinstance(told, Unavailable):
            return told
        return tuple(one for one in told if one.symbol is None or self._scope.holds(one.symbol))


def _positions(
    told: PositionStatement | Unavailable, is_ours: Callable[[str], bool]
) -> PositionStatement | Unavailable:
    if isinstance(told, Unavailable):
        return told
    return replace(told, positions=tuple(one for one in told.positions if is_ours(one.symbol)))


def _fills(told: FillStatement | Unavailable, scope: Scope) -> FillStatement | Unavailable:
    if isinstance(told, Unavailable):
        return told
    covered = None if told.symbols is None else frozenset(one for one in told.symbols if scope.holds(one))
    return replace(told, fills=tuple(one for one in told.fills if scope.holds(one.symbol)), symbols=covered)
