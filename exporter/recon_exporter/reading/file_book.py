"""One bot's side as statements in files: what the ledger and the venue of type ``file`` share."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import BalanceStatement, Basis, FillStatement
from recon_exporter.domain.statement import Unavailable
from recon_exporter.reading.book_rows import (
    BALANCES,
    FILLS,
    POSITIONS,
    Terms,
    mark_of,
    read_balances,
    read_fills,
    read_positions,
)
from recon_exporter.reading.refused import Refused
from recon_exporter.reading.stated import ColumnNames, StatedTable
from recon_exporter.reading.statement_files import StatementFiles, read_statement
from recon_exporter.reading.time_rules import TimeRules


class FileBook:
    """Reads the files anew each time.

    A statement's own time is its column ``as_of`` (the earliest of the rows), the key of JSON, or the comment of CSV.
    """

    name = "file"

    def __init__(self, bot: str, files: StatementFiles, columns: Mapping[str, str], times: TimeRules) -> None:
        self.owner = (bot, self.name)
        self.terms = Terms(ColumnNames(columns), times)
        self._files = files

    def table(self) -> StatedTable:
        """The table of positions; raises Refused."""
        return self._table(POSITIONS, self._files.positions)

    def mark(self) -> str | Unavailable:
        """A digest of the positions: another whenever a quantity or a price of entry has changed."""
        try:
            return mark_of(read_positions(self.table(), self.terms).positions)
        except Refused as refused:
            return refused.unavailable()

    def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:
        """The fills of the file since that moment, oldest first."""
        try:
            fills = read_fills(self._table(FILLS, self._files.fills), self.terms, since)
            return FillStatement(*self.owner, fills, since, now)
        except Refused as refused:
            return refused.unavailable()

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:
        """The balances of the file by asset."""
        try:
            table = self._table(BALANCES, self._files.balances)
            return BalanceStatement(*self.owner, now, Basis.WALLET, read_balances(table, self.terms), {}, table.proof)
        except Refused as refused:
            return refused.unavailable()

    def _table(self, kind: str, path: Path | None) -> StatedTable:
        if path is None:
            raise Refused(Reason.INPUT_MISSING, f"no file of {kind} is named")
        return read_statement(path, kind, self.terms.names)
