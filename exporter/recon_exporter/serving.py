"""The exporter as a service: schedule, cycles, deliveries, HTTP and reloads of one process, from start to SIGTERM."""

import signal
import threading
from contextlib import ExitStack, suppress
from datetime import timedelta
from functools import partial
from queue import Empty, SimpleQueue
from types import FrameType

import structlog

from recon_exporter import __version__, app, bundle
from recon_exporter.app import WholeState
from recon_exporter.eod_job import EOD, EodJob
from recon_exporter.errors import AddressError, ConfigurationError, ProgressMoved, StateError
from recon_exporter.logs import counted
from recon_exporter.notify import NOBODY, ServiceManager
from recon_exporter.ports import Clock
from recon_exporter.scheduling import Schedule
from recon_exporter.settings.model import Settings
from recon_exporter.settings.printing import masked_text
from recon_exporter.settings.store import ConfigurationStore
from recon_exporter.sinks.page import PageSink
from recon_exporter.snapshot_job import SNAPSHOT, SnapshotJob
from recon_exporter.sources import Connections
from recon_exporter.taking import tell_changes, tell_configuration, tell_problems
from recon_exporter.telemetry import JobFailure, Telemetry
from recon_exporter.web import Health, Site, WebServer

CYCLE = "cycle"
DUE = timedelta(seconds=5)
BEAT = timedelta(seconds=5)
DELIVERY = timedelta(seconds=5)
WATCH = timedelta(seconds=5)
LOOK_SECONDS = 1.0
PATIENCE_SECONDS = 6.0
"""How long stopping waits for a cycle that is going on; with the web server's own patience SIGTERM ends within 10 s."""

LOG = structlog.get_logger(__name__)


