"""A freqtrade database: its tables of trades and orders, and rows as its models write them."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from recon_exporter.demo.exchange.records import Execution

_TABLES = """
CREATE TABLE trades (
    id INTEGER NOT NULL, exchange VARCHAR(25) NOT NULL, pair VARCHAR(25) NOT NULL, base_currency VARCHAR(25),
    stake_currency VARCHAR(25), is_open BOOLEAN NOT NULL, fee_open FLOAT NOT NULL, fee_open_cost FLOAT,
    fee_open_currency VARCHAR(25), fee_close FLOAT NOT NULL, fee_close_cost FLOAT, fee_close_currency VARCHAR(25),
    open_rate FLOAT NOT NULL, open_rate_requested FLOAT, open_trade_value FLOAT, close_rate FLOAT,
    close_rate_requested FLOAT, realized_profit FLOAT, close_profit FLOAT, close_profit_abs FLOAT,
    stake_amount FLOAT NOT NULL, max_stake_amount FLOAT, amount FLOAT NOT NULL, amount_requested FLOAT,
    open_date DATETIME NOT NULL, close_date DATETIME, stop_loss FLOAT, stop_loss_pct FLOAT, initial_stop_loss FLOAT,
    initial_stop_loss_pct FLOAT, is_stop_loss_trailing BOOLEAN NOT NULL, max_rate FLOAT, min_rate FLOAT,
    exit_reason VARCHAR(255), exit_order_status VARCHAR(100), strategy VARCHAR(100), enter_tag VARCHAR(255),
    timeframe INTEGER, trading_mode VARCHAR(7), amount_precision FLOAT, price_precision FLOAT, precision_mode INTEGER,
    precision_mode_price INTEGER, contract_size FLOAT, leverage FLOAT, is_short BOOLEAN NOT NULL,
    liquidation_price FLOAT, interest_rate FLOAT NOT NULL, funding_fees FLOAT, funding_fee_running FLOAT,
    record_version INTEGER NOT NULL, PRIMARY KEY (id));
CREATE INDEX ix_trades_is_open ON trades (is_open);
CREATE TABLE orders (
    id INTEGER NOT NULL, ft_trade_id INTEGER NOT NULL, ft_order_side VARCHAR(25) NOT NULL, ft_pair VARCHAR(25) NOT NULL,
    ft_is_open BOOLEAN NOT NULL, ft_amount FLOAT NOT NULL, ft_price FLOAT NOT NULL, ft_cancel_reason VARCHAR(255),
    order_id VARCHAR(255) NOT NULL, status VARCHAR(255), symbol VARCHAR(25), order_type VARCHAR(50), side VARCHAR(25),
    price FLOAT, average FLOAT, amount FLOAT, filled FLOAT, remaining FLOAT, cost FLOAT, stop_price FLOAT,
    order_date DATETIME, order_filled_date DATETIME, order_update_date DATETIME, funding_fee FLOAT, ft_fee_base FLOAT,
    ft_order_tag VARCHAR(255), PRIMARY KEY (id), CONSTRAINT _order_pair_order_id UNIQUE (ft_pair, order_id),
    FOREIGN KEY(ft_trade_id) REFERENCES trades (id));
CREATE INDEX ix_orders_ft_trade_id ON orders (ft_trade_id);
"""
FEE_RATE = 0.001


@dataclass(frozen=True, slots=True)
class FreqtradeBook:
    """The file of one bot on one exchange, which trades on spot and pays its fees in the exchange's own coin."""

    path: Path
    exchange: str

    def create(self) -> None:
        """Make it, empty, with the write-ahead log that freqtrade itself switches on."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._writing() as database:
            database.execute("PRAGMA journal_mode = wal")
            database.executescript(_TABLES)

    def enter(self, execution: Execution) -> None:
        """A purchase opens a trade."""
        market = execution.market
        amount, price = float(execution.quantity), float(execution.price)
        trade = {
            **dict.fromkeys(("is_stop_loss_trailing", "is_short", "interest_rate"), 0),
            "exchange": self.exchange,
            "pair": market.symbol,
            "base_currency": market.base,
            "stake_currency": market.quote,
            "is_open": 1,
            "fee_open": FEE_RATE,
            "fee_open_cost": float(execution.fee),
            "fee_open_currency": execution.fee_asset,
            "fee_close": FEE_RATE,
            "open_rate": price,
            "open_trade_value": amount * price,
            "stake_amount": amount * price,
            "amount": amount,
            "amount_requested": amount,
            "open_date": written(execution.at),
            "strategy": "SampleStrategy",
            "timeframe": 5,
            "trading_mode": "SPOT",
            "contract_size": 1.0,
            "leverage": 1.0,
            "record_version": 2,
        }
        with self._writing() as database:
            number = _insert(database, "trades", trade)
            _insert(database, "orders", _order(execution, number))

    def leave(self, execution: Execution) -> None:
        """A sale closes the oldest open trade."""
        with self._writing() as database:
            ((number,),) = database.execute("SELECT min(id) FROM trades WHERE is_open").fetchall()
            _insert(database, "orders", _order(execution, number))
            database.execute(
                "UPDATE trades SET is_open = 0, close_rate = ?, close_date = ?, fee_close_cost = ?,"
                " fee_close_currency = ?, exit_reason = 'exit_signal' WHERE id = ?",
                (
                    float(execution.price),
                    written(execution.at),
                    float(execution.fee),
                    execution.fee_asset,
                    number,
                ),
            )

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path)) as database, database:
            yield database


def written(at: datetime) -> str:
    """A time as freqtrade writes it: of UTC, and without saying so."""
    return at.replace(tzinfo=None).isoformat(" ", "microseconds")


def _order(execution: Execution, trade: int) -> Mapping[str, object]:
    amount, price, at = float(execution.quantity), float(execution.price), written(execution.at)
    return {
        "ft_trade_id": trade,
        "ft_order_side": execution.side,
        "ft_pair": execution.market.symbol,
        "ft_is_open": 0,
        "ft_amount": amount,
        "ft_price": price,
        "order_id": execution.order_id,
        "status": "closed",
        "symbol": execution.market.symbol,
        "order_type": "limit",
        "side": execution.side,
        "price": price,
        "average": price,
        "amount": amount,
        "filled": amount,
        "remaining": 0.0,
        "cost": amount * price,
        "order_date": at,
        "order_filled_date": at,
        "order_update_date": at,
    }


def _insert(database: sqlite3.Connection, table: str, row: Mapping[str, object]) -> int:
    places = ", ".join("?" * len(row))
    statement = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})"  # noqa: S608  # names of our own
    number = database.execute(statement, tuple(row.values())).lastrowid
    if number is None:
        raise ValueError(f"{table}: the row has no number")
    return number
