"""End-of-day runs that `serve` begins by itself: what was due while nothing ran is caught up, once."""

from __future__ import annotations

import json
import signal
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from end_to_end.eod_world import BOT, CREDENTIALS, desk
from end_to_end.world import Exporter, now, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from end_to_end.eod_world import Desk

DUE = f'recon_eod_due_timestamp_seconds{{bot="{BOT}"}}'
COMPLETED = f'recon_eod_last_completed_timestamp_seconds{{bot="{BOT}"}}'
BREAKS = f'wsb_eod_reconciliation_breaks_total{{bot="{BOT}",break_type="MISSING_AT_BROKER"}}'


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Desk]:
    """A bot whose book holds what its broker never had."""
    with desk(tmp_path) as made:
        made.books.hold("GME", "3", "20")
        yield made


@pytest.fixture
def exporter(bench: Desk) -> Iterator[Exporter]:
    """Not running yet; ended afterwards."""
    made = Exporter(bench.folder, variables=CREDENTIALS)
    with ExitStack() as stack:
        stack.callback(lambda: made.process is None or made.process.poll() is not None or made.end())
        yield made


def reports(folder: Path) -> list[dict[str, Any]]:
    """Every report of a run, oldest first."""
    return [json.loads(path.read_text()) for path in sorted((folder / "reports" / "eod").glob("eod_*.json"))]


def a_while_ago(minutes: int) -> datetime:
    """A whole minute of the past."""
    return (now() - timedelta(minutes=minutes)).replace(second=0, microsecond=0)


def test_run_that_was_due_while_nothing_ran_is_caught_up_once_and_marked_late(bench: Desk, exporter: Exporter) -> None:
    due = a_while_ago(10)
    bench.configure(at=f"{due:%H:%M}")

    exporter.start()

    until(lambda: exporter.sample(BREAKS) == 1, "the run that was due")
    until(lambda: len(reports(bench.folder)) == 1, "its report")
    (report,) = reports(bench.folder)
    assert report["is_late"] is True
    assert datetime.fromisoformat(report["due_at"]) == due
    assert exporter.sample(DUE) == due.timestamp()
    completed = exporter.sample(COMPLETED)
    exporter.end()
    exporter.start()
    exporter.wait_for_cycles(8)
    assert exporter.sample(COMPLETED) == completed
    assert len(reports(bench.folder)) == 1


def test_reload_takes_a_new_time_of_day_into_runs_and_metrics(bench: Desk, exporter: Exporter) -> None:
    first, second = a_while_ago(30), a_while_ago(5)
    bench.configure(at=f"{first:%H:%M}")
    exporter.start()
    until(lambda: len(reports(bench.folder)) == 1, "the first run")

    bench.configure(at=f"{second:%H:%M}")
    exporter.send(signal.SIGHUP)

    until(lambda: exporter.sample(DUE) == second.timestamp(), "the new time of day in the metrics")
    until(lambda: len(reports(bench.folder)) == 2, "the second run")
    assert datetime.fromisoformat(reports(bench.folder)[1]["due_at"]) == second


def test_history_of_breaks_is_there_from_the_first_start(bench: Desk, exporter: Exporter) -> None:
    history = bench.folder / ".state" / "eod_recon_breaks.json"
    without_runs = "fleets: {hbot: {type: hbot}}\nschedule: {cycle: 1s}\n"
    (bench.folder / "config" / "recon.yml").write_text(without_runs)

    exporter.start()

    until(history.exists, "the history, before any run")
    assert json.loads(history.read_text())["breaks"] == []
