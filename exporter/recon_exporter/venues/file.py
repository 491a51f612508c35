"""A venue's own statements as files, such as a broker's at the end of the day: CSV, JSON or Parquet.

A statement that does not tell its own time can be no younger than its file, whose time of change stands in.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import Activity, Order, PositionStatement
from recon_exporter.domain.statement import Unavailable
from recon_exporter.reading.file_book import FileBook
from recon_exporter.reading.position_statements import statement_of
from recon_exporter.reading.refused import Refused
from recon_exporter.reading.statement_files import StatementFiles
from recon_exporter.reading.time_rules import TimeRules

OWN_NAMES: Mapping[str, str] = MappingProxyType({})
VENUE_TIMES = TimeRules(max_age=timedelta(hours=24))
"""Yesterday's statement must not speak for today."""


class FileVenue(FileBook):
    """Positions, fills and balances as the venue's files state them; ``columns`` holds our name → theirs."""

    def __init__(
        self,
        bot: str,
        files: StatementFiles,
        columns: Mapping[str, str] = OWN_NAMES,
        times: TimeRules = VENUE_TIMES,
    ) -> None:
        super().__init__(bot, files, columns, times)

    def positions(self, now: datetime) -> PositionStatement | Unavailable:
        """The whole book, or why it cannot be had: also where the statement is too old."""
        try:
            table = self.table()
            return statement_of(self.owner, table, self.terms, now, untold=min(table.modified_at or now, now))
        except Refused as refused:
            return refused.unavailable()

    def orders(self, since: datetime) -> tuple[Order, ...] | Unavailable:  # noqa: ARG002 - the port asks so
        """Statements tell none."""
        return Unavailable(Reason.INPUT_MISSING, f"{self.owner[0]}: statements in files tell no orders")

    def activities(self, since: datetime) -> tuple[Activity, ...] | Unavailable:  # noqa: ARG002 - the port asks so
        """Statements tell none."""
        return Unavailable(Reason.INPUT_MISSING, f"{self.owner[0]}: statements in files tell no activities")