class Exporter:
    """Everything that runs in one `serve`; ``run`` blocks until a signal or ``stop``; jobs are due by ``timer``."""

    def __init__(
        self,
        store: ConfigurationStore,
        state: WholeState,
        clock: Clock,
        manager: ServiceManager = NOBODY,
        timer: Clock | None = None,
    ) -> None:
        self._store = store
        self._state = state
        self._clock = clock
        self._manager = manager
        self._telemetry = Telemetry(__version__, (CYCLE, SNAPSHOT, EOD), app.SINKS)
        self._connections = Connections(clock, self._telemetry.venues)
        self._schedule = Schedule(timer or clock, self._telemetry)
        soon = partial(self._schedule.soon, "delivery")
        self._eod = EodJob(lambda: self._settings, state, clock, self._telemetry, soon, self._connections)
        self._snapshot = SnapshotJob(lambda: self._settings, self._connections, clock, self._telemetry)
        self._page = PageSink()
        self._health = Health(clock)
        self._running = threading.Lock()
        self._delivering = threading.Lock()
        # Signal handlers put into it; the lock of an Event may be held by the very thread that they interrupt.
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._until_stopped = ExitStack()
        self._reload_asked = False
        self._stop_asked = False
        self._settings = store.current
        self._cycle = app.CurrentCycle(
            lambda settings: app.build_cycle(settings, state, clock, self._eod.view, self._connections), self._settings
        )
        self._deliveries = app.build_deliveries(self._settings, state, clock, self._telemetry)
        self._web = WebServer(str(self._settings.web.listen_address), self._site(), self._settings.protection)

    @property
    def url(self) -> str:
        """Where it is served, after ``start``."""
        return self._web.url

    def start(self) -> None:
        """Bind the address and begin the schedule; raises AddressError where the address cannot be had."""
        tell_configuration(self._store, self._telemetry)
        try:
            self._web.start()
        except OSError as error:
            address = self._settings.web.listen_address
            raise AddressError(f"cannot serve on {address}: {error.strerror or error}") from error
        self._until_stopped.enter_context(counted(self._telemetry.line_logged))
        LOG.info("listening", url=self._web.url, version=__version__)
        self._health.configured()
        app.begin_history(self._settings, self._state, self._clock)
        self._schedule.every(self._settings.schedule.cycle, CYCLE, self._run_cycle, counted=True)
        self._schedule.every(DELIVERY, "delivery", self._deliver)
        self._schedule.every(DUE, EOD, self._eod.begin)
        self._schedule_snapshot()
        self._schedule.every(WATCH, "watch", self._watch)
        self._schedule.every(BEAT, "heartbeat", self._health.beat)
        self._schedule.every(BEAT, "watchdog", self._manager.alive)
        self._schedule.start()
        self._manager.ready()

    def run(self) -> None:
        """Start, wait for SIGTERM or SIGINT, reload on SIGHUP, stop."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self.start()
        self.wait()
        self.stop()

    def wait(self) -> None:
        """Block until somebody asks to stop, reloading when asked."""
        while not self._stop_asked:
            with suppress(Empty):
                # A signal just before the wait begins would go unseen for as long as the wait lasts.
                self._wake.get(timeout=LOOK_SECONDS)
            if self._reload_asked and not self._stop_asked:
                self._reload_asked = False
                self._reload_logged()

    def ask_to_stop(self) -> None:
        """Make ``wait`` return."""
        self._stop_asked = True
        self._wake.put(None)

    def stop(self) -> None:
        """Begin nothing more, let a cycle or delivery that is going on end, close the server."""
        self._manager.stopping()
        self._schedule.stop()
        for lock in (self._running, self._delivering):
            if lock.acquire(timeout=PATIENCE_SECONDS / 2):
                lock.release()
        self._cycle.close()
        self._web.stop()
        self._until_stopped.close()
        LOG.info("stopped")

    def reload(self) -> None:
        """Take the configuration anew, all of it or nothing; raises ConfigurationError with every problem."""
        with self._running:
            before = self._settings
            accepted = self._store.reload()
            tell_configuration(self._store, self._telemetry)
            if not accepted:
                raise ConfigurationError(self._store.problems)
            self._take(before, self._store.current)

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        if number == signal.SIGHUP:
            self._reload_asked = True
        else:
            self._stop_asked = True
        self._wake.put(None)

    def _reload_logged(self) -> None:
        try:
            self.reload()
        except ConfigurationError as error:
            tell_problems(error)

    def _run_cycle(self) -> None:
        with self._running:
            if self._stop_asked:
                return
            self._refresh()
            started = self._clock.monotonic()
            failure = self._attempt()
            self._telemetry.job_finished(CYCLE, self._clock.monotonic() - started, self._clock.now(), failure)
        self._schedule.soon("delivery")

    def _attempt(self) -> JobFailure | None:
        telling = app.build_telling(self._settings, always_stamp=False)
        try:
            report = self._cycle.of(self._settings).run(self._settings.policies, telling, self._page.show)
        except ProgressMoved:
            LOG.exception("cycle failed", why="another process kept recording")
            return JobFailure.CONTENDED
        except StateError as error:
            LOG.exception("cycle failed", why=str(error))
            return JobFailure.STATE
        except Exception:  # the next cycle comes; the page keeps its old times and becomes stale
            LOG.exception("cycle failed")
            return JobFailure.UNEXPECTED
        self._telemetry.delivered("page")
        self._health.reported()
        LOG.info("cycle", status=report.status.value, bots=len(report.checked), findings=len(report.findings))
        return None

    def _deliver(self) -> None:
        with self._delivering:
            try:
                self._deliveries.deliver()
            except StateError as error:
                LOG.exception("delivery failed", why=str(error))

    def _watch(self) -> None:
        """Have a cycle at once where another process has changed the state, or somebody a file that is watched."""
        try:
            is_due = self._state.revision() != self._cycle.revision or self._store.changed_on_disk()
            if is_due and not self._running.locked():
                self._schedule.soon(CYCLE)
        except StateError as error:
            LOG.exception("state not readable", why=str(error))

    def _refresh(self) -> None:
        """Take a changed thresholds file or account map into this cycle."""
        before = self._settings
        accepted = self._store.refresh()
        if accepted is None:
            return
        tell_configuration(self._store, self._telemetry)
        if accepted:
            self._take(before, self._store.current)
        else:
            tell_problems(ConfigurationError(self._store.problems))

    def _take(self, before: Settings, after: Settings) -> None:
        tell_changes(before, after)
        self._settings = after
        self._web.protect(after.protection)
        with self._delivering:
            self._deliveries = app.build_deliveries(after, self._state, self._clock, self._telemetry)
        if before.schedule.cycle != after.schedule.cycle:
            self._schedule.change_interval(CYCLE, after.schedule.cycle)
        self._schedule_snapshot()

    def _schedule_snapshot(self) -> None:
        """Ask the exchanges from now on, or no more, as the configuration wants it."""
        if self._snapshot.is_wanted():
            self._schedule.every(self._settings.schedule.snapshot, SNAPSHOT, self._snapshot.run, counted=True)
        else:
            self._schedule.drop(SNAPSHOT)

    def _site(self) -> Site:
        return Site(
            source=self._page,
            telemetry=self._telemetry,
            clock=self._clock,
            health=self._health,
            version=__version__,
            runbooks=bundle.part("runbooks"),
            reports=lambda: self._settings.reports.dir,
            configuration=lambda: masked_text(self._store.current),
            interval=lambda: self._settings.schedule.cycle,
            reload=self.reload if self._settings.web.enable_lifecycle else None,
        )
