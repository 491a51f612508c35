"""The ledger of type sql on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from recon_exporter.ledgers.sql import SqlLedger, SqlQueries
from support.stages import TABLE, Entry, Held

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pytest

    from recon_exporter.ports import PositionLedger

NOW = datetime(2026, 3, 6, 21, 15, tzinfo=UTC)
WRITTEN = "2026-03-06T21:00:00+00:00"
POSITIONS = "SELECT symbol, leg, quantity, avg_price, updated_at FROM positions"


class Run(Protocol):
    """Executes a statement, once for each of the rows of values."""

    def __call__(self, statement: str, values: Sequence[Sequence[object]], /) -> None: ...


@dataclass
class SqlStage:
    """A table of positions; ``holder`` is the placeholder of values in what ``run`` executes."""

    adapter: PositionLedger
    run: Run
    holder: str
    place: str
    bot: str = "swing-us"
    now: datetime = NOW
    symbols: Sequence[str] = ("AAPL", "BRK.B", "BTC/USD", "AAPL  260320C00150000", "ÆØÅ")
    digits: int = 18
    held: Sequence[Held] = field(default_factory=list)

    def hold(self, rows: Sequence[Held]) -> None:
        self.held = rows
        self.run("DELETE FROM positions", [()])
        places = ", ".join([self.holder] * 5)
        values = [(row.symbol, row.leg, row.quantity, row.entry, WRITTEN) for row in rows]
        self.run(f"INSERT INTO positions VALUES ({places})", values)  # noqa: S608 - placeholders

    def vanish(self) -> None:
        self.run("DROP TABLE positions", [()])

    def damage(self) -> Sequence[str]:
        self.hold([*self.held, Held("AAPL", "NaN")])
        return (self.place, f"row {len(self.held)}", "quantity", "NaN")


@contextmanager
def on_sqlite(request: pytest.FixtureRequest) -> Iterator[SqlStage]:
    path = request.getfixturevalue("tmp_path") / "trading.db"

    def run(statement: str, values: Sequence[Sequence[object]]) -> None:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.executemany(statement, values)

    run("CREATE TABLE positions (symbol TEXT, leg TEXT, quantity TEXT, avg_price TEXT, updated_at TEXT)", [()])
    yield SqlStage(SqlLedger("swing-us", f"sqlite:///{path}", SqlQueries(POSITIONS)), run, "?", str(path))


@contextmanager
def on_postgres(request: pytest.FixtureRequest) -> Iterator[SqlStage]:
    server = request.getfixturevalue("postgres")
    name = server.database()
    with server.connect(name) as connection:

        def run(statement: str, values: Sequence[Sequence[object]]) -> None:
            with connection.cursor() as cursor:
                cursor.executemany(statement, values)

        columns = "symbol text, leg text, quantity numeric, avg_price numeric, updated_at timestamptz"
        run(f"CREATE TABLE positions ({columns})", [()])
        yield SqlStage(SqlLedger("swing-us", server.url(name), SqlQueries(POSITIONS)), run, "%s", f"/{name}")


LEDGERS = (
    Entry("sql ledger, SQLite", on_sqlite, TABLE),
    Entry("sql ledger, PostgreSQL", on_postgres, TABLE, ("postgres", "initdb")),
)
