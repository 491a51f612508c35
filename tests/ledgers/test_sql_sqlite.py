"""Somebody else's SQLite: its writer notices nothing of us, and nothing of it is taken for what it is not."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import PositionStatement
from recon_exporter.domain.statement import Unavailable
from recon_exporter.ledgers.sql import SqlLedger, SqlQueries
from recon_exporter.reading import sqlite_files, sqlite_reads
from support.sqlite_writer import writing

if TYPE_CHECKING:
    from recon_exporter.reading.results import Result

NOW = datetime(2026, 3, 6, 21, 15, tzinfo=UTC)
POSITIONS = "SELECT symbol, quantity FROM positions"
MANY = 300_000
LONGEST_SECONDS = 0.25
ROUNDS = 5


def make(path: Path, rows: int = 3, journal: str = "delete") -> Path:
    """A database with this many positions of one share each."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute("CREATE TABLE positions (id INTEGER PRIMARY KEY, symbol TEXT, quantity INTEGER, note TEXT)")
        values = ((f"SYM{number:06}", 1, "x" * 20) for number in range(rows))
        connection.executemany("INSERT INTO positions (symbol, quantity, note) VALUES (?, ?, ?)", values)
    return path


def ledger(path: Path, query: str = POSITIONS) -> SqlLedger:
    return SqlLedger("bot", f"sqlite:///{path}", SqlQueries(query))


def count(answer: PositionStatement | Unavailable) -> int:
    assert isinstance(answer, PositionStatement), answer
    return len(answer.positions)


def refused(answer: PositionStatement | Unavailable) -> Unavailable:
    assert isinstance(answer, Unavailable), answer
    return answer


@pytest.mark.parametrize("copied", [sqlite_reads.COPIED_BYTES, 0], ids=["from a copy", "in ranges of keys"])
def test_writer_without_log_never_fails_nor_waits_long_while_a_large_table_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, copied: int
) -> None:
    path = make(tmp_path / "trading.db", MANY)
    monkeypatch.setattr(sqlite_reads, "COPIED_BYTES", copied)

    longest: list[float] = []
    # What others do on the machine only adds to the longest wait: one quiet round shows what we are the cause of.
    while len(longest) < ROUNDS and min(longest, default=1) > LONGEST_SECONDS:
        with writing(path) as commits:
            answer = ledger(path, "SELECT * FROM positions").positions(NOW)
        longest.append(commits.longest)
        assert commits.error is None
        assert commits.count > 1
        if copied:
            assert count(answer) == MANY
        else:  # the rows of several versions are no book
            assert refused(answer).reason is Reason.MOVED_WHILE_READ
    assert min(longest) < LONGEST_SECONDS


def test_copy_taken_beside_a_writer_is_of_one_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make(tmp_path / "trading.db", 2000)
    monkeypatch.setattr(sqlite_reads, "LOCK_SECONDS", -1)

    # The writer adds one to rows 1 to 1000 in turn, so in every moment they differ by one at most, falling once.
    with writing(path):
        for _ in range(20):
            _, rows = sqlite_files.query_sqlite(path, "SELECT quantity FROM positions WHERE id <= 1000 ORDER BY id")
            quantities = [int(str(row[0])) for row in rows]
            assert quantities == sorted(quantities, reverse=True)
            assert quantities[0] - quantities[-1] <= 1


def test_large_table_at_rest_is_read_whole_in_ranges_of_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make(tmp_path / "trading.db", MANY)
    whole = ledger(path).positions(NOW)
    monkeypatch.setattr(sqlite_reads, "COPIED_BYTES", 0)
    monkeypatch.setattr(sqlite_reads, "LOCK_SECONDS", 0.02)

    assert ledger(path).positions(NOW) == whole


