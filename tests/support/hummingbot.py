"""Databases as Hummingbot keeps them: its own tables, and rows as its recorder writes them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SCHEMAS = Path(__file__).parent / "schemas"
SCALED, FLOATS = "20260922", "20210119"
"""The schema of today, and the last one with amounts in floats."""

VERSIONS = {SCALED: "20230516", FLOATS: "20210119"}
BEGAN = datetime(2026, 3, 6, 12, tzinfo=UTC)
CONFIG = "conf_pure_mm_1.yml"
NO_FEE: Mapping[str, object] = {"fee_type": "AddedToCost", "percent": "0", "percent_token": None, "flat_fees": []}


def flat_fee(asset: str, amount: str) -> dict[str, object]:
    """The column ``trade_fee`` where the exchange told the fee."""
    return {**NO_FEE, "flat_fees": [{"token": asset, "amount": amount}]}


def rate_fee(percent: str, asset: str | None = None) -> dict[str, object]:
    """The column ``trade_fee`` where only a rate is known."""
    return {**NO_FEE, "percent": percent, "percent_token": asset}


@dataclass
class HummingbotDatabase:
    """One database, made at its first row; each fill is a minute later than the one before."""

    path: Path
    market: str = "binance"
    schema: str = SCALED
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        if not self.path.exists():
            with closing(sqlite3.connect(self.path)) as connection:
                connection.execute("PRAGMA synchronous = OFF")
                connection.executescript((SCHEMAS / f"hummingbot-{self.schema}.sql").read_text(encoding="utf-8"))
            self.run("INSERT INTO Metadata VALUES ('local_db_version', ?)", VERSIONS[self.schema])

    def run(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(statement, values)

    def insert(self, table: str, *values: object) -> None:
        self.run(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", *values)  # noqa: S608

    def fill(
        self,
        side: str,
        amount: str,
        price: str = "100",
        symbol: str = "BTC-USDT",
        *,
        trade_id: str | None = None,
        at: datetime | None = None,
        fee: object = NO_FEE,
        with_order: bool = True,
        **columns: object,
    ) -> None:
        """One execution with its order; numbers are written as the schema has them, cut off at six decimals."""
        self.fills([(side, amount, price, symbol)], trade_id=trade_id, at=at, fee=fee, with_order=with_order, **columns)

    def fills(
        self,
        rows: Sequence[tuple[str, str, str, str]],
        *,
        trade_id: str | None = None,
        at: datetime | None = None,
        fee: object = NO_FEE,
        with_order: bool = True,
        **columns: object,
    ) -> None:
        """Executions by side, amount, price and symbol, in one transaction."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute("PRAGMA synchronous = OFF")
            for side, amount, price, symbol in rows:
                number = next(self.numbers)
                base, _, quote = symbol.rpartition("-")
                shared = {
                    "config_file_path": CONFIG,
                    "strategy": "pure_market_making",
                    "market": self.market,
                    "symbol": symbol,
                    "base_asset": base,
                    "quote_asset": quote,
                    "order_type": "LIMIT",
                    "amount": self._number(amount),
                    "price": self._number(price),
                    "leverage": 1,
                }
                moment = milliseconds(at or BEGAN + number * timedelta(minutes=1))
                order = {
                    "id": f"HB-{number}",
                    "creation_timestamp": moment,
                    "last_status": "OrderFilled",
                    "last_update_timestamp": moment,
                    "exchange_order_id": f"EX-{number}",
                }
                fill = {
                    "timestamp": moment,
                    "order_id": f"HB-{number}",
                    "trade_type": side,
                    "trade_fee": json.dumps(fee),
                    "exchange_trade_id": str(7000 + number) if trade_id is None else trade_id,
                    "position": "NIL",
                }
                if with_order:
                    insert(connection, "Order", {**shared, **_of(columns, "market", "config_file_path"), **order})
                insert(connection, "TradeFill", {**shared, **fill, **columns})

    def funding(self, timestamp: int, amount: float, symbol: str = "BTC-USDT") -> None:
        """One payment as the recorder writes it: not where one of that time is there."""
        statement = "INSERT OR IGNORE INTO FundingPayment VALUES (?, ?, ?, 0.0001, ?, ?)"
        self.run(statement, timestamp, CONFIG, self.market, symbol, amount)

    def _number(self, text: str) -> object:
        return float(text) if self.schema == FLOATS else int(Decimal(text) * 1_000_000)


def insert(connection: sqlite3.Connection, table: str, row: Mapping[str, object]) -> None:
    names = ", ".join(row)
    places = ", ".join("?" * len(row))
    connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({places})', tuple(row.values()))  # noqa: S608


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _of(columns: Mapping[str, object], *names: str) -> dict[str, object]:
    return {name: columns[name] for name in names if name in columns}
