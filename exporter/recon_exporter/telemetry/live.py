"""The exporter's own metrics, which change while it runs: the schedule, deliveries, configuration, HTTP, the process.

What reports say is on the page (sinks/page.py); the two never share a family.
"""

import platform
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import attrgetter

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric

from recon_exporter.telemetry.catalogue import CATALOGUE
from recon_exporter.telemetry.exposition import Format, encoded
from recon_exporter.telemetry.venue_metrics import VenueMetrics

PATHS = ("metrics", "health", "reload", "page", "other")
LOG_LEVELS = ("warning", "error")
_CODES = ("2xx", "3xx", "4xx", "5xx")


class JobFailure(StrEnum):
    """Why a run ended without a report; the values of the label ``reason``."""

    STATE = "state"
    CONTENDED = "contended"
    WRITE = "write"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True)
class _Configuration:
    sha256: str
    loaded_at: datetime
    is_latest: bool


class Telemetry:
    """The live metrics of one process, in a registry of their own. Safe to call from any thread."""

    def __init__(self, version: str, runs: Iterable[str], sinks: Iterable[str]) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry(auto_describe=True)
        self._jobs_and_deliveries()
        self.venues = VenueMetrics(self._registry)
        self._http_requests = self._counter("recon_http_requests_total")
        self._log_lines = self._counter("recon_log_lines_total")
        self._configuration: _Configuration | None = None
        self._registry.register(self)
        build = CATALOGUE["recon_build_info"]
        Info(build.family, build.help, registry=self._registry).info(
            {"version": version, "python": platform.python_version()}
        )
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        self._initialise(tuple(runs), tuple(sinks))

    def job_finished(self, run: str, seconds: float, at: datetime, failure: JobFailure | None = None) -> None:
        """A run ended at ``at`` after ``seconds``, with a report unless ``failure`` says why not."""
        self._runs.labels(run).inc()
        self._durations.labels(run).observe(seconds)
        if failure is None:
            self._last_success.labels(run).set(at.timestamp())
        else:
            self._failures.labels(run, failure).inc()

    def job_missed(self, run: str, count: int = 1) -> None:
        """Runs were left out: they came too late, or the one before was still going on."""
        self._missed.labels(run).inc(count)

    def next_run(self, run: str, at: datetime) -> None:
        """When the next run is due."""
        self._next_run.labels(run).set(at.timestamp())

    def interval(self, run: str, seconds: float) -> None:
        """The configured distance between runs."""
        self._interval.labels(run).set(seconds)

    def job_dropped(self, run: str) -> None:
        """The job is not scheduled any more: nothing is due, and what it once did is no promise."""
        for gauge in (self._last_success, self._next_run, self._interval):
            with suppress(KeyError):
                gauge.remove(run)

    def delivered(self, sink: str) -> None:
        """The sink took a report or message."""
        self._deliveries.labels(sink).inc()

    def delivery_failed(self, sink: str) -> None:
        """One attempt at delivery failed."""
        self._delivery_failures.labels(sink).inc()

    def halt_action(self, bot: str) -> None:
        """An action that stops this bot is configured; its failures are counted from zero."""
        self._halt_action_failures.labels(bot)

    def halt_action_failed(self, bot: str) -> None:
        """One attempt to stop the bot was not confirmed."""
        self._halt_action_failures.labels(bot).inc()

    def configuration_loaded(self, at: datetime, sha256: str) -> None:
        """This configuration is in force now."""
        self._configuration = _Configuration(sha256, at, is_latest=True)

    def configuration_refused(self) -> None:
        """A newer configuration was refused; the last good one stays in force."""
        if self._configuration is not None:
            self._configuration = _Configuration(
                self._configuration.sha256, self._configuration.loaded_at, is_latest=False
            )

    def request_answered(self, path: str, status: int) -> None:
        """An HTTP request was answered; ``path`` is one of PATHS."""
        self._http_requests.labels(path, f"{status // 100}xx").inc()

    def line_logged(self, level: str) -> None:
        """A line was logged; ``level`` is one of LOG_LEVELS."""
        self._log_lines.labels(level).inc()

    def exposition(self, form: Format, names: Collection[str] | None = None) -> bytes:
        """The live families, or by name those whose samples have one of ``names``; with the end mark of OpenMetrics."""
        if names is None:
            return encoded(self._registry.collect(), form)
        # The library gives those asked for in an order that changes from process to process.
        found = self._registry.restricted_registry(names).collect()
        return encoded(sorted(found, key=attrgetter("name")), form)

    def describe(self) -> Iterable[Metric]:
        """The families of ``collect``, so that the registry knows their names."""
        return self._configuration_families()

    def collect(self) -> Iterable[Metric]:
        """What is said of the configuration: all of it from one value, so that no scrape sees half a change."""
        configuration = self._configuration
        if configuration is None:
            return
        successful, success, info = self._configuration_families()
        successful.add_sample(successful.name, {}, float(configuration.is_latest))
        success.add_sample(success.name, {}, configuration.loaded_at.timestamp())
        info.add_sample(f"{info.name}_info", {"sha256": configuration.sha256}, 1.0)
        yield from (successful, success, info)

    @staticmethod
    def _configuration_families() -> tuple[Metric, Metric, Metric]:
        successful = CATALOGUE["recon_config_last_reload_successful"]
        success = CATALOGUE["recon_config_last_reload_success_timestamp_seconds"]
        info = CATALOGUE["recon_config_info"]
        return (
            GaugeMetricFamily(successful.family, successful.help),
            GaugeMetricFamily(success.family, success.help, unit=success.unit),
            InfoMetricFamily(info.family, info.help),
        )

    def _jobs_and_deliveries(self) -> None:
        self._runs = self._counter("recon_job_runs_total")
        self._failures = self._counter("recon_job_failures_total")
        self._missed = self._counter("recon_job_missed_total")
        self._durations = self._histogram("recon_job_duration_seconds")
        self._last_success = self._gauge("recon_job_last_success_timestamp_seconds")
        self._next_run = self._gauge("recon_job_next_run_timestamp_seconds")
        self._interval = self._gauge("recon_job_interval_seconds")
        self._deliveries = self._counter("recon_deliveries_total")
        self._delivery_failures = self._counter("recon_delivery_failures_total")
        self._halt_action_failures = self._counter("recon_halt_action_failures_total")

    def _initialise(self, runs: tuple[str, ...], sinks: tuple[str, ...]) -> None:
        for run in runs:
            self._runs.labels(run)
            self._missed.labels(run)
            self._durations.labels(run)
            for reason in JobFailure:
                self._failures.labels(run, reason)
        for sink in sinks:
            self._deliveries.labels(sink)
            self._delivery_failures.labels(sink)
        for path in PATHS:
            for code in _CODES:
                self._http_requests.labels(path, code)
        for level in LOG_LEVELS:
            self._log_lines.labels(level)

    def _counter(self, name: str) -> Counter:
        metric = CATALOGUE[name]
        return Counter(metric.family, metric.help, metric.labels, registry=self._registry)

    def _gauge(self, name: str) -> Gauge:
        metric = CATALOGUE[name]
        return Gauge(metric.family, metric.help, metric.labels, unit=metric.unit, registry=self._registry)

    def _histogram(self, name: str) -> Histogram:
        metric = CATALOGUE[name]
        return Histogram(
            metric.family, metric.help, metric.labels, unit=metric.unit, buckets=metric.buckets, registry=self._registry
        )
