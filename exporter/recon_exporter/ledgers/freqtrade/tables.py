"""The tables of one freqtrade database, whatever its version: columns that it does not have are told as NULL."""

from collections.abc import Iterator, Mapping, Sequence

from recon_exporter.domain.finding import Reason
from recon_exporter.reading.databases import Database
from recon_exporter.reading.refused import Refused
from recon_exporter.reading.stated import Row, StatedTable, rows_of

TRADES, ORDERS, WALLETS = "trades", "orders", "wallet_history"
DRY_RUN = "dry_run_"
"""How the numbers of orders begin that were placed nowhere."""

DRY_RUN_FILE = "dryrun"
Columns = Mapping[str, Sequence[str]]
"""The columns of a query by the letter of their table."""

POSITION_COLUMNS: Columns = {
    "t": ("id", "exchange", "pair", "is_short", "amount", "open_rate", "stake_currency"),
    "o": ("order_id", "ft_order_side", "side", "ft_is_open", "filled", "average", "price", "cost"),
}
FILL_COLUMNS: Columns = {
    "o": (
        "id",
        "order_id",
        "ft_order_side",
        "side",
        "ft_pair",
        "filled",
        "average",
        "price",
        "cost",
        "ft_fee_base",
        "order_date",
        "order_filled_date",
        "order_update_date",
    ),
    "t": ("exchange", "is_short", "base_currency", "fee_open", "fee_open_currency", "fee_close", "fee_close_currency"),
}
BALANCE_COLUMNS: Columns = {
    "w": ("id", "timestamp", "currency", "balance", "rate", "quote_currency", "collateral"),
}
NAMES = {"t": TRADES, "o": ORDERS, "w": WALLETS}
OPTIONAL = frozenset(
    {"is_short", "stake_currency", "base_currency", "average", "ft_fee_base", "side", "rate", "collateral"}
    | {"order_update_date", "fee_open_currency", "fee_close_currency"}
)


class Tables:
    """The database at ``url``; ``exchange`` says whose trades count, None that it may hold those of one only."""

    def __init__(self, url: str, exchange: str | None) -> None:
        self._database = Database(url)
        self._exchange = None if exchange is None else exchange.lower()
        self.name = self._database.name

    def check(self) -> None:
        """Raises Refused for the database of a dry run, and where it is not clear whose trades count."""
        if DRY_RUN_FILE in self.name.rpartition("/")[2]:
            raise self._dry_run("by its name")
        newest = self._database.query("SELECT order_id FROM orders ORDER BY id DESC LIMIT 1").rows
        for (order_id,) in newest:
            self.check_order(order_id)
        exchanges = sorted(str(row[0]).lower() for row in self._database.query(_EXCHANGES).rows)
        if exchanges and self._exchange is not None and self._exchange not in exchanges:
            told = f"there is no trade on {self._exchange}; there are those on {', '.join(exchanges)}"
            raise Refused(Reason.INPUT_MISSING, f"{self.name}: {told}")
        if len(exchanges) > 1 and self._exchange is None:
            told = f"there are trades on {', '.join(exchanges)}: name the exchange that counts"
            raise Refused(Reason.INPUT_MISSING, f"{self.name}: {told}")

    def check_order(self, order_id: object) -> None:
        """Raises Refused for an order that was placed nowhere."""
        if str(order_id).startswith(DRY_RUN):
            raise self._dry_run(f"it has the order {order_id}")

    def open_trades(self) -> list[Row]:
        """Each open trade with each of its orders, all of one moment."""
        joined = "trades t LEFT JOIN orders o ON o.ft_trade_id = t.id"
        return self._rows(TRADES, POSITION_COLUMNS, f"{joined} WHERE t.is_open ORDER BY t.id, o.id")

    def orders(self, since: str) -> list[Row]:
        """Orders of which something was filled, and that changed since that moment, with the fees of their trades."""
        known = self._columns(ORDERS)
        dates = [f"o.{name}" for name in ("order_update_date", "order_filled_date", "order_date") if name in known]
        changed = f"coalesce({', '.join(dates)}) >= '{since}'"
        joined = "orders o LEFT JOIN trades t ON t.id = o.ft_trade_id"
        return self._rows(ORDERS, FILL_COLUMNS, f"{joined} WHERE o.filled > 0 AND {changed} ORDER BY o.id")

    def balances(self) -> list[Row]:
        """The rows of the last snapshot of the wallets; raises Refused where this version takes none."""
        newest = "SELECT max(timestamp) FROM wallet_history"
        return self._rows(WALLETS, BALANCE_COLUMNS, f"wallet_history w WHERE w.timestamp = ({newest})")

    def first_date(self) -> object:
        """When the first trade was opened, as the database tells it; None where there is none."""
        ((at,),) = self._database.query("SELECT min(open_date) FROM trades").rows
        return at

    def _rows(self, name: str, columns: Columns, clause: str) -> list[Row]:
        told = ", ".join(text for letter, names in columns.items() for text in self._told(letter, names))
        result = self._database.query(f"SELECT {told} FROM {clause}")  # noqa: S608 - names of our own
        found = {column: at for at, column in enumerate(result.columns)}
        rows = result.rows
        table = StatedTable(f"{self.name}: {name}", result.columns, rows, lambda at: f"id {rows[at][found['id']]}", "")
        return [row for row in rows_of(table, found) if self._counts(row)]

    def _counts(self, row: Row) -> bool:
        exchange = row.optional_label("exchange") if row.has("exchange") else None
        return None in (exchange, self._exchange) or str(exchange).lower() == self._exchange

    def _told(self, letter: str, columns: Sequence[str]) -> Iterator[str]:
        """How the query names these columns of one table."""
        known = self._columns(NAMES[letter])
        for column in columns:
            if column in known:
                yield f"{letter}.{column}"
            elif column in OPTIONAL:
                yield f"NULL AS {column}"
            else:
                raise Refused(Reason.INPUT_MISSING, f"{self.name}: {NAMES[letter]} has no column {column}")

    def _columns(self, table: str) -> Sequence[str]:
        """The columns that the table has: every database tells them with a result, also with one of no rows."""
        return self._database.query(f"SELECT * FROM {table} WHERE 1 = 0").columns  # noqa: S608 - a name of our own

    def _dry_run(self, why: str) -> Refused:
        text = f"{self.name}: it is the database of a dry run ({why}): no venue knows of its orders"
        return Refused(Reason.NOT_INDEPENDENT, text)


_EXCHANGES = "SELECT DISTINCT exchange FROM trades"


def by_trade(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """The rows of each trade."""
    found: dict[object, list[Row]] = {}
    for row in rows:
        found.setdefault(row.value("id"), []).append(row)
    yield from found.values()
