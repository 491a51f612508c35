"""Ledger and venue of type file, in each format."""

from __future__ import annotations

import csv
import io
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Generic

from recon_exporter.ledgers.file import FileLedger
from recon_exporter.reading.statement_files import StatementFiles
from recon_exporter.venues.file import FileVenue
from support.parquet import write_parquet
from support.stages import TABLE, Adapter, Entry, Held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import pytest

    from recon_exporter.ports import PositionLedger, PositionVenue

NOW = datetime(2026, 3, 6, 21, 15, tzinfo=UTC)
WRITTEN = "2026-03-06T21:00:00+00:00"
COLUMNS = ("symbol", "leg", "quantity", "avg_price", "updated_at", "as_of")


def cells(held: Held) -> tuple[str, ...]:
    return (held.symbol, held.leg, held.quantity, held.entry or "", WRITTEN, WRITTEN)


def as_csv(path: Path, rows: Sequence[Sequence[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
    path.write_text(text.getvalue(), encoding="utf-8")


def as_json(path: Path, rows: Sequence[Sequence[str]]) -> None:
    records = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    path.write_text(json.dumps({"as_of": WRITTEN, "positions": records}), encoding="utf-8")


def as_parquet(path: Path, rows: Sequence[Sequence[str]]) -> None:
    write_parquet(path, dict.fromkeys(COLUMNS, "VARCHAR"), rows)


@dataclass
class FileStage(Generic[Adapter]):
    path: Path
    adapter: Adapter
    write: Callable[[Path, Sequence[Sequence[str]]], None]
    bot: str = "swing-us"
    now: datetime = NOW
    symbols: Sequence[str] = ("AAPL", "BRK.B", "BTC/USD", "AAPL  260320C00150000", "ÆØÅ")
    digits: int = 18
    held: Sequence[Sequence[str]] = field(default_factory=list)

    def hold(self, rows: Sequence[Held]) -> None:
        self.held = [cells(row) for row in rows]
        self.write(self.path, self.held)

    def vanish(self) -> None:
        self.path.unlink()

    def damage(self) -> Sequence[str]:
        self.write(self.path, [*self.held, ("AAPL", "net", "1o", "", WRITTEN, WRITTEN)])
        number = len(self.held)
        places = {".csv": f"line {number + 2}", ".json": f"positions[{number}]", ".parquet": f"row {number + 1}"}
        return (str(self.path), places[self.path.suffix], "quantity", "'1o'")


FORMATS = {"csv": as_csv, "json": as_json, "parquet": as_parquet}


def _ledger(ending: str) -> Entry[PositionLedger]:
    @contextmanager
    def opened(request: pytest.FixtureRequest) -> Iterator[FileStage[PositionLedger]]:
        path = request.getfixturevalue("tmp_path") / f"positions.{ending}"
        yield FileStage(path, FileLedger("swing-us", StatementFiles(path)), FORMATS[ending])

    return Entry(f"file ledger, {ending}", opened, TABLE)


def _venue(ending: str) -> Entry[PositionVenue]:
    @contextmanager
    def opened(request: pytest.FixtureRequest) -> Iterator[FileStage[PositionVenue]]:
        path = request.getfixturevalue("tmp_path") / f"positions.{ending}"
        yield FileStage(path, FileVenue("swing-us", StatementFiles(path)), FORMATS[ending])

    return Entry(f"file venue, {ending}", opened, TABLE)


LEDGERS = tuple(_ledger(ending) for ending in FORMATS)
VENUES = tuple(_venue(ending) for ending in FORMATS)
