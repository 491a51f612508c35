"""A reading costs what is new: counted in bytes, so that no clock is needed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from recon_exporter.reading.append_only import GUARDED
from support.hbot import MINUTE, NOON, SECOND, HbotFleet, fill_event, fill_row, minute_row, minute_rows

if TYPE_CHECKING:
    from pathlib import Path

BOTS = tuple(f"bot{number}" for number in range(5))
HISTORY = 3000
CHANGED_FILES = 3
"""minute.csv and fills.csv of one bot, and the event store."""

PER_FILE = 6 * GUARDED
"""What opening a file and making sure that it is still the same may cost, however long it is."""


@dataclass
class Meter:
    """How many bytes have been read from files."""

    total: int = 0

    def since(self) -> int:
        """The bytes read since the last question."""
        taken, self.total = self.total, 0
        return taken


@pytest.fixture
def meter(monkeypatch: pytest.MonkeyPatch) -> Meter:
    made, pread = Meter(), os.pread

    def counted(descriptor: int, count: int, offset: int) -> bytes:
        data = pread(descriptor, count, offset)
        made.total += len(data)
        return data

    monkeypatch.setattr(os, "pread", counted)
    return made


@pytest.fixture
def fleet(tmp_path: Path) -> HbotFleet:
    """Five bots that have written for hours."""
    made = HbotFleet(tmp_path)
    for bot in BOTS:
        fills = [fill_row(NOON - 3 * SECOND * (HISTORY - number), f"{bot}-{number}") for number in range(HISTORY)]
        made.add_rows(*minute_rows(NOON, 600), bot=bot)
        made.add_fills(*fills, bot=bot)
        made.add_events(*(fill_event(bot, fill) for fill in fills))
    return made


def test_files_that_did_not_change_are_not_read_again(fleet: HbotFleet, meter: Meter) -> None:
    fleet.cycle()
    meter.since()

    fleet.cycle(NOON + MINUTE)

    assert meter.since() == 0


@pytest.mark.parametrize("restarts", [False, True])
def test_reading_costs_what_is_new_and_not_what_has_piled_up(fleet: HbotFleet, meter: Meter, *, restarts: bool) -> None:
    fleet.cycle()
    if restarts:
        fleet.restart()
    later = NOON + MINUTE
    fill = fill_row(later, "new")
    fleet.add_rows(minute_row(later), bot=BOTS[0])
    fleet.add_fills(fill, bot=BOTS[0])
    fleet.add_events(fill_event(BOTS[0], fill))
    meter.since()

    fleet.cycle(later)

    assert meter.since() < CHANGED_FILES * PER_FILE < fleet.store().stat().st_size / 50


def test_event_store_is_read_once_for_all_bots(fleet: HbotFleet, meter: Meter) -> None:
    fleet.cycle()

    # The tables of the bots are far smaller than the store, which once for each bot would be five times itself.
    assert meter.since() < 2 * fleet.store().stat().st_size
