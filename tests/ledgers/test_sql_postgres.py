"""The sql ledger on a real PostgreSQL: it only looks, within limits of time, and takes each type as it is."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import PositionStatement
from recon_exporter.domain.statement import Position, Unavailable
from recon_exporter.ledgers.sql import SqlLedger, SqlQueries
from recon_exporter.reading import databases
from recon_exporter.reading.time_rules import TimeRules

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from support.postgres import PostgresServer

pytestmark = pytest.mark.needs_program("postgres", "initdb")

NOW = datetime(2026, 3, 6, 21, 15, tzinfo=UTC)
ALL = "SELECT * FROM positions"


class Books:
    """A bot's database on the server."""

    def __init__(self, server: PostgresServer, connection: psycopg.Connection[Any]) -> None:
        self._server = server
        self._connection = connection
        self.database = connection.info.dbname
        self.url = server.url(self.database)

    def run(self, *statements: str) -> None:
        for statement in statements:
            self._connection.execute(statement.encode())

    def count(self) -> int:
        found = self._connection.execute(b"SELECT count(*) FROM positions").fetchone()
        assert found is not None
        return int(found[0])

    def answer(self, query: str = ALL, url: str = "", **times: Any) -> PositionStatement | Unavailable:  # noqa: ANN401
        return SqlLedger("swing-us", url or self.url, SqlQueries(query), times=TimeRules(**times)).positions(NOW)

    def positions(self, query: str = ALL, **times: Any) -> tuple[Position, ...]:  # noqa: ANN401
        answer = self.answer(query, **times)
        assert isinstance(answer, PositionStatement), answer
        return answer.positions

    def refusal(self, query: str = ALL, url: str = "") -> Unavailable:
        answer = self.answer(query, url)
        assert isinstance(answer, Unavailable), answer
        return answer


@pytest.fixture
def books(postgres: PostgresServer) -> Iterator[Books]:
    with postgres.connect(postgres.database()) as connection:
        yield Books(postgres, connection)


@pytest.mark.parametrize(
    ("type_", "stored", "expected"),
    [
        ("text", "'0.123456789012345678'", "0.123456789012345678"),
        ("numeric(38,18)", "'1234567890123.500000000000000000'", "1234567890123.5"),
        ("numeric", "'1e-18'", "0.000000000000000001"),
        ("bigint", "9007199254740993", "9007199254740993"),
        ("double precision", "0.1", "0.1"),
        ("real", "0.1", "0.1"),
    ],
)
def test_number_of_any_column_type_is_what_its_text_says(books: Books, type_: str, stored: str, expected: str) -> None:
    books.run(f"CREATE TABLE positions (symbol char(8), quantity {type_})")
    books.run(f"INSERT INTO positions VALUES ('AAPL', {stored})")  # noqa: S608 - the values above

    (position,) = books.positions()

    assert (position.symbol, position.quantity) == ("AAPL", Decimal(expected))


@pytest.mark.parametrize("stored", ["'NaN'::numeric", "'infinity'::float8", "NULL", "'1e400'::numeric"])
def test_quantity_that_is_no_amount_refuses_the_book(books: Books, stored: str) -> None:
    refusal = books.refusal(f"SELECT 'AAPL' AS symbol, {stored} AS quantity")

    assert refusal.reason is Reason.SOURCE_MALFORMED
    assert "row 1, column quantity" in refusal.detail


def test_timestamp_with_zone_is_a_moment_in_any_session_zone(books: Books) -> None:
    books.run(
        f"ALTER DATABASE {books.database} SET timezone = 'Asia/Tokyo'",
        "CREATE TABLE positions (symbol text, quantity numeric, updated_at timestamptz)",
        "INSERT INTO positions VALUES ('AAPL', 1, '2026-03-06T16:00:00-05:00')",
    )

    at = books.positions()[0].written_at

    assert at == datetime(2026, 3, 6, 21, tzinfo=UTC)
    assert at is not None
    assert at.tzinfo is UTC


def test_timestamp_without_zone_is_refused_unless_its_zone_is_told(books: Books) -> None:
    books.run(
        "CREATE TABLE positions (symbol text, quantity numeric, updated_at timestamp)",
        "INSERT INTO positions VALUES ('AAPL', 1, '2026-03-06T16:00:00')",
    )

    assert "timezone" in books.refusal().detail
    (position,) = books.positions(zone=ZoneInfo("America/New_York"))
    assert position.written_at == datetime(2026, 3, 6, 21, tzinfo=UTC)


