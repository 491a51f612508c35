"""When a report is kept under a name of its own, and that name."""

from datetime import UTC, datetime, timedelta

from recon_exporter.domain.document import unverified_documents
from recon_exporter.domain.fingerprint import fingerprint
from recon_exporter.domain.memory import Memory
from recon_exporter.domain.report import Report

STAMP_INTERVAL = timedelta(minutes=5)
LATEST = "latest"
"""The name of the entry that replaces latest.json."""


def report_fingerprint(report: Report) -> str:
    """Changes with every status and finding, not with amounts."""
    facts: list[tuple[str, ...]] = [("report", report.status)]
    facts += [("bot", bot.bot, bot.status or "") for bot in report.bots]
    facts += [("check", result.bot, result.check, result.status) for bot in report.bots for result in bot.results]
    facts += [("unverified", item["bot"], item["check"], item["reason"]) for item in unverified_documents(report)]
    facts += [("finding", *finding.identity) for finding in report.findings]
    return fingerprint(facts)


def is_stamp_due(report: Report, memory: Memory) -> bool:
    """Whether a status or finding changed since the latest stamped report, or that is five minutes old."""
    if memory.stamped_at is None or memory.stamped_fingerprint != report_fingerprint(report):
        return True
    # A clock that was set back must not stop the reports.
    return not timedelta(0) <= report.at - memory.stamped_at < STAMP_INTERVAL


def stamp_name(at: datetime) -> str:
    """The name of an entry of the outbox for a stamped report; exact to the microsecond, so that no two share it."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
