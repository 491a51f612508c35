"""Who is due, who is caught up, and what the page is told of it."""

from __future__ import annotations

import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from recon_exporter.app import build_cycle, build_telling
from recon_exporter.clock import SystemClock
from recon_exporter.domain.breaks import BreakState
from recon_exporter.eod import Occasion
from recon_exporter.eod_runs import AGAIN, EodRuns
from recon_exporter.ports import EodRecording
from support.eod_files import Place
from support.eod_parts import WaitingClock
from support.positions import HOUR, make_break, make_discrepancy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DUE = datetime(2026, 3, 6, 21, 15, tzinfo=UTC)
"""16:15 in New York, before the clocks change."""


class Runs:
    """The runs of one configuration at a time that a test sets."""

    def __init__(self, place: Place, runs: EodRuns, clock: WaitingClock) -> None:
        self.place = place
        self.runs = runs
        self.clock = clock

    def due(self) -> list[tuple[datetime | None, bool, bool]]:
        """Of each run that took place: due time, whether late, whether verified."""
        return [(one.due_at, one.is_late, one.unverified is None) for one in self.runs.run_due()]


@contextmanager
def runs(folder: Path, at: datetime = DUE) -> Iterator[Runs]:
    place = Place.in_folder(folder)
    clock = WaitingClock(at)
    with closing(place.state()) as state:
        yield Runs(place, EodRuns(place.settings(), state, clock), clock)


def test_run_takes_place_at_its_time_and_once(tmp_path: Path) -> None:
    with runs(tmp_path) as fleet:
        assert fleet.due() == [(DUE, False, True)]
        assert fleet.due() == []


def test_run_missed_while_down_is_caught_up_once_and_marked_late(tmp_path: Path) -> None:
    with runs(tmp_path, DUE + timedelta(hours=5)) as fleet:
        assert fleet.due() == [(DUE, True, True)]
        assert fleet.due() == []


def test_days_that_passed_while_down_are_served_by_one_run(tmp_path: Path) -> None:
    with runs(tmp_path) as fleet:
        fleet.due()
        fleet.clock.at = datetime(2026, 3, 10, 22, 0, tzinfo=UTC)

        assert fleet.due() == [(datetime(2026, 3, 10, 20, 15, tzinfo=UTC), True, True)]


def test_unverified_run_is_tried_again_after_a_while_until_it_has_a_verdict(tmp_path: Path) -> None:
    with runs(tmp_path) as fleet:
        (tmp_path / "venue.csv").unlink()
        assert fleet.due() == [(DUE, False, False)]
        assert fleet.due() == []
        fleet.clock.at += AGAIN
        fleet.place.venue(AAPL="100")

        assert fleet.due() == [(DUE, True, True)]
        assert fleet.due() == []


def test_looking_for_what_is_due_reads_no_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place.in_folder(tmp_path)
    with closing(place.state()) as state:
        due = EodRuns(place.settings(), state, WaitingClock(DUE))
        due.run_due()
        monkeypatch.setattr(state, "load_eod", lambda: pytest.fail("every break was read"))

        assert due.run_due() == ()


def test_each_run_is_one_line_of_the_log_with_its_verdict_or_why_there_is_none(tmp_path: Path) -> None:
    with runs(tmp_path, DUE + timedelta(hours=5)) as fleet, capture_logs() as lines:
        fleet.place.venue()
        fleet.due()
        fleet.clock.at += timedelta(days=1)
        (tmp_path / "venue.csv").unlink()
        fleet.due()

    told = [(line["bot"], line["late"], line["verdict"]) for line in lines if line["event"] == "end-of-day run"]
    assert told[0] == ("swing", True, "1 break")
    assert told[1][:2] == ("swing", True)
    assert told[1][2].startswith("venue is unverified: source_missing: ")


def test_view_tells_due_time_and_completion(tmp_path: Path) -> None:
    with runs(tmp_path) as fleet:
        before = fleet.runs.view().bots["swing"]
        fleet.due()
        after = fleet.runs.view().bots["swing"]

    assert (before.due_at, before.completed_at) == (DUE, None)
    assert (after.due_at, after.completed_at, after.served_due_at) == (DUE, DUE, DUE)
    assert replace(after, due_at=None).unverified is None


def test_view_shows_breaks_halts_and_the_head_of_the_audit_chain(tmp_path: Path) -> None:
    with runs(tmp_path) as fleet:
        fleet.place.venue()
        fleet.due()
        view = fleet.runs.view()

    swing = view.bots["swing"]
    assert [one.discrepancy.symbol for one in swing.breaks] == ["AAPL"]
    assert {halt.reason for halt in swing.halts} == {"MISSING_AT_BROKER"}
    assert swing.opened == {"MISSING_AT_BROKER": 1}
    assert view.audit_sequence > 0
    assert view.audit_is_valid


def test_view_shows_of_each_bot_its_own_breaks_and_how_long_they_lasted(tmp_path: Path) -> None:
    place = Place.in_folder(tmp_path)
    with closing(place.state()) as state:
        ended = [
            replace(make_break(discrepancy, first_seen=DUE), state=BreakState.RESOLVED, resolved_at=DUE + lasted)
            for discrepancy, lasted in (
                (make_discrepancy(bot="swing"), HOUR),
                (make_discrepancy(bot="swing", symbol="MSFT"), 2 * HOUR),
                (make_discrepancy(bot="grid"), 3 * HOUR),
            )
        ]
        standing = [make_break(make_discrepancy(bot=bot, symbol="TSLA"), first_seen=DUE) for bot in ("swing", "grid")]
        state.record_eod(EodRecording(DUE, state.revision(), breaks=(*ended, *standing)))
        swing = EodRuns(place.settings(), state, WaitingClock(DUE)).view().bots["swing"]

    assert swing.breaks == (standing[0],)
    assert swing.resolution_seconds == {"QUANTITY_MISMATCH": (3600.0, 7200.0)}


def test_cycle_of_the_same_process_is_not_kept_from_recording(tmp_path: Path) -> None:
    place = Place.in_folder(tmp_path)
    ended = threading.Event()
    with closing(place.state()) as state, closing(build_cycle(place.settings(), state, SystemClock())) as cycle:
        fleet = EodRuns(place.settings(), state, WaitingClock(DUE))
        subject = fleet.subjects()["swing"]

        def keep_running() -> None:
            while not ended.is_set():
                fleet.run(subject, Occasion())

        crowd = [threading.Thread(target=keep_running) for _ in range(4)]
        for one in crowd:
            one.start()
        try:
            telling = build_telling(place.settings(), always_stamp=False)
            reports = [cycle.run(place.settings().policies, telling, lambda _: None) for _ in range(5)]
        finally:
            ended.set()
            for one in crowd:
                one.join()

    assert len(reports) == 5