@pytest.mark.parametrize("stored", ["'infinity'::timestamptz", "'2026-03-06'::date", "'21:00'::time"])
def test_time_that_is_no_moment_refuses_the_book(books: Books, stored: str) -> None:
    books.run("CREATE TABLE positions (symbol text, quantity numeric)", "INSERT INTO positions VALUES ('AAPL', 1)")

    refusal = books.refusal(f"SELECT symbol, quantity, {stored} AS updated_at FROM positions")  # noqa: S608

    assert refusal.reason is Reason.SOURCE_MALFORMED


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("SELECT symbol, quantity FROM nowhere", "nowhere"),
        ("SELECT symbol, quantity FROM elsewhere.positions", "elsewhere"),
        ("SELECT symbol, amount FROM positions", "amount"),
        ("SELECT symbol FROM positions", "quantity"),
    ],
)
def test_missing_table_or_column_is_named(books: Books, query: str, named: str) -> None:
    books.run("CREATE TABLE positions (symbol text, quantity numeric)")

    refusal = books.refusal(query)

    assert refusal.reason is Reason.INPUT_MISSING
    assert named in refusal.detail
    assert f"/{books.database}" in refusal.detail


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM positions RETURNING symbol, quantity",
        "COMMIT; DELETE FROM positions RETURNING symbol, quantity",
        "COMMIT",
        "WITH gone AS (DELETE FROM positions RETURNING *) SELECT symbol, quantity FROM gone",
        "SELECT symbol, quantity FROM emptied()",
    ],
)
def test_query_can_write_nothing(books: Books, query: str) -> None:
    body = "DELETE FROM positions RETURNING symbol, quantity"
    books.run(
        "CREATE TABLE positions (symbol text, quantity numeric)",
        "INSERT INTO positions VALUES ('AAPL', 1)",
        f"CREATE FUNCTION emptied() RETURNS SETOF positions LANGUAGE sql AS '{body}'",
    )

    books.refusal(query)

    assert books.count() == 1


@pytest.mark.parametrize(
    "query",
    [
        "SELECT symbol, quantity FROM positions WHERE symbol LIKE 'A%' AND quantity::text <> ':x'",
        "SELECT symbol, quantity FROM positions ORDER BY symbol; ",
        "WITH held AS (SELECT * FROM positions) SELECT symbol, quantity FROM held -- all of them",
        "TABLE positions",
    ],
)
def test_every_select_is_taken_as_it_is_written(books: Books, query: str) -> None:
    books.run("CREATE TABLE positions (symbol text, quantity numeric)", "INSERT INTO positions VALUES ('AAPL', 1)")

    assert books.positions(query) == (Position("AAPL", Decimal(1), None),)


def test_book_is_of_one_moment_while_the_bot_writes(books: Books) -> None:
    books.run("CREATE TABLE positions (symbol text, quantity numeric)", "INSERT INTO positions VALUES ('AAPL', 1)")
    books.run("BEGIN", "UPDATE positions SET quantity = 2", "INSERT INTO positions VALUES ('MSFT', 1)")

    assert books.positions() == (Position("AAPL", Decimal(1), None),)
    books.run("COMMIT")
    assert len(books.positions()) == 2


def test_query_that_takes_too_long_is_given_up(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "STATEMENT_SECONDS", 1)
    books.run("CREATE TABLE positions (symbol text, quantity numeric)")

    assert books.refusal("SELECT 'A' AS symbol, 1 AS quantity FROM pg_sleep(30)").reason is Reason.DEADLINE_EXCEEDED


def test_table_that_is_locked_is_not_waited_for_without_end(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "STATEMENT_SECONDS", 1)
    books.run("CREATE TABLE positions (symbol text, quantity numeric)")
    books.run("BEGIN", "LOCK TABLE positions IN ACCESS EXCLUSIVE MODE")

    assert books.refusal().reason is Reason.DEADLINE_EXCEEDED
    books.run("ROLLBACK")


def test_no_transaction_is_left_open_on_the_server(books: Books) -> None:
    books.run("CREATE TABLE positions (symbol text, quantity numeric)")
    books.positions()
    books.refusal("SELECT symbol FROM positions")
    books.refusal("SELECT nothing FROM positions")

    waiting = "SELECT state AS symbol, 1 AS quantity FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"

    assert books.positions(waiting) == ()


def test_wrong_password_is_in_no_error(books: Books) -> None:
    refusal = books.refusal(url=books.url.replace("postgres:", "postgres:wr0ng-"))

    assert refusal.reason is Reason.SOURCE_UNREADABLE
    assert "authentication failed" in refusal.detail
    assert "wr0ng" not in refusal.detail
    assert "postgres:***@127.0.0.1" in refusal.detail


def test_database_that_is_not_there_is_unavailable(books: Books) -> None:
    assert books.refusal(url=books.url.replace(books.database, "nowhere")).reason is Reason.SOURCE_UNREADABLE