@given(keys=st.sets(st.integers(-(2**62), 2**62), max_size=60), rows=st.integers(1, 7))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_ranges_of_keys_hold_each_row_once_wherever_the_keys_are(
    monkeypatch: pytest.MonkeyPatch, keys: set[int], rows: int
) -> None:
    monkeypatch.setattr(sqlite_reads, "RANGE_ROWS", rows)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute('CREATE TABLE "the positions" (id INTEGER PRIMARY KEY, symbol TEXT)')
        connection.executemany('INSERT INTO "the positions" VALUES (?, ?)', [(key, str(key)) for key in keys])

        found = sqlite_reads._in_ranges(connection, 'SELECT symbol FROM "the positions" held WHERE id != 7 ;')

    assert sorted(str(row[0]) for row in found.rows) == sorted(str(key) for key in keys - {7})
    assert found.columns == ("symbol",)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT symbol, sum(quantity) AS quantity FROM positions GROUP BY symbol",
        "SELECT sum(quantity) AS quantity, symbol FROM positions",
        "SELECT DISTINCT symbol, quantity FROM positions",
        "SELECT symbol, quantity FROM positions ORDER BY id LIMIT 400",
        "SELECT symbol, quantity FROM positions UNION ALL SELECT symbol, quantity FROM positions",
        "SELECT a.symbol, b.quantity FROM positions a JOIN positions b ON a.id = b.id",
        "SELECT a.symbol, b.quantity FROM positions a, positions b WHERE a.id = b.id",
        "SELECT symbol, (SELECT max(quantity) FROM positions) AS quantity FROM positions",
        "WITH held AS (SELECT * FROM positions) SELECT symbol, quantity FROM held",
    ],
)
def test_query_that_is_more_than_its_rows_is_never_read_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    path = make(tmp_path / "trading.db", 500)
    monkeypatch.setattr(sqlite_reads, "COPIED_BYTES", 0)
    monkeypatch.setattr(sqlite_reads, "LOCK_SECONDS", -1)

    answer = refused(ledger(path, query).positions(NOW))

    assert answer.reason is Reason.DEADLINE_EXCEEDED
    assert "SELECT of one table" in answer.detail


def test_writer_with_a_log_of_its_own_is_read_while_it_writes(tmp_path: Path) -> None:
    path = make(tmp_path / "trading.db", 1000, "wal")

    with writing(path) as commits:
        assert count(ledger(path).positions(NOW)) == 1000

    assert commits.error is None


def test_database_of_a_stopped_writer_is_left_as_it_was(tmp_path: Path) -> None:
    path = make(tmp_path / "trading.db", journal="wal")
    before = sorted(tmp_path.iterdir())
    assert before == [path]

    assert count(ledger(path).positions(NOW)) == 3

    assert sorted(tmp_path.iterdir()) == before


def test_rows_that_are_only_in_the_log_are_seen(tmp_path: Path) -> None:
    path = make(tmp_path / "trading.db", journal="wal")
    with closing(sqlite3.connect(path)) as bot, bot:
        bot.execute("PRAGMA wal_autocheckpoint = 0")
        bot.execute("INSERT INTO positions (symbol, quantity) VALUES ('LATE', 1)")
        bot.commit()

        assert count(ledger(path).positions(NOW)) == 4


def test_writer_that_comes_while_its_database_is_read_as_immutable_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make(tmp_path / "trading.db", journal="wal")
    bots: list[sqlite3.Connection] = []

    def fetch_while_the_bot_starts(connection: sqlite3.Connection, query: str, seconds: float) -> Result:
        result = sqlite_reads.fetch(connection, query, seconds)
        if not bots:
            bots.append(sqlite3.connect(path))
            bots[0].execute("INSERT INTO positions (symbol, quantity) VALUES ('LATE', 1)")
            bots[0].commit()
        return result

    monkeypatch.setattr(sqlite_files, "fetch", fetch_while_the_bot_starts)
    try:
        assert count(ledger(path).positions(NOW)) == 4
    finally:
        bots[0].close()


READ_WITHOUT_RIGHTS = """
import os, sys
from datetime import datetime, UTC
from recon_exporter.ledgers.sql import SqlLedger, SqlQueries
ledger = SqlLedger("bot", "sqlite:///" + sys.argv[1], SqlQueries("SELECT symbol, quantity FROM positions"))
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
print(ledger.positions(datetime(2026, 3, 6, tzinfo=UTC)))
"""


@pytest.mark.parametrize("rows_in_log", [1, 0], ids=["while its writer runs", "after its writer stopped"])
def test_database_that_may_only_be_looked_at_is_read(rows_in_log: int) -> None:
    with tempfile.TemporaryDirectory() as name:  # the folders of a test run are closed to others
        folder = Path(name)
        path = make(folder / "trading.db", journal="wal")
        with closing(sqlite3.connect(path)) as bot:
            for _ in range(rows_in_log):
                bot.execute("INSERT INTO positions (symbol, quantity) VALUES ('LATE', 1)")
            bot.commit()
            if not rows_in_log:
                bot.close()
            told = _told_without_rights(path)

    assert told.count("Position(") == 3 + rows_in_log, told


def _told_without_rights(path: Path) -> str:
    """What a reader is told who may write neither the files nor their folder."""
    for file in path.parent.iterdir():
        file.chmod(0o444)
    path.parent.chmod(0o555)
    command = [sys.executable, "-c", READ_WITHOUT_RIGHTS, str(path)]
    environment = {**os.environ, "PYTHONPATH": str(Path(sqlite_files.__file__).parents[2])}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    finally:
        path.parent.chmod(0o700)
    return done.stdout + done.stderr


