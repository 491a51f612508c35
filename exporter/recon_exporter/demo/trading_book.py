"""The equities bot's own book: positions and executions in a SQLite file, written as its owner writes them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from recon_exporter.domain.money import ZERO, plain

POSITIONS = "SELECT symbol, quantity, avg_price, updated_at FROM positions"
FILLS = "SELECT fill_id, order_id, client_order_id, symbol, side, quantity, price, filled_at FROM fills"
_TABLES = """
CREATE TABLE positions (symbol TEXT PRIMARY KEY, quantity TEXT NOT NULL, avg_price TEXT NOT NULL,
                        updated_at TEXT NOT NULL);
CREATE TABLE fills (fill_id TEXT PRIMARY KEY, order_id TEXT NOT NULL, client_order_id TEXT NOT NULL,
                    symbol TEXT NOT NULL, side TEXT NOT NULL, quantity TEXT NOT NULL, price TEXT NOT NULL,
                    filled_at TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution as the broker told it; the quantity is negative for a sale."""

    fill_id: str
    order_id: str
    client_order_id: str
    symbol: str
    quantity: Decimal
    price: Decimal
    at: datetime


class TradingBook:
    """The file; each change is one transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def create(self) -> None:
        """Make it, empty."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._writing() as database:
            database.executescript(_TABLES)

    def book(self, execution: Execution, position: Decimal, average: Decimal) -> None:
        """Take an execution in, and with it the position that it leads to."""
        symbol, side = execution.symbol, "sell" if execution.quantity < ZERO else "buy"
        amounts = (plain(execution.quantity.copy_abs()), plain(execution.price))
        names = (execution.fill_id, execution.order_id, execution.client_order_id)
        at = execution.at.isoformat()
        with self._writing() as database:
            database.execute("INSERT INTO fills VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*names, symbol, side, *amounts, at))
            database.execute("DELETE FROM positions WHERE symbol = ?", (symbol,))
            if position:
                row = (symbol, plain(position), plain(average), at)
                database.execute("INSERT INTO positions VALUES (?, ?, ?, ?)", row)

    def refresh(self, at: datetime) -> None:
        """The bot's loop writes every position that it holds."""
        with self._writing() as database:
            database.execute("UPDATE positions SET updated_at = ?", (at.isoformat(),))

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path)) as database, database:
            yield database
