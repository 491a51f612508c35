"""Freshness: is the bot still writing, and does nothing come from the future?"""

from dataclasses import replace
from datetime import datetime, timedelta

from recon_exporter.checks._canary import in_files
from recon_exporter.checks._inputs import SECOND, is_stale, row_ahead, snapshot_in_future
from recon_exporter.domain.check import Check, Evidence
from recon_exporter.domain.file_canary import FileCanary
from recon_exporter.domain.finding import CheckResult, Detail, Finding, Reason, Severity, Unverified
from recon_exporter.domain.statement import Book, Unavailable

NAME = "freshness"


def judge(evidence: Evidence) -> CheckResult:
    """The age of the newest row, and times ahead of the clock in the ledger and in the exchange snapshot."""
    book = evidence.book
    if isinstance(book, Unavailable):
        return CheckResult(NAME, evidence.bot, unverified=book.unverified())
    findings = (*_stale(evidence, book), *_in_future(evidence, book))
    unverified = None
    if book.newest is None:
        unverified = Unverified(Reason.INPUT_MISSING, "no row that is not in the future tells how old the ledger is")
    return CheckResult(NAME, evidence.bot, findings, unverified)


def _stale(evidence: Evidence, book: Book) -> tuple[Finding, ...]:
    row = book.newest
    if row is None or not is_stale(evidence, book, row):
        return ()
    details: dict[str, Detail] = {
        "newest_at": row.at,
        "age_seconds": (evidence.now - row.at) // SECOND,
        "cadence_seconds": book.cadence // SECOND,
        "minute_rows": evidence.policy.freshness.minute_rows,
    }
    return (Finding(Severity.WARNING, NAME, "ledger_stale", evidence.bot, details),)


def _in_future(evidence: Evidence, book: Book) -> tuple[Finding, ...]:
    details: dict[str, Detail] = {}
    ahead = row_ahead(evidence, book)
    if ahead is not None:
        details["minute_at"] = ahead
    snapshot = snapshot_in_future(evidence) if evidence.policy.exchange_source else None
    if snapshot is not None:
        details["exchange_snapshot"] = snapshot
    if not details:
        return ()
    details["future_skew_seconds"] = evidence.policy.freshness.future_skew // SECOND
    return (Finding(Severity.WARNING, NAME, "timestamp_in_future", evidence.bot, details),)


def canary(now: datetime) -> FileCanary:
    """A bot whose newest row is a day old."""
    rows = in_files(now - timedelta(days=1), "", {}).rows
    return replace(in_files(now, "ledger_stale", {"age_seconds": timedelta(days=1) // SECOND}), rows=rows)


CHECK = Check(NAME, "age of the ledger's rows, times in the future", judge, canary)
