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
from recon_exporter.domain.breaks import EOD_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from end_to_end.eod_world import Desk

PAGER, CHAT, SWITCH = "/pager", "/chat", "/dead-mans-switch"
BREAKS = "ReconciliationBreaks"
HALTED = "ReconciliationTradingHalted"
CLEARED = "ReconciliationCleared"
TYPES = sorted(EOD_TYPES)
FIRING = [("firing", BREAKS, break_type) for break_type in TYPES]
RESOLVED = [("resolved", BREAKS, break_type) for break_type in TYPES]
ALL_CLEAR = [("firing", CLEARED, break_type) for break_type in TYPES]
WSB = "wsb_eod_reconciliation_breaks_total{"
DAYS, HOUR = timedelta(days=2), timedelta(hours=1)
WITHIN = 15.0
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

    def told(self, path: str) -> list[tuple[str, str, str]]:
        """What a receiver was told of each type of break and its end, sorted; without what follows from it."""
        return sorted(
            (alert["status"], labels["alertname"], labels["break_type"])
            for document in self.mailbox.documents(path)
            for alert in document["alerts"]
            for labels in [alert["labels"]]
            if labels["alertname"] in {BREAKS, CLEARED}
        )

    def breaks(self) -> set[float]:
        """The values of the metric that names the alert, over all types."""
        return set(self.exporter.samples(WSB).values())

    def runs(self) -> int:
        """How many runs the audit log holds."""
        lines = command(self.bench.folder, "audit", "show", **CREDENTIALS).stdout.splitlines()
        return sum("run_completed" in line for line in lines)

    def wait_for_signs_of_life(self, count: int) -> None:
        """Wait for so many of the Watchdog's notifications: meanwhile every other group had its turn too."""
        target = len(self.mailbox.documents(SWITCH)) + count
        until(lambda: len(self.mailbox.documents(SWITCH)) >= target, f"{count} signs of life of the Watchdog")


def spoil(bench: Desk) -> None:
    """One break of each type."""
    bench.books.hold("GME", "3", "20")
    with bench.clock.earlier(HOUR):
        bench.account.manual_order("MSFT", "5", "40")
    for number, symbol in enumerate(("AMD", "AAPL", "IBM")):
        with bench.clock.earlier(DAYS):
            bench.account.fill(symbol, "10", "50", f"swing-{number}")
    bench.books.hold("AMD", "8", "50")
    bench.books.hold("AAPL", "10", "52")
    bench.books.hold("IBM", "10", "50", written=25 * HOUR)


def repair(bench: Desk) -> None:
    """The ledger as the broker has it."""
    bench.books.drop("GME")
    bench.books.hold("MSFT", "5", "40")
    for symbol in ("AMD", "AAPL", "IBM"):
        bench.books.hold(symbol, "10", "50")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A bot with one break of each type, its run due ten minutes ago; the exporter is not running yet."""
    prometheus_executable, alertmanager_executable = find("Prometheus"), find("Alertmanager")
    assert prometheus_executable is not None
    assert alertmanager_executable is not None
    with ExitStack() as running:
        bench = running.enter_context(desk(tmp_path))
        due = now() - timedelta(minutes=10)
        bench.configure(at=f"{due:%H:%M}")
        spoil(bench)
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
def test_every_type_of_break_is_paged_and_called_off_only_by_a_run_that_finds_it_gone(world: World) -> None:
    mailbox, exporter, folder = world.mailbox, world.exporter, world.bench.folder
    exporter.start()
    until(lambda: len(world.told(PAGER)) >= 5 and len(world.told(CHAT)) >= 5, "a page about the breaks")
    world.wait_for_signs_of_life(3)
    assert world.told(PAGER) == world.told(CHAT) == FIRING
    assert ("firing", HALTED, "critical", BOT) in mailbox.alerts(PAGER)
    assert world.breaks() == {1}

    exporter.end(signal.SIGKILL)
    killed_at = now()
    until(lambda: world.value('up{job="recon-exporter"}') == 0, "Prometheus notices that the exporter is gone")
    until(lambda: world.is_told_until(killed_at + EXPIRY), "Prometheus goes on telling of the breaks")
    world.wait_for_signs_of_life(3)
    assert world.told(PAGER) == world.told(CHAT) == FIRING

    exporter.start()
    exporter.wait_for_cycles(3)
    assert world.breaks() == {1}, "the state survives"
    assert world.runs() == 1, "what was due was caught up once"

    repair(world.bench)
    ran = command(folder, "eod", **CREDENTIALS)
    assert (ran.returncode, ran.stdout) == (0, "Breaks remaining: 0\n"), ran.stderr
    until(lambda: world.breaks() == {0}, "the metric falls after a run in another process", WITHIN)
    until(lambda: len(world.told(PAGER)) >= 10 and len(world.told(CHAT)) >= 15, "the all-clear")
    world.wait_for_signs_of_life(5)
    assert world.told(PAGER) == sorted([*FIRING, *ALL_CLEAR])
    assert world.told(CHAT) == sorted([*FIRING, *ALL_CLEAR, *RESOLVED])
    assert not [alert for alert in mailbox.alerts(PAGER) if alert[0] == "resolved"]
    assert world.runs() == 2

    cleared = command(folder, "halt", "clear", "--bot", BOT, "--by", "ops", "--reason", "repaired", **CREDENTIALS)
    assert cleared.returncode == 0, cleared.stderr
    until(lambda: not exporter.samples("recon_halt_active{"), "the halts leave the metrics", WITHIN)
    ended = ("resolved", HALTED, "critical", BOT)
    until(lambda: ended in mailbox.alerts(CHAT), "the halt is no longer reported")
