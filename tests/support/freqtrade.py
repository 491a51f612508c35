"""Databases as freqtrade keeps them: its own tables, and rows as its models write them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from support.postgres import PostgresServer

SCHEMAS = Path(__file__).parent / "schemas"
NEW, OLD = "2026.9", "2021.3"
"""The tables of today, and those of a version that knows neither short trades nor averages nor fees by order."""

BEGAN = datetime(2026, 3, 6, 12)  # noqa: DTZ001 - as freqtrade writes times
MINUTE = timedelta(minutes=1)
TRADE = {
    "exchange": "binance",
    "pair": "BTC/USDT",
    "base_currency": "BTC",
    "stake_currency": "USDT",
    "is_open": True,
    "fee_open": 0.001,
    "fee_close": 0.001,
    "open_rate": 100.0,
    "stake_amount": 0.0,
    "amount": 0.0,
    "is_stop_loss_trailing": False,
    "is_short": False,
    "interest_rate": 0.0,
    "record_version": 2,
    "trading_mode": "SPOT",
}
ORDER = {"ft_order_side": "buy", "ft_is_open": False, "ft_amount": 0.0, "ft_price": 0.0, "status": "closed"}


@dataclass
class FreqtradeDatabase:
    """One database; ``run`` executes a statement with its values, for which ``holder`` stands."""

    url: str
    run: Callable[[str, Sequence[object]], list[tuple[Any, ...]]]
    holder: str = "?"
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def trade(self, amount: float, open_rate: float = 100.0, **columns: object) -> int:
        """A trade without orders, as after a migration; its number."""
        number = next(self.numbers)
        told = {"id": number, "amount": amount, "open_rate": open_rate, "open_date": BEGAN + number * MINUTE}
        self._insert("trades", {**TRADE, **told, **columns})
        return number

    def order(self, trade: int, kind: str, filled: float, average: float | None = 100.0, **columns: object) -> int:
        """An order of the trade, closed unless ``ft_is_open`` says otherwise; its number."""
        number = next(self.numbers)
        at = BEGAN + number * MINUTE
        told = {
            "id": number,
            "ft_trade_id": trade,
            "ft_order_side": kind,
            "side": kind,
            "ft_pair": "BTC/USDT",
            "symbol": "BTC/USDT",
            "order_id": f"4{number:05}",
            "filled": filled,
            "amount": filled,
            "average": average,
            "price": average,
            "order_date": at,
            "order_filled_date": at,
            "order_update_date": at,
        }
        self._insert("orders", {**ORDER, **told, **columns})
        return number

    def wallet(self, at: datetime, currency: str, balance: float, **columns: object) -> None:
        """One row of a snapshot of the wallets."""
        row = {"timestamp": at, "currency": currency, "balance": balance, "quote_currency": "USDT", "leverage": 1.0}
        self._insert("wallet_history", {**row, "id": next(self.numbers), "bot_managed": True, **columns})

    def empty(self) -> None:
        for table in ("orders", "trades"):
            self.run(f"DELETE FROM {table}", ())  # noqa: S608

    def _insert(self, table: str, row: dict[str, object]) -> None:
        known = self._columns(table)
        kept = {name: value for name, value in row.items() if name in known}
        places = ", ".join([self.holder] * len(kept))
        self.run(f"INSERT INTO {table} ({', '.join(kept)}) VALUES ({places})", tuple(kept.values()))  # noqa: S608

    def _columns(self, table: str) -> set[str]:
        query = "SELECT name FROM pragma_table_info('{}')"
        if self.holder != "?":
            query = "SELECT column_name FROM information_schema.columns WHERE table_name = '{}'"
        return {name for (name,) in self.run(query.format(table), ())}


def on_sqlite(path: Path, version: str = NEW) -> FreqtradeDatabase:
    """A database in a file, with the write-ahead log that freqtrade itself switches on."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.executescript((SCHEMAS / f"freqtrade-{version}-sqlite.sql").read_text(encoding="utf-8"))

    def run(statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        values = [str(value) if isinstance(value, datetime) else value for value in values]
        with closing(sqlite3.connect(path)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    return FreqtradeDatabase(f"sqlite:///{path}", run)


def on_postgres(server: PostgresServer, version: str = NEW) -> FreqtradeDatabase:
    """A database of its own on the server."""
    name = server.database()

    def run(statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with server.connect(name) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    run((SCHEMAS / f"freqtrade-{version}-postgresql.sql").read_text(encoding="utf-8"), ())
    return FreqtradeDatabase(server.url(name), run, "%s")
