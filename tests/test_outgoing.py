"""What is told about a report, and when."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from recon_exporter.domain.document import DocumentContext
from recon_exporter.domain.finding import Severity
from recon_exporter.domain.memory import Memory
from recon_exporter.outgoing import Telling, WebhookTerms
from support.reports import broken_report, healthy_report

if TYPE_CHECKING:
    from recon_exporter.domain.report import Report
    from recon_exporter.ports import Outgoing

CONTEXT = DocumentContext(
    exchange_source_enabled=True, exchange_snapshot_path="s.json", thresholds_path="t.json", exporter_version="0"
)


def telling(*, severity: Severity | None = Severity.CRITICAL, always_stamp: bool = False) -> Telling:
    terms = None if severity is None else WebhookTerms(severity, timedelta(hours=4))
    return Telling(CONTEXT, "http://127.0.0.1:9811", terms, always_stamp)


def told(report: Report, memory: Memory, rules: Telling) -> tuple[Memory, list[Outgoing], list[Outgoing]]:
    """The memory, the entries for files, the entries for the webhook."""
    after, entries = rules(report, memory)
    files = [entry for entry in entries if entry.sink == "report_file"]
    return after, files, [entry for entry in entries if entry.sink == "webhook"]


def test_first_report_is_latest_and_stamped_and_a_clean_one_tells_nobody() -> None:
    memory, files, webhook = told(healthy_report(), Memory(), telling())

    assert [entry.name == "latest" for entry in files] == [True, False]
    assert webhook == []
    assert memory.stamped_at == healthy_report().at


def test_unchanged_report_is_stamped_again_only_after_five_minutes_or_by_once() -> None:
    report = healthy_report()
    memory, _, _ = told(report, Memory(), telling())
    soon = replace(report, at=report.at + timedelta(minutes=1))
    later = replace(report, at=report.at + timedelta(minutes=5))

    assert len(told(soon, memory, telling())[1]) == 1
    assert len(told(later, memory, telling())[1]) == 2
    assert len(told(soon, memory, telling(always_stamp=True))[1]) == 2


def test_critical_report_tells_the_webhook_once() -> None:
    memory, _, first = told(broken_report(), Memory(), telling())
    _, _, second = told(broken_report(), memory, telling())

    payload = json.loads(first[0].body)
    assert payload["source"] == "reconciliation_service"
    assert payload["external_url"] == "http://127.0.0.1:9811"
    assert payload["critical_count"] >= 1
    assert second == []


def test_without_webhook_nothing_is_remembered_as_told() -> None:
    memory, _, webhook = told(broken_report(), Memory(), telling(severity=None))

    assert webhook == []
    assert memory.notice is None
