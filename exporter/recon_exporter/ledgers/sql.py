"""The ledger of a bot that keeps its book in a database: any that SQLAlchemy reaches, by queries that a person gives.

A query that completed over a table that is there proves its rows, also where there are none. Whether the bot that
writes the table is alive it does not prove: a heartbeat query does, where one is configured.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import BalanceStatement, Basis, FillStatement, PositionStatement
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
from recon_exporter.reading.databases import Database
from recon_exporter.reading.position_statements import statement_of
from recon_exporter.reading.refused import Refused
from recon_exporter.reading.stated import ColumnNames, StatedTable
from recon_exporter.reading.time_rules import TimeRules

OWN_NAMES: Mapping[str, str] = MappingProxyType({})
LEDGER_TIMES = TimeRules()
HEARTBEAT = "heartbeat"


@dataclass(frozen=True, slots=True)
class SqlQueries:
    """One SELECT for each table. That of the heartbeat gives one time, at most ``heartbeat_max_age`` old."""

    positions: str
    fills: str | None = None
    balances: str | None = None
    heartbeat: str | None = None
    heartbeat_max_age: timedelta = timedelta(minutes=10)


class SqlLedger:
    """Positions, fills and balances as the queries give them; ``columns`` holds our name → theirs."""

    name = "sql"

    def __init__(
        self,
        bot: str,
        url: str,
        queries: SqlQueries,
        columns: Mapping[str, str] = OWN_NAMES,
        times: TimeRules = LEDGER_TIMES,
    ) -> None:
        self._owner = (bot, self.name)
        self._database = Database(url)
        self._queries = queries
        self._terms = Terms(ColumnNames(columns), times)

    def positions(self, now: datetime) -> PositionStatement | Unavailable:
        """The whole book, or why it cannot be had: also where the heartbeat has stopped."""
        try:
            self._check_heartbeat(now)
            return statement_of(self._owner, self._table(POSITIONS, self._queries.positions), self._terms, now, now)
        except Refused as refused:
            return refused.unavailable()

    def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:
        """The fills that the query gives, since that moment, oldest first."""
        try:
            fills = read_fills(self._table(FILLS, self._queries.fills), self._terms, since)
            return FillStatement(*self._owner, fills, since, now)
        except Refused as refused:
            return refused.unavailable()

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:
        """The balances that the query gives, by asset."""
        try:
            table = self._table(BALANCES, self._queries.balances)
            balances = read_balances(table, self._terms)
            return BalanceStatement(*self._owner, now, Basis.WALLET, balances, {}, table.proof)
        except Refused as refused:
            return refused.unavailable()

    def mark(self) -> str | Unavailable:
        """A digest of the positions: another whenever a quantity or a price of entry has changed."""
        try:
            table = self._table(POSITIONS, self._queries.positions)
            return mark_of(read_positions(table, self._terms).positions)
        except Refused as refused:
            return refused.unavailable()

    def _table(self, kind: str, query: str | None) -> StatedTable:
        if query is None:
            raise Refused(Reason.INPUT_MISSING, f"{self._database.name}: no query of {kind} is configured")
        columns, rows = self._database.query(query)
        name = f"{self._database.name}: {kind}"
        proof = f"{name}: the query completed and gave {len(rows)} rows"
        return StatedTable(name, columns, rows, lambda row: f"row {row + 1}", proof)

    def _check_heartbeat(self, now: datetime) -> None:
        """Raises Refused where the bot has not shown itself alive."""
        if self._queries.heartbeat is None:
            return
        _, rows = self._database.query(self._queries.heartbeat)
        place = f"{self._database.name}: {HEARTBEAT}"
        if len(rows) != 1 or len(rows[0]) != 1 or rows[0][0] is None:
            raise Refused(Reason.SOURCE_STALE, f"{place}: the query gives no time")
        at = self._terms.times.present(self._terms.times.moment(rows[0][0], place), now, place)
        if now - at > self._queries.heartbeat_max_age:
            limit = self._queries.heartbeat_max_age
            raise Refused(Reason.SOURCE_STALE, f"{place}: the last is of {at.isoformat()}, older than {limit}")
