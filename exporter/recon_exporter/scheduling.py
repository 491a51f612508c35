"""When jobs run: APScheduler with its defaults made explicit, and every run that did not happen counted.

A run that comes late still runs (once, however many were due: the others are counted), one that would overlap itself
is left out and counted.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, EVENT_JOB_SUBMITTED, JobSubmissionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from recon_exporter.ports import Clock
from recon_exporter.telemetry import Telemetry

LOG = structlog.get_logger(__name__)


class Schedule:
    """Runs jobs at intervals in threads of their own."""

    def __init__(self, clock: Clock, telemetry: Telemetry) -> None:
        self._clock = clock
        self._telemetry = telemetry
        self._counted: dict[str, timedelta] = {}
        self._due_last: dict[str, datetime] = {}
        self._asked: dict[str, datetime] = {}
        self._scheduler = BackgroundScheduler(timezone="UTC", executors={"default": ThreadPoolExecutor(max_workers=8)})
        self._scheduler.add_listener(self._left_out, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        self._scheduler.add_listener(self._passed_over, EVENT_JOB_SUBMITTED | EVENT_JOB_MAX_INSTANCES)

    def every(self, interval: timedelta, name: str, run: Callable[[], None], *, counted: bool = False) -> None:
        """Run ``run`` now and then at each interval; a ``counted`` job has the recon_job_* metrics of its name."""
        first = self._clock.now()
        if counted:
            self._counted[name] = interval
            self._due_last[name] = first - interval
            self._telemetry.interval(name, interval.total_seconds())
        self._scheduler.add_job(
            run if not counted else lambda: self._counted_run(name, run),
            IntervalTrigger(seconds=interval.total_seconds(), timezone="UTC"),
            id=name,
            next_run_time=first,
            misfire_grace_time=max(1, int(interval.total_seconds())),
            coalesce=True,
            max_instances=1,
            replace_existing=True,
        )

    def change_interval(self, name: str, interval: timedelta) -> None:
        """Run the job at another interval from now on."""
        self._counted[name] = interval
        self._due_last.pop(name, None)
        self._scheduler.reschedule_job(name, trigger=IntervalTrigger(seconds=interval.total_seconds(), timezone="UTC"))
        self._telemetry.interval(name, interval.total_seconds())
        self._tell_next(name)

    def drop(self, name: str) -> None:
        """Run the job no more, where it is scheduled at all."""
        if self._counted.pop(name, None) is not None:
            self._due_last.pop(name, None)
            self._scheduler.remove_job(name)
            self._telemetry.job_dropped(name)

    def soon(self, name: str) -> None:
        """Run the job now instead of at its next time; where it is running, nothing is run beside it."""
        if self._scheduler.running and self._scheduler.get_job(name) is not None:
            self._asked[name] = self._clock.now()
            self._scheduler.modify_job(name, next_run_time=self._asked[name])

    def start(self) -> None:
        """Start running; returns at once."""
        self._scheduler.start()

    def stop(self) -> None:
        """Start no more runs; a run that is going on ends by itself."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def next_run_at(self, name: str) -> datetime | None:
        """When the job is due next; None where it is not scheduled."""
        job = self._scheduler.get_job(name)
        return None if job is None else getattr(job, "next_run_time", None)

    def _counted_run(self, name: str, run: Callable[[], None]) -> None:
        self._tell_next(name)
        run()

    def _tell_next(self, name: str) -> None:
        due = self.next_run_at(name)
        if due is not None:
            self._telemetry.next_run(name, due)

    def _left_out(self, event: JobSubmissionEvent) -> None:
        is_overrun = event.code == EVENT_JOB_MAX_INSTANCES
        if is_overrun and self._asked.get(event.job_id) in event.scheduled_run_times:
            return
        if event.job_id in self._counted:
            self._telemetry.job_missed(event.job_id)
            LOG.warning("run left out", run=event.job_id, why="overrun" if is_overrun else "late")

    def _passed_over(self, event: JobSubmissionEvent) -> None:
        """Count the runs that were due while the process could not run, and in whose place this one stands."""
        interval, due = self._counted.get(event.job_id), event.scheduled_run_times[-1]
        if interval is None:
            return
        count = (due - self._due_last.get(event.job_id, due)) // interval - 1
        self._due_last[event.job_id] = due
        if count > 0:
            self._telemetry.job_missed(event.job_id, count)
            LOG.warning("runs passed over", run=event.job_id, count=count)
