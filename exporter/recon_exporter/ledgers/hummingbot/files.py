"""One database of Hummingbot: what its schema is, and the rows of its fills in short ranges.

Hummingbot keeps no write-ahead log, so a long query would hold up its commits. Its fills are only ever added: they are
read in ranges of row ids, each by a query of its own, and what is added meanwhile does not change what was read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from recon_exporter.domain.finding import Reason
from recon_exporter.reading.refused import Refused, malformed
from recon_exporter.reading.results import Result
from recon_exporter.reading.sqlite_files import query_sqlite
from recon_exporter.reading.stated import StatedTable

FILLS, ORDERS, FUNDING, METADATA = "TradeFill", "Order", "FundingPayment", "Metadata"
NEEDED: Mapping[str, tuple[str, ...]] = {
    FILLS: (
        "market",
        "config_file_path",
        "symbol",
        "base_asset",
        "quote_asset",
        "timestamp",
        "order_id",
        "trade_type",
        "price",
        "amount",
        "trade_fee",
        "exchange_trade_id",
    ),
    ORDERS: ("id", "market", "config_file_path", "creation_timestamp", "last_update_timestamp"),
    FUNDING: ("timestamp", "config_file_path", "market", "symbol", "amount"),
}
FIRST_SCALED_VERSION = 20220130
"""From this version of the schema on prices and amounts are whole numbers of millionths."""

RANGE_ROWS = 2000
FEWEST_ROWS = 50
BEFORE_ALL, AFTER_ALL = -(1 << 63), (1 << 63) - 1

_SCHEMA = (
    "SELECT m.name, c.name, upper(c.type) FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
)
_VERSION = "SELECT value FROM Metadata WHERE key = 'local_db_version'"


@dataclass(frozen=True, slots=True)
class HummingbotFile:
    """One database; ``schema`` holds the declared type of each column of each table."""

    path: Path
    schema: Mapping[str, Mapping[str, str]]
    is_scaled: bool

    def query(self, query: str) -> Result:
        """The rows of one SELECT; raises Refused, naming the file."""
        return _query(self.path, query)

    def require(self, table: str) -> None:
        """Raises Refused where the table, or a column of it, is not there."""
        _require(self.path, self.schema, table)

    def optional(self, table: str, alias: str, column: str) -> str:
        """How a query names a column that older schemas do not have."""
        return f"{alias}.{column}" if column in self.schema[table] else f"NULL AS {column}"

    def fills(self, since: int | None) -> Iterator[StatedTable]:
        """All rows of fills in the order in which they were added, range by range; ``since`` is in milliseconds."""
        after, wanted = BEFORE_ALL if since is None else self._before(since), RANGE_ROWS
        while True:
            try:
                last = self._end_of_range(after, wanted)
                if last is None:
                    return
                table = self._range(after, last, since)
            except Refused as refused:
                if refused.reason is not Reason.DEADLINE_EXCEEDED or wanted <= FEWEST_ROWS:
                    raise
                wanted //= 2
                continue
            yield table
            after, wanted = last, min(2 * wanted, RANGE_ROWS)

    def _before(self, since: int) -> int:
        """A row id below which no row is as young as that: an index tells it, where there is none time may not do."""
        try:
            ((first,),) = self.query(f"SELECT min(rowid) FROM TradeFill WHERE timestamp >= {since}").rows  # noqa: S608
        except Refused as refused:
            if refused.reason is not Reason.DEADLINE_EXCEEDED:
                raise
            return BEFORE_ALL
        return first - 1 if isinstance(first, int) else AFTER_ALL

    def _end_of_range(self, after: int, wanted: int) -> int | None:
        rows = f"SELECT rowid AS id FROM TradeFill WHERE rowid > {after} ORDER BY rowid LIMIT {wanted}"  # noqa: S608
        ((last,),) = self.query(f"SELECT max(id) FROM ({rows})").rows  # noqa: S608
        return last if isinstance(last, int) else None

    def _range(self, after: int, last: int, since: int | None) -> StatedTable:
        columns = [f"f.{column}" for column in NEEDED[FILLS]]
        columns += [self.optional(FILLS, "f", "position"), self.optional(ORDERS, "o", "exchange_order_id")]
        # The row of a market order may come later than its fills.
        joined = 'TradeFill f LEFT JOIN "Order" o ON o.id = f.order_id'
        within = f"f.rowid > {after} AND f.rowid <= {last}"
        if since is not None:
            within += f" AND f.timestamp >= {since}"
        query = f"SELECT f.rowid AS row_id, {', '.join(columns)} FROM {joined} WHERE {within} ORDER BY f.rowid"  # noqa: S608
        return stated(self.path, FILLS, self.query(query))


def opened(path: Path) -> HummingbotFile:
    """The database with its schema; raises Refused for one that cannot prove anything, such as an empty file."""
    schema: dict[str, dict[str, str]] = {}
    for table, column, kind in _query(path, _SCHEMA).rows:
        schema.setdefault(str(table), {})[str(column)] = str(kind)
    if not schema:
        raise Refused(Reason.SOURCE_INCOMPLETE, f"{path}: it has no tables: Hummingbot has not set it up yet")
    for table in (FILLS, ORDERS):
        _require(path, schema, table)
    return HummingbotFile(path, schema, _is_scaled(path, schema))


def stated(path: Path, table: str, result: Result) -> StatedTable:
    """The rows with their places; the first column is the id of the row."""
    rows = result.rows
    return StatedTable(f"{path}: {table}", result.columns, rows, lambda number: f"row {rows[number][0]}", "")


def _is_scaled(path: Path, schema: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether prices and amounts are in millionths; raises Refused where the schema does not say so clearly.

    The type of the column ``amount`` says nothing: a database that was migrated keeps millionths in one of floats.
    """
    kind = schema[FILLS]["price"]
    by_type = {"BIGINT": True, "INTEGER": True, "FLOAT": False}.get(kind)
    if by_type is None:
        raise malformed(f"{path}: {FILLS}, type of the column price", kind, "BIGINT or FLOAT")
    version = _version(path) if METADATA in schema else None
    if version is not None and (version >= FIRST_SCALED_VERSION) is not by_type:
        raise malformed(f"{path}: {METADATA}, local_db_version", version, f"that of a schema with a {kind} price")
    return by_type


def _version(path: Path) -> int | None:
    rows = _query(path, _VERSION).rows
    if not rows:
        return None
    text = str(rows[0][0])
    if not text.isdecimal():
        raise malformed(f"{path}: {METADATA}, local_db_version", text, "a date such as 20230516")
    return int(text)


def _require(path: Path, schema: Mapping[str, Mapping[str, str]], table: str) -> None:
    if table not in schema:
        raise Refused(Reason.INPUT_MISSING, f"{path}: there is no table {table}")
    missing = [column for column in NEEDED[table] if column not in schema[table]]
    if missing:
        raise Refused(Reason.INPUT_MISSING, f"{path}: {table} has no column {', '.join(missing)}")


def _query(path: Path, query: str) -> Result:
    try:
        return query_sqlite(path, query)
    except Refused as refused:
        raise Refused(refused.reason, f"{path}: {refused}") from None
