"""A ledger whose positions are as old as their last fills, for books that tell no time of their own writing."""

from dataclasses import replace
from datetime import UTC, datetime

from recon_exporter.domain.positions import BalanceStatement, FillStatement, PositionStatement
from recon_exporter.domain.statement import Unavailable
from recon_exporter.domain.symbols import Symbols
from recon_exporter.ports import PositionLedger

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class DatedByFills:
    """Reads as the ledger within, and puts the time of the last fill in the place of the time of writing."""

    def __init__(self, ledger: PositionLedger, symbols: Symbols) -> None:
        self.name = ledger.name
        self._ledger = ledger
        self._symbols = symbols

    def positions(self, now: datetime) -> PositionStatement | Unavailable:
        """The book; without fills that can be read nobody knows how old it is."""
        statement = self._ledger.positions(now)
        fills = self._ledger.fills(BEGINNING, now)
        if isinstance(statement, Unavailable):
            return statement
        if isinstance(fills, Unavailable):
            return fills
        canonical = self._symbols.canonical
        # Oldest first: the last of a symbol is the one that stays.
        last = {canonical(fill.symbol): fill.at for fill in fills.fills}
        dated = tuple(replace(one, written_at=last.get(canonical(one.symbol))) for one in statement.positions)
        return replace(statement, positions=dated, has_write_times=True)

    def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:
        """The fills of the ledger within."""
        return self._ledger.fills(since, now)

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:
        """The balances of the ledger within."""
        return self._ledger.balances(now)

    def mark(self) -> str | Unavailable:
        """The mark of the ledger within."""
        return self._ledger.mark()
