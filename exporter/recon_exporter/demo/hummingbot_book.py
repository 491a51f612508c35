"""A Hummingbot database: the tables of its client that concern trading, and rows as its recorder writes them."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from recon_exporter.demo.exchange.floor import milliseconds
from recon_exporter.demo.exchange.records import Execution
from recon_exporter.domain.money import plain, product

SCHEMA_VERSION = "20230516"
STRATEGY = "perpetual_market_making"
_MILLION = Decimal(1_000_000)
_TABLES = """
CREATE TABLE "Metadata" ("key" TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY ("key"));
CREATE TABLE "Order" (
    id TEXT NOT NULL, config_file_path TEXT NOT NULL, strategy TEXT NOT NULL, market TEXT NOT NULL,
    symbol TEXT NOT NULL, base_asset TEXT NOT NULL, quote_asset TEXT NOT NULL, creation_timestamp BIGINT NOT NULL,
    order_type TEXT NOT NULL, amount BIGINT NOT NULL, leverage INTEGER NOT NULL, price BIGINT NOT NULL,
    last_status TEXT NOT NULL, last_update_timestamp BIGINT NOT NULL, exchange_order_id TEXT, position TEXT,
    PRIMARY KEY (id));
CREATE INDEX o_config_timestamp_index ON "Order" (config_file_path, creation_timestamp);
CREATE TABLE "OrderStatus" (
    id INTEGER NOT NULL, order_id TEXT NOT NULL, timestamp BIGINT NOT NULL, status TEXT NOT NULL, PRIMARY KEY (id),
    FOREIGN KEY(order_id) REFERENCES "Order" (id));
CREATE TABLE "TradeFill" (
    config_file_path TEXT NOT NULL, strategy TEXT NOT NULL, market TEXT NOT NULL, symbol TEXT NOT NULL,
    base_asset TEXT NOT NULL, quote_asset TEXT NOT NULL, timestamp BIGINT NOT NULL, order_id TEXT NOT NULL,
    trade_type TEXT NOT NULL, order_type TEXT NOT NULL, price BIGINT NOT NULL, amount BIGINT NOT NULL,
    leverage INTEGER NOT NULL, trade_fee JSON NOT NULL, trade_fee_in_quote BIGINT, exchange_trade_id TEXT NOT NULL,
    position TEXT, PRIMARY KEY (market, order_id, exchange_trade_id),
    FOREIGN KEY(order_id) REFERENCES "Order" (id));
CREATE INDEX tf_market_trading_pair_timestamp_index ON "TradeFill" (market, symbol, timestamp);
CREATE TABLE "FundingPayment" (
    timestamp BIGINT NOT NULL, config_file_path TEXT NOT NULL, market TEXT NOT NULL, rate FLOAT NOT NULL,
    symbol TEXT NOT NULL, amount FLOAT NOT NULL, PRIMARY KEY (timestamp));
"""


@dataclass(frozen=True, slots=True)
class HummingbotBook:
    """The file of one configuration of one bot; ``market`` is the connector, as Hummingbot names it."""

    path: Path
    market: str
    config_file: str = "conf_perpetual_market_making_1.yml"

    def create(self) -> None:
        """Make it, empty, as the client does when it starts."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._writing() as database:
            database.executescript(_TABLES)
            database.execute("INSERT INTO Metadata VALUES ('local_db_version', ?)", (SCHEMA_VERSION,))

    def record(self, *executions: Execution) -> None:
        """Take in executions of orders of the bot's own, each with its order, in one transaction."""
        with self._writing() as database:
            for execution in executions:
                _insert(database, "Order", self._order(execution), "OR REPLACE ")
                _insert(database, "TradeFill", self._fill(execution))

    def _shared(self, execution: Execution) -> Mapping[str, object]:
        """The columns that both tables have."""
        market = execution.market
        return {
            "config_file_path": self.config_file,
            "strategy": STRATEGY,
            "market": self.market,
            "symbol": f"{market.base}-{market.quote}",
            "base_asset": market.base,
            "quote_asset": market.quote,
            "order_type": "LIMIT_MAKER" if execution.maker else "LIMIT",
            "amount": scaled(execution.quantity),
            "price": scaled(execution.price),
            "leverage": 1,
            "position": "NIL",
        }

    def _order(self, execution: Execution) -> Mapping[str, object]:
        at = milliseconds(execution.at)
        return {
            **self._shared(execution),
            "id": execution.client_id,
            "creation_timestamp": at,
            "last_status": f"{execution.side.capitalize()}OrderCompleted",
            "last_update_timestamp": at,
            "exchange_order_id": execution.order_id,
        }

    def _fill(self, execution: Execution) -> Mapping[str, object]:
        fee = execution.fee
        in_quote = fee if execution.fee_asset == execution.market.quote else product(fee, execution.price)
        return {
            **self._shared(execution),
            "timestamp": milliseconds(execution.at),
            "order_id": execution.client_id,
            "trade_type": execution.side.upper(),
            "trade_fee": json.dumps(_fee_document(execution)),
            "trade_fee_in_quote": scaled(in_quote),
            "exchange_trade_id": execution.trade_id,
        }

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path)) as database, database:
            yield database


def scaled(value: Decimal) -> int:
    """Millionths, as the models of Hummingbot keep numbers: what is smaller is cut off."""
    return int(product(value, _MILLION))


def _fee_document(execution: Execution) -> Mapping[str, object]:
    flat = [{"token": execution.fee_asset, "amount": plain(execution.fee)}]
    return {"fee_type": "AddedToCost", "percent": "0", "percent_token": None, "flat_fees": flat}


def _insert(database: sqlite3.Connection, table: str, row: Mapping[str, object], how: str = "") -> None:
    places = ", ".join("?" * len(row))
    statement = f'INSERT {how}INTO "{table}" ({", ".join(row)}) VALUES ({places})'  # noqa: S608  # names of our own
    database.execute(statement, tuple(row.values()))
