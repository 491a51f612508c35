"""The books of the bots that are written down one by one: tables of the real programs, rows that their readers take."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from recon_exporter.demo.bitget_server import MARKETS
from recon_exporter.demo.exchange import Exchange
from recon_exporter.demo.traders import CONNECTOR, FREQTRADE, HUMMINGBOT, PERPETUAL, SPOT, SPOT_KEYS, Traders
from recon_exporter.domain.positions import FillStatement, PositionStatement
from recon_exporter.ledgers.freqtrade import FreqtradeLedger
from recon_exporter.ledgers.hummingbot import HummingbotLedger, HummingbotSource
from support.parts import FixedClock

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)
SCHEMAS = Path(__file__).parent.parent / "support" / "schemas"


@pytest.fixture
def traders(tmp_path: Path) -> Iterator[Traders]:
    made = Traders(tmp_path, Exchange(FixedClock(NOW), MARKETS), FixedClock(NOW))
    made.prepare()
    yield made
    made.binance.stop()


def columns(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Name, type, whether it may be NULL, and part of the key, of every column of every table."""
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    query = 'SELECT name, type, "notnull", pk FROM pragma_table_info(?)'
    return {table: connection.execute(query, (table,)).fetchall() for table in tables}


@pytest.mark.parametrize(
    ("path", "schema"), [(HUMMINGBOT, "hummingbot-20260922.sql"), (FREQTRADE, "freqtrade-2026.9-sqlite.sql")]
)
@pytest.mark.usefixtures("traders")
def test_tables_are_those_of_the_real_program(path: Path, schema: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as real:
        real.executescript((SCHEMAS / schema).read_text(encoding="utf-8"))
        expected = columns(real)
    with closing(sqlite3.connect(tmp_path / path)) as made:
        found = columns(made)

    assert found
    assert found == {table: expected[table] for table in found}


@pytest.mark.usefixtures("traders")
def test_hummingbot_reads_as_many_fills_as_were_traded_and_what_they_make(tmp_path: Path) -> None:
    ledger = HummingbotLedger("perp-mm", HummingbotSource(str(tmp_path / HUMMINGBOT), CONNECTOR))
    fills, positions = ledger.fills(NOW - timedelta(days=3), NOW), ledger.positions(NOW)

    assert isinstance(fills, FillStatement)
    assert isinstance(positions, PositionStatement)
    assert (len(fills.fills), fills.has_venue_ids) == (14, True)
    assert all(re.fullmatch(r"HBOT-\d+", fill.client_order_id or "") for fill in fills.fills)
    assert [(one.symbol, str(one.quantity)) for one in positions.positions] == [(PERPETUAL, "0.016000")]


def test_freqtrade_reads_what_its_exchange_holds(traders: Traders, tmp_path: Path) -> None:
    ledger = FreqtradeLedger("spot-ft", (f"sqlite:///{tmp_path / FREQTRADE}",), "binance")
    fills, positions = ledger.fills(NOW - timedelta(days=3), NOW), ledger.positions(NOW)
    account = traders.binance.exchange.account(SPOT_KEYS.key)

    assert isinstance(fills, FillStatement)
    assert isinstance(positions, PositionStatement)
    assert account is not None
    assert [fill.order_id for fill in fills.fills] == [one.order_id for one in account.book().executions]
    (held,) = positions.positions
    (fund,) = (fund for fund in account.book().funds if fund.asset == "BTC")
    assert (held.symbol, held.quantity) == (SPOT, fund.total)