def test_database_left_in_the_middle_of_a_write_is_not_read(tmp_path: Path) -> None:
    path, torn = make(tmp_path / "trading.db"), tmp_path / "torn.db"
    # A power failure: the journal is there, and holds what has to be taken back first, by a writer.
    with closing(sqlite3.connect(path, isolation_level=None)) as bot:
        bot.execute("PRAGMA cache_size = 1")
        bot.execute("BEGIN")
        bot.execute("UPDATE positions SET quantity = 99, note = zeroblob(9000)")
        bot.execute("CREATE TABLE other AS SELECT zeroblob(99000) AS filler")
        torn.write_bytes(path.read_bytes())
        torn.with_name("torn.db-journal").write_bytes(path.with_name("trading.db-journal").read_bytes())
        bot.execute("ROLLBACK")

    answer = refused(ledger(torn).positions(NOW))

    assert count(ledger(path).positions(NOW)) == 3
    assert answer.reason is Reason.SOURCE_UNREADABLE
    assert "died in the middle of a write" in answer.detail


def test_database_that_stays_locked_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make(tmp_path / "trading.db")
    monkeypatch.setattr(sqlite_files, "BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as bot:
        bot.execute("BEGIN EXCLUSIVE")

        answer = refused(ledger(path).positions(NOW))

    assert answer.reason is Reason.SOURCE_UNREADABLE
    assert "locked" in answer.detail


def test_missing_database_is_not_made(tmp_path: Path) -> None:
    answer = refused(ledger(tmp_path / "trading.db").positions(NOW))

    assert answer.reason is Reason.SOURCE_MISSING
    assert list(tmp_path.iterdir()) == []


def test_empty_file_proves_no_empty_book(tmp_path: Path) -> None:
    (tmp_path / "trading.db").touch()

    answer = refused(ledger(tmp_path / "trading.db").positions(NOW))

    assert answer.reason is Reason.INPUT_MISSING
    assert "no such table: positions" in answer.detail


@pytest.mark.parametrize("content", [b"SQLite", b"symbol,quantity\n" * 50, b"SQLite format 3\0" + b"\xff" * 5000])
def test_file_of_another_kind_is_malformed(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "trading.db").write_bytes(content)

    assert refused(ledger(tmp_path / "trading.db").positions(NOW)).reason is Reason.SOURCE_MALFORMED


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_truncated_database_is_unavailable(tmp_path: Path, kept: float) -> None:
    path = make(tmp_path / "trading.db", 5000)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])

    assert refused(ledger(path).positions(NOW)).reason is Reason.SOURCE_MALFORMED


def test_pipe_in_place_of_the_database_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "trading.db")

    assert refused(ledger(tmp_path / "trading.db").positions(NOW)).reason is Reason.SOURCE_UNREADABLE


def test_folder_in_place_of_the_database_is_unavailable(tmp_path: Path) -> None:
    assert refused(ledger(tmp_path).positions(NOW)).reason is Reason.SOURCE_UNREADABLE


def test_text_that_is_no_utf8_is_named(tmp_path: Path) -> None:
    path = make(tmp_path / "trading.db")
    with closing(sqlite3.connect(path)) as bot, bot:
        bot.execute("UPDATE positions SET symbol = CAST(x'ff' AS TEXT)")

    answer = refused(ledger(path).positions(NOW))

    assert answer.reason is Reason.SOURCE_MALFORMED
    assert "symbol" in answer.detail


def test_query_can_write_nothing(tmp_path: Path) -> None:
    path = make(tmp_path / "trading.db")

    assert isinstance(ledger(path, "DELETE FROM positions").positions(NOW), Unavailable)
    assert count(ledger(path).positions(NOW)) == 3


def test_path_with_signs_of_an_address_is_a_path(tmp_path: Path) -> None:
    folder = tmp_path / "a?mode=rw&b#c %41"
    folder.mkdir()
    path = make(folder / "trading.db")

    assert sqlite_files.query_sqlite(path, POSITIONS).rows[0] == ("SYM000000", 1)


def test_link_to_the_database_sees_the_log_beside_the_database(tmp_path: Path) -> None:
    path = make(tmp_path / "trading.db", journal="wal")
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "linked.db"
    link.symlink_to(path)
    with closing(sqlite3.connect(path)) as bot:
        bot.execute("INSERT INTO positions (symbol, quantity) VALUES ('LATE', 1)")
        bot.commit()

        assert count(ledger(link).positions(NOW)) == 4
