"""What people are told, from a minute row to the receivers, by the real Prometheus and Alertmanager with our rules."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
import requests

from end_to_end.world import EXPIRY, RESEND, Exporter, Mailbox, hastened_alertmanager_file, now, receiving, until
from recon_exporter.demo.configuration import write_prometheus_files
from recon_exporter.demo.programs import RunningProgram, find, start_alertmanager, start_prometheus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from end_to_end.world import Bot

DRIFTED = "0.98"
ALERT = "ReconciliationInventoryDrift"
CLEARED = "ReconciliationCleared"
FIRING = ("firing", ALERT, "critical", "bot1")
RESOLVED = ("resolved", ALERT, "critical", "bot1")
MUTED = ("resolved", ALERT, "warning", "bot1")
"""The lower threshold was passed too; muted while the higher one fired, it ends in the same notification."""
ALL_CLEAR = ("firing", CLEARED, "info", "bot1")
PAGER, CHAT, SWITCH = "/pager", "/chat", "/dead-mans-switch"


@dataclass(frozen=True, slots=True)
class World:
    """Everything that runs."""

    bot: Bot
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
        """Whether Prometheus has told Alertmanager of the drift at this time or later."""
        alerts = requests.get(f"{self.alertmanager.url}/api/v2/alerts", timeout=5).json()
        told = [alert["updatedAt"] for alert in alerts if alert["labels"]["alertname"] == ALERT]
        return any(datetime.fromisoformat(text) >= at for text in told)

    def wait_for_signs_of_life(self, count: int) -> None:
        """Wait for so many of the Watchdog's notifications: meanwhile every other group had its turn too."""
        target = len(self.mailbox.documents(SWITCH)) + count
        until(lambda: len(self.mailbox.documents(SWITCH)) >= target, f"{count} signs of life of the Watchdog")


@pytest.fixture
def world(folder: Path, bot: Bot) -> Iterator[World]:
    prometheus_executable, alertmanager_executable = find("Prometheus"), find("Alertmanager")
    assert prometheus_executable is not None
    assert alertmanager_executable is not None
    exporter = Exporter(folder)
    with ExitStack() as running:
        mailbox, receiver_url = running.enter_context(receiving())
        alertmanager = start_alertmanager(
            alertmanager_executable, hastened_alertmanager_file(folder, receiver_url), folder
        )
        running.callback(alertmanager.stop)
        configuration = write_prometheus_files(folder, exporter.url, alertmanager.url, "1s")
        resend = f"--rules.alert.resend-delay={RESEND}"
        prometheus = start_prometheus(prometheus_executable, configuration, folder, resend)
        running.callback(prometheus.stop)
        bot.write()
        running.callback(lambda: exporter.process is None or exporter.process.poll() is not None or exporter.end())
        exporter.start()
        yield World(bot, exporter, prometheus, alertmanager, mailbox)


@pytest.mark.needs_program("prometheus", "prometheus-alertmanager")
def test_drift_is_paged_and_called_off_only_on_fresh_proof(world: World) -> None:
    mailbox, exporter = world.mailbox, world.exporter
    until(lambda: world.value('recon_check_evaluated{check="inventory"}') == 1, "a clean verdict in Prometheus")

    world.bot.write(DRIFTED)
    until(lambda: bool(mailbox.alerts(PAGER)) and bool(mailbox.alerts(CHAT)), "a page about the drift")
    assert (mailbox.alerts(PAGER), mailbox.alerts(CHAT)) == ([FIRING], [FIRING])

    exporter.end(signal.SIGKILL)
    killed_at = now()
    until(lambda: world.value('up{job="recon-exporter"}') == 0, "Prometheus notices that the exporter is gone")
    until(lambda: world.is_told_until(killed_at + EXPIRY), "Prometheus goes on telling of the drift")
    world.wait_for_signs_of_life(3)
    assert world.value("recon_inventory_drift_ratio") is None
    assert (mailbox.alerts(PAGER), mailbox.alerts(CHAT)) == ([FIRING], [FIRING])

    world.bot.write(DRIFTED)
    exporter.start()
    returned_at = now()
    fresh = f'recon_job_last_success_timestamp_seconds{{run="cycle"}} > {returned_at.timestamp()}'
    until(lambda: world.value(fresh) is not None, "a fresh cycle in Prometheus")
    told_after = now()
    until(lambda: world.is_told_until(told_after), "the drift is told of after that cycle")
    world.wait_for_signs_of_life(3)
    assert (mailbox.alerts(PAGER), mailbox.alerts(CHAT)) == ([FIRING], [FIRING])

    world.bot.write()
    until(lambda: len(mailbox.alerts(PAGER)) > 1 and len(mailbox.alerts(CHAT)) > 3, "the all-clear")
    world.wait_for_signs_of_life(5)
    assert mailbox.alerts(PAGER) == [FIRING, ALL_CLEAR]
    assert mailbox.alerts(CHAT)[0] == FIRING
    assert sorted(mailbox.alerts(CHAT)[1:]) == sorted([RESOLVED, MUTED, ALL_CLEAR])
