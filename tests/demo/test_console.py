"""The console tells each thing that arrives in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from recon_exporter.demo.console import Console
from recon_exporter.demo.incidents import TIMELINE
from support.parts import FixedClock

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def console() -> Console:
    return Console(FixedClock())


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[str]]:
    def printed() -> list[str]:
        return capsys.readouterr().out.splitlines()

    return printed


def alert(status: str, name: str, severity: str) -> dict[str, Any]:
    labels = {"alertname": name, "severity": severity, "bot": "bot4"}
    return {
        "status": status,
        "labels": labels,
        "annotations": {"summary": "bot4: it drifts", "runbook_url": "http://r"},
    }


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (
            alert("firing", "ReconciliationInventoryDrift", "critical"),
            "pager     CRITICAL  ReconciliationInventoryDrift: bot4: it drifts  http://r",
        ),
        (
            alert("resolved", "ReconciliationInventoryDrift", "critical"),
            "pager     no longer reported: ReconciliationInventoryDrift, bot4: it drifts",
        ),
        (alert("firing", "ReconciliationCleared", "info"), "pager     ALL CLEAR  bot4: it drifts"),
    ],
)
def test_a_page_is_one_line(console: Console, lines: Callable[[], list[str]], sent: dict[str, Any], told: str) -> None:
    console.received("/pager", {"alerts": [sent]})

    (line,) = lines()
    assert line.endswith(told)


def test_the_watchdog_is_told_once(console: Console, lines: Callable[[], list[str]]) -> None:
    for _ in range(3):
        console.received("/dead-mans-switch", {"alerts": [alert("firing", "Watchdog", "none")]})

    assert len(lines()) == 1


def test_the_webhook_is_told_by_its_findings(console: Console, lines: Callable[[], list[str]]) -> None:
    findings = [{"bot": "bot4", "message": "inventory_drift_critical"}]
    console.received("/webhook", {"kind": "firing", "status": "critical", "findings": findings})

    (line,) = lines()
    assert line.endswith("webhook   firing: status critical, findings: bot4 inventory_drift_critical")


def test_what_is_broken_is_named_as_the_webhook_names_it(console: Console, lines: Callable[[], list[str]]) -> None:
    details = {"text": "the venue executed buy 0.021 at 68000; the ledger has none of it"}
    findings = [{"bot": "perp-mm", "message": "fill_missing_in_ledger", "details": details}]
    console.received("/webhook", {"kind": "firing", "status": "critical", "findings": findings})

    assert [line.partition("webhook")[2].strip() for line in lines()] == [
        "firing: status critical, findings: perp-mm fill_missing_in_ledger",
        "perp-mm: the venue executed buy 0.021 at 68000; the ledger has none of it",
    ]


def test_an_incident_is_told_when_it_begins_and_when_it_ends(console: Console, lines: Callable[[], list[str]]) -> None:
    console.incident(TIMELINE[0], begins=True)
    console.incident(TIMELINE[0], begins=False)

    begun, ended = lines()
    assert TIMELINE[0].beginning in begun
    assert TIMELINE[0].ending in ended


def test_an_alert_without_labels_does_no_harm(console: Console, lines: Callable[[], list[str]]) -> None:
    console.received("/chat", {"alerts": [{}]})

    assert len(lines()) == 1
