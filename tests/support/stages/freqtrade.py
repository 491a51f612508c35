"""The ledger of a bot under freqtrade, on SQLite with tables of both ages and on PostgreSQL."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from recon_exporter.ledgers.freqtrade import FreqtradeLedger
from support.freqtrade import NEW, OLD, FreqtradeDatabase, on_postgres, on_sqlite
from support.stages import LOTS, ZEROS, Entry, Held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pytest

    from recon_exporter.ports import PositionLedger

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@dataclass
class FreqtradeStage:
    """Amounts are floats there: of those a decimal number of fifteen digits comes back as it was."""

    database: FreqtradeDatabase
    adapter: PositionLedger
    place: str
    bot: str = "swing-us"
    now: datetime = NOW
    symbols: Sequence[str] = ("BTC/USDT", "ETH/USDT", "1INCH/USDT")
    digits: int = 5

    def hold(self, rows: Sequence[Held]) -> None:
        self.database.empty()
        for row in rows:
            amount = float(row.quantity)
            # A version without short trades cannot hold one but by its sign.
            self.database.trade(amount, float(row.entry or 1), pair=row.symbol)

    def vanish(self) -> None:
        self.database.run("DROP TABLE orders", ())

    def damage(self) -> Sequence[str]:
        self.database.run("UPDATE trades SET amount = 'Infinity' WHERE pair = 'BTC/USDT'", ())
        return (self.place, "trades", "column amount", "a finite number")


def _entry(
    name: str, make: Callable[[pytest.FixtureRequest], tuple[FreqtradeDatabase, str]], *programs: str
) -> Entry[PositionLedger]:
    @contextmanager
    def opened(request: pytest.FixtureRequest) -> Iterator[FreqtradeStage]:
        database, place = make(request)
        yield FreqtradeStage(database, FreqtradeLedger("swing-us", (database.url,), "binance"), place)

    return Entry(f"freqtrade ledger, {name}", opened, frozenset({LOTS, ZEROS}), programs)


def _file(request: pytest.FixtureRequest, version: str) -> tuple[FreqtradeDatabase, str]:
    path = request.getfixturevalue("tmp_path") / "tradesv3.sqlite"
    return on_sqlite(path, version), str(path)


LEDGERS = (
    _entry("SQLite", lambda request: _file(request, NEW)),
    _entry("SQLite with the tables of 2021", lambda request: _file(request, OLD)),
    _entry(
        "PostgreSQL", lambda request: (on_postgres(request.getfixturevalue("postgres")), "/test_"), "postgres", "initdb"
    ),
)
