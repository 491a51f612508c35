"""The file venue: a broker's statement of the day, and no other day's."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import PositionStatement
from recon_exporter.domain.statement import Position, Unavailable
from recon_exporter.reading.statement_files import StatementFiles
from recon_exporter.venues.file import FileVenue

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 6, 21, 15, tzinfo=UTC)
DAY = timedelta(hours=24)
SECOND = timedelta(seconds=1)


def answer(path: Path, now: datetime = NOW) -> PositionStatement | Unavailable:
    return FileVenue("swing-us", StatementFiles(path), {"quantity": "qty", "avg_price": "cost"}).positions(now)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "statement.csv"


def test_statement_of_a_broker_is_read_with_its_own_names(path: Path) -> None:
    path.write_text("symbol,qty,cost,as_of\nAAPL,-10,150.25,2026-03-06T16:00:00-05:00\n")

    found = answer(path)

    assert isinstance(found, PositionStatement)
    assert (found.bot, found.source) == ("swing-us", "file")
    assert found.as_of == datetime(2026, 3, 6, 21, tzinfo=UTC)
    assert found.positions == (Position("AAPL", Decimal(-10), None, average_price=Decimal("150.25")),)


@pytest.mark.parametrize(("age", "is_stale"), [(DAY, False), (DAY + SECOND, True)])
def test_yesterdays_statement_does_not_speak_for_today(path: Path, age: timedelta, *, is_stale: bool) -> None:
    path.write_text(f"symbol,qty,cost,as_of\nAAPL,1,1,{(NOW - age).isoformat()}\n")

    found = answer(path)

    assert isinstance(found, Unavailable) is is_stale
    if isinstance(found, Unavailable):
        assert found.reason is Reason.SOURCE_STALE


@pytest.mark.parametrize(("age", "is_stale"), [(DAY, False), (DAY + SECOND, True)])
def test_statement_that_tells_no_time_is_at_least_as_old_as_its_file(
    path: Path, age: timedelta, *, is_stale: bool
) -> None:
    path.write_text("symbol,qty,cost\n")
    changed = (NOW - age).timestamp()
    os.utime(path, (changed, changed))

    found = answer(path)

    if is_stale:
        assert isinstance(found, Unavailable)
        assert found.reason is Reason.SOURCE_STALE
    else:
        assert isinstance(found, PositionStatement)
        assert found.positions == ()
        assert found.as_of == NOW - age


def test_file_changed_after_the_moment_of_the_reading_is_of_that_moment(path: Path) -> None:
    path.write_text("symbol,qty,cost\n")
    changed = (NOW + DAY).timestamp()
    os.utime(path, (changed, changed))

    found = answer(path)

    assert isinstance(found, PositionStatement)
    assert found.as_of == NOW


def test_statements_tell_neither_orders_nor_activities(path: Path) -> None:
    venue = FileVenue("swing-us", StatementFiles(path))

    for found in (venue.orders(NOW), venue.activities(NOW), venue.fills(NOW, NOW)):
        assert isinstance(found, Unavailable)
        assert found.reason is Reason.INPUT_MISSING
