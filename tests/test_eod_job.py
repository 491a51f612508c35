"""The job of `serve`: a bot whose source hangs holds up neither the others nor what comes due later."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter.domain.finding import Reason
from recon_exporter.eod_job import EOD, EodJob
from recon_exporter.ledgers.file import FileLedger
from recon_exporter.telemetry import Telemetry
from support.eod_files import CONFIGURATION, Place
from support.eod_parts import WaitingClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from recon_exporter.domain.positions import PositionStatement
    from recon_exporter.domain.statement import Unavailable
    from recon_exporter.state.store import SqlState

DUE = datetime(2026, 3, 6, 21, 15, tzinfo=UTC)
SECOND_BOT = """
  grid:
    ledger: {type: file, positions: ledger.csv}
    venue: {type: file, positions: venue.csv}
    eod: {at: "16:15", timezone: America/New_York, settle: 1s, deadline: 1s}
"""
PATIENCE = 20


class Office:
    """The job over two bots; the books of those in ``hanging`` do not answer until ``gate`` opens."""

    def __init__(self, place: Place, state: SqlState) -> None:
        self.clock = WaitingClock(DUE)
        self.state = state
        self.gate = threading.Event()
        self.hanging: set[str] = set()
        self.asked: list[str] = []
        self.dispatched = threading.Semaphore(0)
        telemetry = Telemetry("", (EOD,), ())
        self.job = EodJob(place.settings, state, self.clock, telemetry, self.dispatched.release)

    def marks(self) -> dict[str, Reason | None]:
        """Of each bot that was run, why it has no verdict."""
        marks = self.state.load_eod().marks.values()
        return {mark.bot: None if mark.unverified is None else mark.unverified.why.reason for mark in marks}

    def wait_for_the_run_of(self, bot: str) -> None:
        ends_at = time.monotonic() + PATIENCE
        while bot not in self.marks():
            assert time.monotonic() < ends_at
            time.sleep(0.01)

    def wait_for_a_dispatch(self) -> None:
        assert self.dispatched.acquire(timeout=PATIENCE)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    place = Place.in_folder(tmp_path, CONFIGURATION.rstrip() + SECOND_BOT)
    with closing(place.state()) as state:
        made = Office(place, state)
        read = FileLedger.positions

        def positions(self: FileLedger, now: datetime) -> PositionStatement | Unavailable:
            bot = self.owner[0]
            made.asked.append(bot)
            if bot in made.hanging:
                made.gate.wait(PATIENCE)
            return read(self, now)

        monkeypatch.setattr(FileLedger, "positions", positions)
        yield made
        made.gate.set()


def test_everything_that_is_due_is_run_once(office: Office) -> None:
    office.job.begin()
    office.wait_for_a_dispatch()
    office.job.begin()

    assert office.marks() == {"swing": None, "grid": None}
    assert not office.dispatched.acquire(blocking=False)


def test_source_that_hangs_gives_its_own_bot_no_verdict_and_delays_no_other(office: Office) -> None:
    office.hanging.add("grid")
    office.job.begin()
    office.wait_for_a_dispatch()

    assert office.marks() == {"swing": None, "grid": Reason.DEADLINE_EXCEEDED}
    assert office.asked.count("grid") == 1


def test_bot_that_comes_due_while_another_hangs_is_run_and_the_hanging_one_not_begun_again(office: Office) -> None:
    office.hanging.add("swing")  # with the deadline of minutes that is built in
    office.job.begin()
    office.wait_for_the_run_of("grid")
    office.clock.at += timedelta(days=1)

    office.job.begin()
    office.wait_for_a_dispatch()

    grid = office.state.load_eod().marks["grid"]
    assert grid.served_due_at == DUE + timedelta(days=1)
    assert "swing" not in office.marks()
    office.gate.set()
    office.wait_for_a_dispatch()
    assert office.marks()["swing"] is None
    assert office.asked.count("swing") == 1
