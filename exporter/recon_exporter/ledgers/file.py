"""The ledger of a bot that writes its book to files: CSV, JSON or Parquet.

A file that does not tell its own time is the book as of the moment it is read.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from recon_exporter.domain.positions import PositionStatement
from recon_exporter.domain.statement import Unavailable
from recon_exporter.reading.file_book import FileBook
from recon_exporter.reading.position_statements import statement_of
from recon_exporter.reading.refused import Refused
from recon_exporter.reading.statement_files import StatementFiles
from recon_exporter.reading.time_rules import TimeRules

OWN_NAMES: Mapping[str, str] = MappingProxyType({})
LEDGER_TIMES = TimeRules(max_age=timedelta(hours=24))
"""A book that tells that it is of yesterday must not speak for today."""


class FileLedger(FileBook):
    """Positions, fills and balances as the bot's files state them; ``columns`` holds our name → theirs."""

    def __init__(
        self,
        bot: str,
        files: StatementFiles,
        columns: Mapping[str, str] = OWN_NAMES,
        times: TimeRules = LEDGER_TIMES,
    ) -> None:
        super().__init__(bot, files, columns, times)

    def positions(self, now: datetime) -> PositionStatement | Unavailable:
        """The whole book, or why it cannot be had: also where the file tells a time that is too old."""
        try:
            return statement_of(self.owner, self.table(), self.terms, now, untold=now)
        except Refused as refused:
            return refused.unavailable()
