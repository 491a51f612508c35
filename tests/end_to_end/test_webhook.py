"""The webhook of the runbook, from the real command to a real HTTP receiver."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from end_to_end.world import CONFIGURATION, Mailbox, command, receiving, serving, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from end_to_end.world import Bot

DRIFTED = "0.98"
HOOK = "/alert"


@pytest.fixture
def mailbox(folder: Path) -> Iterator[Mailbox]:
    with receiving() as (mailbox, url):
        webhook = f"webhook: {{url: {url}{HOOK}, min_severity: critical}}\n"
        (folder / "config" / "recon.yml").write_text(CONFIGURATION + webhook)
        yield mailbox


def kinds(mailbox: Mailbox) -> list[str]:
    return [document["kind"] for document in mailbox.documents(HOOK)]


def test_synthetic_drift_is_sent_marked_and_leaves_the_real_reports_alone(
    folder: Path, bot: Bot, mailbox: Mailbox
) -> None:
    bot.write()

    result = command(folder, "once", "--synthetic-drift", "--send", "--json")

    assert result.returncode == 1, result.stderr
    report = json.loads(result.stdout)
    assert (report["synthetic"], report["status"]) == (True, "critical")
    (sent,) = mailbox.documents(HOOK)
    assert sent["synthetic"] is True
    assert "synthetic_reconciliation_drift_triggered" in {finding["message"] for finding in sent["findings"]}
    reports = folder / "reports" / "reconciliation"
    assert json.loads((reports / "synthetic" / "last_webhook_test.json").read_text())["status"] == "critical"
    assert json.loads((reports / "synthetic" / "latest.json").read_text()) == report
    assert [path.name for path in reports.iterdir()] == ["synthetic"]


def test_synthetic_drift_without_send_reaches_nobody(folder: Path, bot: Bot, mailbox: Mailbox) -> None:
    bot.write()

    assert command(folder, "once", "--synthetic-drift").returncode == 1
    assert mailbox.items == []


def test_a_change_is_told_once_also_over_a_restart_and_resolved_on_fresh_proof(
    folder: Path, bot: Bot, mailbox: Mailbox
) -> None:
    marker = folder / "reports" / "reconciliation" / "last_webhook_sent.json"
    bot.write()
    with serving(folder) as exporter:
        exporter.wait_for_cycles(1)
        assert (kinds(mailbox), marker.exists()) == ([], False)
        bot.write(DRIFTED)
        until(marker.exists, "the webhook was told")
        exporter.wait_for_cycles(2)
        assert kinds(mailbox) == ["firing"]
        exporter.end(signal.SIGKILL)

        bot.write(DRIFTED)
        exporter.start()
        exporter.wait_for_cycles(2)
        assert kinds(mailbox) == ["firing"]
        assert json.loads(marker.read_text())["status"] == "critical"

        bot.write()
        until(lambda: len(kinds(mailbox)) > 1, "the webhook is told that it is over")
        exporter.wait_for_cycles(2)
        assert kinds(mailbox) == ["firing", "resolved"]


def test_no_marker_without_an_answer(folder: Path, bot: Bot) -> None:
    with receiving() as (_, url):
        gone = url
    (folder / "config" / "recon.yml").write_text(f"{CONFIGURATION}webhook: {{url: {gone}{HOOK}}}\n")
    bot.write(DRIFTED)

    with serving(folder) as exporter:
        failures = 'recon_delivery_failures_total{sink="webhook"}'
        until(lambda: (exporter.sample(failures) or 0) > 0, "a failed delivery")

    assert not (folder / "reports" / "reconciliation" / "last_webhook_sent.json").exists()
