"""A clock that a file puts forward, for everybody who reads that file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from recon_exporter.drills.another_day import MovableClock

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 3, 6, 12, tzinfo=UTC)


class StoppedClock:
    """It is noon."""

    def now(self) -> datetime:
        return NOON

    def wait(self, span: timedelta) -> None: ...

    def monotonic(self) -> float:
        return 1.0


def test_clock_is_that_of_the_machine_until_it_is_put_forward(tmp_path: Path) -> None:
    clock = MovableClock(tmp_path / "clock", StoppedClock())

    assert (clock.now(), clock.monotonic()) == (NOON, 1.0)


def test_next_day_begins_for_everybody_who_reads_the_file(tmp_path: Path) -> None:
    ours, of_another_process = (MovableClock(tmp_path / "clock", StoppedClock()) for _ in range(2))

    ours.begin_next_day()

    assert ours.now() == of_another_process.now() == datetime(2026, 3, 7, 0, 1, tzinfo=UTC)


def test_days_can_end_one_after_the_other(tmp_path: Path) -> None:
    clock = MovableClock(tmp_path / "clock", StoppedClock())

    clock.begin_next_day()
    clock.begin_next_day()

    assert clock.now().date() == datetime(2026, 3, 8, tzinfo=UTC).date()
    assert [path.name for path in tmp_path.iterdir()] == ["clock"]
