"""Runs that happen, runs that do not, and what is counted of them."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

from structlog.testing import capture_logs

from recon_exporter.clock import SystemClock
from recon_exporter.scheduling import Schedule
from recon_exporter.telemetry import Format, Telemetry
from support.parts import FixedClock

DEADLINE = 10.0
THREADS = 8


def telemetry() -> Telemetry:
    return Telemetry("0", ("cycle",), ())


def sample(of: Telemetry, name: str) -> float:
    lines = of.exposition(Format.TEXT).decode().splitlines()
    return float(next(line.split()[-1] for line in lines if line.startswith(name)))


def wait_for_missed(live: Telemetry, count: int) -> None:
    """Until so many runs have been left out."""
    ends_at = time.monotonic() + DEADLINE
    while sample(live, 'recon_job_missed_total{run="cycle"}') < count:
        assert time.monotonic() < ends_at, "no run was left out"
        time.sleep(0.05)


class Counting:
    """A job that tells of its runs and can be made to last."""

    def __init__(self, runs: int) -> None:
        self.left = runs
        self.enough = threading.Event()
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self) -> None:
        self.left -= 1
        if self.left <= 0:
            self.enough.set()
        self.gate.wait(DEADLINE)


def test_job_runs_at_once_and_again_and_tells_its_times() -> None:
    live, job = telemetry(), Counting(2)
    schedule = Schedule(SystemClock(), live)
    schedule.every(timedelta(seconds=1), "cycle", job, counted=True)
    schedule.start()

    assert job.enough.wait(DEADLINE)
    schedule.stop()
    assert sample(live, "recon_job_interval_seconds") == 1.0
    assert sample(live, "recon_job_next_run_timestamp_seconds") > 0


def test_run_that_would_overlap_is_left_out_and_counted() -> None:
    live, job = telemetry(), Counting(1)
    job.gate.clear()
    schedule = Schedule(SystemClock(), live)
    schedule.every(timedelta(seconds=1), "cycle", job, counted=True)
    schedule.start()

    wait_for_missed(live, 1)
    job.gate.set()
    schedule.stop()


def test_job_can_be_asked_for_before_its_time() -> None:
    job = Counting(2)
    schedule = Schedule(SystemClock(), telemetry())
    schedule.every(timedelta(hours=1), "cycle", job)
    schedule.start()
    first = Counting(1)
    schedule.every(timedelta(hours=1), "first", first)
    assert first.enough.wait(DEADLINE)

    schedule.soon("cycle")

    assert job.enough.wait(DEADLINE)
    schedule.stop()


def test_asking_for_a_job_that_is_running_leaves_out_no_run_that_was_due() -> None:
    live, job, clock = telemetry(), Counting(1), SystemClock()
    job.gate.clear()
    schedule = Schedule(clock, live)
    schedule.every(timedelta(hours=1), "cycle", job, counted=True)
    schedule.start()
    assert job.enough.wait(DEADLINE)

    asked_at = clock.now()
    with capture_logs() as lines:
        schedule.soon("cycle")
        ends_at = time.monotonic() + DEADLINE
        while (due := schedule.next_run_at("cycle")) is None or due < asked_at + timedelta(hours=1):
            assert time.monotonic() < ends_at, "what was asked for was not looked at"
            time.sleep(0.01)

    job.gate.set()
    schedule.stop()
    assert sample(live, 'recon_job_missed_total{run="cycle"}') == 0
    assert lines == []


def test_changed_interval_is_told() -> None:
    live = telemetry()
    schedule = Schedule(SystemClock(), live)
    schedule.every(timedelta(hours=1), "cycle", Counting(1), counted=True)
    schedule.start()

    schedule.change_interval("cycle", timedelta(minutes=5))

    assert sample(live, "recon_job_interval_seconds") == 300.0
    schedule.stop()


def test_runs_due_while_the_machine_slept_are_made_up_for_by_one_and_the_others_counted() -> None:
    live, job = telemetry(), Counting(1)
    clock = FixedClock(SystemClock().now() - timedelta(hours=2, minutes=30))
    schedule = Schedule(clock, live)
    schedule.every(timedelta(hours=1), "cycle", job, counted=True)
    schedule.start()

    assert job.enough.wait(DEADLINE)
    wait_for_missed(live, 2)
    schedule.stop()
    assert sample(live, 'recon_job_missed_total{run="cycle"}') == 2
    assert job.left == 0


def test_longer_interval_of_the_past_counts_no_run_as_missed() -> None:
    live, job = telemetry(), Counting(2)
    schedule = Schedule(SystemClock(), live)
    schedule.every(timedelta(hours=1), "cycle", job, counted=True)
    schedule.start()
    schedule.change_interval("cycle", timedelta(seconds=1))

    assert job.enough.wait(DEADLINE)
    schedule.stop()
    assert sample(live, 'recon_job_missed_total{run="cycle"}') == 0


def test_run_that_no_thread_was_free_for_in_time_is_left_out_and_counted() -> None:
    live, job, hanging = telemetry(), Counting(1), Counting(THREADS)
    hanging.gate.clear()
    schedule = Schedule(SystemClock(), live)
    for number in range(THREADS):
        schedule.every(timedelta(hours=1), f"hanging {number}", hanging)
    schedule.start()
    assert hanging.enough.wait(DEADLINE)

    with capture_logs() as lines:
        schedule.every(timedelta(seconds=1), "cycle", job, counted=True)
        wait_for_missed(live, 2)
        hanging.gate.set()
        assert job.enough.wait(DEADLINE)
    schedule.stop()
    assert "late" in {line.get("why") for line in lines}
