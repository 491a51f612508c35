"""A running bot never meets a lock of ours, and its fills are read while it adds some."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import FillStatement, PositionStatement
from recon_exporter.ledgers.hummingbot import HummingbotLedger, HummingbotSource, files
from recon_exporter.reading import sqlite_reads
from recon_exporter.reading.refused import Refused
from recon_exporter.reading.sqlite_files import query_sqlite
from support.hummingbot import BEGAN, HummingbotDatabase, milliseconds
from support.sqlite_writer import writing

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 6, 21, 15, tzinfo=UTC)
MANY = 30_000
LONGEST_SECONDS = 0.25
ROUNDS = 5
ADDING_STATUSES = "INSERT INTO OrderStatus (order_id, timestamp, status) VALUES ('HB-1', ?, 'OrderFilled')"
ADDING_FILLS = """
INSERT INTO TradeFill SELECT config_file_path, strategy, market, symbol, base_asset, quote_asset, timestamp, 'HB-x',
trade_type, order_type, price, amount, leverage, trade_fee, trade_fee_in_quote, ? || '-' || hex(randomblob(8)), position
FROM TradeFill WHERE rowid = 1
"""
COPIES = """
WITH RECURSIVE numbers(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
INSERT INTO TradeFill
SELECT config_file_path, strategy, market, symbol, base_asset, quote_asset, timestamp + n, order_id,
trade_type, order_type, price, amount, leverage, trade_fee, trade_fee_in_quote, 'x' || n, position
FROM numbers, TradeFill WHERE TradeFill.rowid = 1
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of many fills of a thousandth each, with the journal that Hummingbot uses."""
    database = HummingbotDatabase(tmp_path_factory.mktemp("large") / "mm.sqlite")
    database.fill("BUY", "0.001", at=BEGAN)
    database.run(COPIES, MANY)
    with closing(sqlite3.connect(database.path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    return database.path


@pytest.mark.parametrize("statement", [ADDING_STATUSES, ADDING_FILLS], ids=["other rows", "fills"])
def test_bot_never_fails_nor_waits_long_while_many_fills_are_read(
    large: Path, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    monkeypatch.setattr(sqlite_reads, "COPIED_BYTES", 0)
    ledger = HummingbotLedger("swing", HummingbotSource(str(large), "binance"))

    longest: list[float] = []
    # What others do on the machine only adds to the longest wait: one quiet round shows what we are the cause of.
    while len(longest) < ROUNDS and min(longest, default=1) > LONGEST_SECONDS:
        with writing(large, statement) as commits:
            answer = ledger.positions(NOW)
            mark = ledger.mark()
        longest.append(commits.longest)
        assert commits.error is None
        assert commits.count > 1
        assert isinstance(answer, PositionStatement), answer
        assert answer.positions[0].quantity >= MANY // 1000
        assert isinstance(mark, str)
    assert min(longest) < LONGEST_SECONDS


def test_fills_since_a_moment_are_read_beside_the_bot(large: Path) -> None:
    ledger = HummingbotLedger("swing", HummingbotSource(str(large), "binance"))
    since = BEGAN + timedelta(milliseconds=MANY - 9)

    with writing(large, ADDING_STATUSES) as commits:
        answer = ledger.fills(since, NOW)

    assert commits.error is None
    assert isinstance(answer, FillStatement), answer
    assert len(answer.fills) == 10


def test_rows_out_of_the_order_of_time_are_found(large: Path) -> None:
    database = HummingbotDatabase(large)
    ledger = HummingbotLedger("swing", HummingbotSource(str(large), "binance"))
    since = BEGAN + timedelta(hours=2)
    for trade_id, at in (("early", since + timedelta(minutes=1)), ("recovered", BEGAN), ("late", since)):
        database.fill("BUY", "1", at=at, trade_id=trade_id, with_order=False)

    answer = ledger.fills(since, NOW)

    assert isinstance(answer, FillStatement), answer
    assert [fill.fill_id for fill in answer.fills] == ["late", "early"]


def test_slow_disk_makes_the_ranges_shorter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = HummingbotDatabase(tmp_path / "mm.sqlite")
    database.fills([("BUY", "0.001", "100", "BTC-USDT")] * 400)
    ledger = HummingbotLedger("swing", HummingbotSource(str(database.path), "binance"))
    whole = ledger.positions(NOW)
    asked: list[str] = []

    def slow(path: Path, text: str) -> object:
        asked.append(text)
        if "LIMIT 2000" in text or "LIMIT 1000" in text:
            raise Refused(Reason.DEADLINE_EXCEEDED, "too slow")
        return query_sqlite(path, text)

    monkeypatch.setattr(files, "query_sqlite", slow)

    assert ledger.positions(NOW) == whole
    assert any("LIMIT 500" in text for text in asked)


def test_database_with_a_log_is_read_too(tmp_path: Path) -> None:
    database = HummingbotDatabase(tmp_path / "mm.sqlite")
    database.fill("BUY", "1")
    ledger = HummingbotLedger("swing", HummingbotSource(str(database.path), "binance"))
    database.run("PRAGMA journal_mode = wal")
    with closing(sqlite3.connect(database.path)) as bot:
        bot.execute("UPDATE TradeFill SET timestamp = ?", (milliseconds(BEGAN),))
        bot.commit()

        answer = ledger.positions(NOW)

    assert isinstance(answer, PositionStatement), answer
    assert len(answer.positions) == 1
