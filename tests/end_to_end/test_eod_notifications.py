"""A break of an end-of-day run, from the scheduled run to the page and to the all-clear, by the real programs."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import requests

from end_to_end.eod_world import BOT, CREDENTIALS, desk
from end_to_end.world import (
    EXPIRY,
    RESEND,
    Exporter,
    Mailbox,
    command,
    hastened_alertmanager_file,
    now,
    receiving,
    until,
)
from recon_exporter.demo.configuration import write_prometheus_files
from recon_exporter.demo.programs import RunningProgram, find, start_alertmanager, start_prometheus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from end_to_end.eod_world import Desk

PAGER, CHAT, SWITCH = "/pager", "/chat", "/dead-mans-switch"
BREAKS = "ReconciliationBreaks"
HALTED = "ReconciliationTradingHalted"
FIRING = ("firing", BREAKS, "critical", BOT)
ALL_CLEAR = ("firing", "ReconciliationCleared", "info", BOT)
MISSING = f'wsb_eod_reconciliation_breaks_total{{bot="{BOT}",break_type="MISSING_AT_BROKER"}}'
WITHIN = 8.0
"""The watcher looks every five seconds, and a cycle takes a moment."""


@dataclass(frozen=True, slots=True)
class World:
    """Everything that runs."""

    bench: Desk
    exporter: Exporter
    prometheus: RunningProgram
    alertmanager: RunningProgram
    mailbox: Mailbox

    def value(self, query: str) -> float | None:
        """The first value that Prometheus finds now."""
        answer = requests.get(f"{self.prometheus.url}/api/v1/query", params={"query": query}, timeout=5).json()
        found = answer["data"]["result"]
        return float(found[0]["value"][1]) if found else None

    def is_told_until(self, at: datetime) -> bool:
        """Whether Prometheus has told Alertmanager of the break at this time or later."""
        alerts = requests.get(f"{self.alertmanager.url}/api/v2/alerts", timeout=5).json()
        told = [alert["updatedAt"] for alert in alerts if alert["labels"]["alertname"] == BREAKS]
        return any(datetime.fromisoformat(text) >= at for text in told)

    def told(self, path: str) -> list[tuple[str, str, str, str]]:
        """What a receiver was told of the break and its end, without what follows from it."""
        return [alert for alert in self.mailbox.alerts(path) if alert[1] in {FIRING[1], ALL_CLEAR[1]}]

    def runs(self) -> int:
        """How many runs the audit log holds."""
        lines = command(self.bench.folder, "audit", "show", **CREDENTIALS).stdout.splitlines()
        return sum("run_completed" in line for line in lines)

    def wait_for_signs_of_life(self, count: int) -> None:
        """Wait for so many of the Watchdog's notifications: meanwhile every other group had its turn too."""
        target = len(self.mailbox.documents(SWITCH)) + count
        until(lambda: len(self.mailbox.documents(SWITCH)) >= target, f"{count} signs of life of the Watchdog")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A bot whose book holds what its broker never had, due ten minutes ago; the exporter is not running yet."""
    prometheus_executable, alertmanager_executable = find("Prometheus"), find("Alertmanager")
    assert prometheus_executable is not None
    assert alertmanager_executable is not None
    with ExitStack() as running:
        bench = running.enter_context(desk(tmp_path))
        due = now() - timedelta(minutes=10)
        bench.configure(at=f"{due:%H:%M}")
        bench.books.hold("GME", "3", "20")
        mailbox, receiver_url = running.enter_context(receiving())
        configuration = hastened_alertmanager_file(tmp_path, receiver_url)
        alertmanager = start_alertmanager(alertmanager_executable, configuration, tmp_path)
        running.callback(alertmanager.stop)
        exporter = Exporter(tmp_path, variables=CREDENTIALS)
        configuration = write_prometheus_files(tmp_path, exporter.url, alertmanager.url, "1s")
        resend = f"--rules.alert.resend-delay={RESEND}"
        prometheus = start_prometheus(prometheus_executable, configuration, tmp_path, resend)
        running.callback(prometheus.stop)
        running.callback(lambda: exporter.process is None or exporter.process.poll() is not None or exporter.end())
        yield World(bench, exporter, prometheus, alertmanager, mailbox)


@pytest.mark.needs_program("prometheus", "prometheus-alertmanager")
def test_break_is_paged_and_called_off_only_by_a_run_that_finds_it_gone(world: World) -> None:
    mailbox, exporter, folder = world.mailbox, world.exporter, world.bench.folder
    exporter.start()
    until(lambda: bool(mailbox.alerts(PAGER)) and bool(mailbox.alerts(CHAT)), "a page about the break")
    world.wait_for_signs_of_life(3)
    assert world.told(PAGER) == world.told(CHAT) == [FIRING]
    assert ("firing", HALTED, "critical", BOT) in mailbox.alerts(PAGER)
    assert exporter.sample(MISSING) == 1

    exporter.end(signal.SIGKILL)
    killed_at = now()
    until(lambda: world.value("up") == 0, "Prometheus notices that the exporter is gone")
    until(lambda: world.is_told_until(killed_at + EXPIRY), "Prometheus goes on telling of the break")
    world.wait_for_signs_of_life(3)
    assert world.told(PAGER) == world.told(CHAT) == [FIRING]

    exporter.start()
    exporter.wait_for_cycles(3)
    assert exporter.sample(MISSING) == 1, "the state survives"
    assert world.runs() == 1, "what was due was caught up once"

    world.bench.books.drop("GME")
    ran = command(folder, "eod", **CREDENTIALS)
    assert (ran.returncode, ran.stdout) == (0, "Breaks remaining: 0\n"), ran.stderr
    until(lambda: exporter.sample(MISSING) == 0, "the metric falls after a run in another process", WITHIN)
    until(lambda: len(world.told(PAGER)) > 1 and len(world.told(CHAT)) > 2, "the all-clear")
    world.wait_for_signs_of_life(5)
    assert world.told(PAGER) == [FIRING, ALL_CLEAR]
    assert sorted(world.told(CHAT)) == sorted([FIRING, ALL_CLEAR, ("resolved", *FIRING[1:])])
    assert not [alert for alert in mailbox.alerts(PAGER) if alert[0] == "resolved"]
    assert world.runs() == 2
