"""`serve` on a clock that a test moves: the whole exporter over real files, state and sockets; its schedule in steps.

Weeks pass in minutes of a test. What the exporter does is its own code; only who calls its jobs is another.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import requests

from recon_exporter import logs, serving
from recon_exporter.settings.overrides import Overrides
from recon_exporter.settings.store import ConfigurationStore
from recon_exporter.snapshot_job import SNAPSHOT
from recon_exporter.state import open_state, serve_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    import pytest

    from recon_exporter.telemetry import Telemetry

EOD_THREAD = "eod"
RARE = timedelta(minutes=10)
"""The age at which an answer of the exchanges is too old."""

PATIENCE_SECONDS = 60.0
ANY_PORT = "127.0.0.1:0"


class SimulatedClock:
    """Moves when it is told to, and by as long as anybody waits. Safe to use from any thread."""

    def __init__(self, at: datetime) -> None:
        self._lock = threading.Lock()
        self._began = at
        self._at = at

    def now(self) -> datetime:
        with self._lock:
            return self._at

    def monotonic(self) -> float:
        return (self.now() - self._began).total_seconds()

    def wait(self, span: timedelta) -> None:
        with self._lock:
            self._at += span

    def reach(self, at: datetime) -> None:
        """It is this late now, or later."""
        with self._lock:
            self._at = max(self._at, at)


@dataclass(slots=True)
class Job:
    """What is to be run at intervals."""

    interval: timedelta
    run: Callable[[], None]
    next_at: datetime
    is_counted: bool


class SteppedSchedule:
    """In the place of the exporter's schedule: a job runs in ``run_due``, once however often it was due."""

    latest: SteppedSchedule
    """The one made last: an exporter makes its own."""

    def __init__(self, clock: SimulatedClock, telemetry: Telemetry) -> None:
        SteppedSchedule.latest = self
        self._clock = clock
        self._telemetry = telemetry
        self._jobs: dict[str, Job] = {}

    def every(self, interval: timedelta, name: str, run: Callable[[], None], *, counted: bool = False) -> None:
        self._jobs[name] = Job(interval, run, self._clock.now(), counted)
        if counted:
            self._telemetry.interval(name, interval.total_seconds())

    def change_interval(self, name: str, interval: timedelta) -> None:
        job = self._jobs[name]
        job.interval, job.next_at = interval, self._clock.now() + interval
        self._telemetry.interval(name, interval.total_seconds())
        self._telemetry.next_run(name, job.next_at)

    def drop(self, name: str) -> None:
        if self._jobs.pop(name, None) is not None:
            self._telemetry.job_dropped(name)

    def soon(self, name: str) -> None:
        if name in self._jobs:
            self._jobs[name].next_at = self._clock.now()

    def start(self) -> None:
        """Nothing: whoever owns the clock calls."""

    def stop(self) -> None:
        self._jobs.clear()

    def run_due(self) -> None:
        """Run what is due now, and what that makes due."""
        now = self._clock.now()
        while due := self._due(now):
            for name in due:
                self._run(name, now)
            for thread in [thread for thread in threading.enumerate() if thread.name == EOD_THREAD]:
                thread.join(PATIENCE_SECONDS)

    def _due(self, now: datetime) -> list[str]:
        """What is due. Between rare cycles an answer of the exchanges would get too old, so each has one of its own."""
        due = {name for name, job in self._jobs.items() if job.next_at <= now}
        snapshot = self._jobs.get(SNAPSHOT)
        if serving.CYCLE in due and snapshot is not None and snapshot.interval >= RARE:
            due.add(SNAPSHOT)
        return sorted(due, key=lambda name: (name != SNAPSHOT, name))

    def _run(self, name: str, now: datetime) -> None:
        job = self._jobs[name]
        passed = (now - job.next_at) // job.interval
        job.next_at += job.interval * (passed + 1)
        if job.is_counted:
            self._telemetry.next_run(name, job.next_at)
        job.run()


class Service:
    """`serve` in a folder; it can be ended and begun again. Its requests to exchanges go out as always."""

    def __init__(self, folder: Path, variables: Mapping[str, str], clock: SimulatedClock) -> None:
        self._folder = folder
        self._variables = dict(variables)
        self._clock = clock
        self._stack = ExitStack()
        self._session = requests.Session()
        self._exporter: serving.Exporter | None = None

    @staticmethod
    def install(patch: pytest.MonkeyPatch) -> None:
        """Let exporters made from now on be stepped."""
        patch.setattr(serving, "Schedule", SteppedSchedule)

    @property
    def is_running(self) -> bool:
        return self._exporter is not None

    def start(self) -> None:
        """As `serve` begins: configuration, lock, state; what is due is run by the next step."""
        overrides = Overrides(listen_address=ANY_PORT, log_level="error")
        store = ConfigurationStore(overrides, self._variables, self._folder, self._clock)
        logs.configure(store.current.log.level, store.current.log.format)
        url = store.current.state.url.get_secret_value()
        self._stack.enter_context(serve_lock(url, self._clock))
        state = open_state(url)
        self._stack.callback(state.close)
        self._exporter = serving.Exporter(store, state, self._clock)
        self._exporter.start()
        self._stack.callback(self._exporter.stop)

    def stop(self) -> None:
        """As SIGTERM ends it."""
        self._stack.close()
        self._exporter = None

    def reload(self) -> None:
        """As SIGHUP; raises ConfigurationError."""
        assert self._exporter is not None
        self._exporter.reload()

    def step(self) -> None:
        """Run what is due."""
        if self._exporter is not None:
            SteppedSchedule.latest.run_due()

    def scrape(self) -> str | None:
        """The exposition as Prometheus would get it; None where nobody answers."""
        if self._exporter is None:
            return None
        answer = self._session.get(f"{self._exporter.url}/metrics", timeout=10)
        answer.raise_for_status()
        return answer.text
