"""End-of-day runs as JSON documents: the report of a run, the dictionary of PositionReconciler, the dated history."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from recon_exporter.domain.breaks import EOD, MISSING, Break, Halt
from recon_exporter.domain.eod_report import EodReport

Document = Mapping[str, Any]


def reconciliation(reports: Iterable[EodReport]) -> dict[str, Any]:
    """What ``PositionReconciler.reconcile()`` returns: the counting discrepancies of verified runs, and how many."""
    found = [discrepancy_document(one) for report in reports for one in report.breaks if one.counts(report.finished_at)]
    return {"discrepancies": found, "break_count": len(found)}


def discrepancy_document(one: Break) -> dict[str, Any]:
    """One standing break as the runbook's snippets read it, and more."""
    difference = one.discrepancy
    return {
        "type": difference.type.value,
        "symbol": difference.symbol,
        "detail": difference.detail,
        "bot": difference.bot,
        "leg": difference.leg,
        "ledger_quantity": difference.ledger_quantity,
        "venue_quantity": difference.venue_quantity,
        "ledger_price": difference.ledger_price,
        "venue_price": difference.venue_price,
        "difference": difference.difference,
        "exposure": difference.exposure,
        "severity": difference.severity.value,
        "auto_halt": difference.auto_halt,
        "first_seen": one.first_seen,
        "id": one.identifier,
        "state": one.state.value,
    }


def break_document(one: Break) -> Document:
    """A break with its whole life; one that cycles found says by which check, and what it concerns."""
    found = one.discrepancy
    return {
        **discrepancy_document(one),
        **({} if found.check == EOD else {"check": found.check, "item": found.item or None}),
        "last_seen": one.last_seen,
        "times_seen": one.times_seen,
        "recurrences": one.recurrences,
        "confirmed_at": one.confirmed_at,
        "acknowledged_by": one.acknowledged_by,
        "acknowledged_at": one.acknowledged_at,
        "for_review": one.for_review,
        "accepted_by": one.accepted_by,
        "accepted_until": one.accepted_until,
        "resolved_at": one.resolved_at,
        "resolution": one.resolution,
    }


def halt_document(halt: Halt) -> Document:
    """A halt as ``.state/halt/<bot>.json`` lists it."""
    return {"bot": halt.bot, "reason": halt.reason, "since": halt.since, "detail": halt.detail, "action": halt.action}


def eod_document(report: EodReport, exporter_version: str) -> Document:
    """The content of ``reports/eod/…``."""
    side = report.unverified
    why = None if side is None else {"side": side.side, "reason": side.why.reason.value, "detail": side.why.detail}
    return {
        "ts_utc": report.finished_at,
        "bot": report.bot,
        "status": "unverified" if why else ("breaks" if report.breaks_remaining() else "clean"),
        "started_at": report.started_at,
        "due_at": report.due_at,
        "is_late": report.is_late,
        "unverified": why,
        "break_count": None if why else report.breaks_remaining(),
        "breaks_standing": report.breaks_remaining(),
        "discrepancies": [discrepancy_document(one) for one in report.breaks if one.counts(report.finished_at)],
        "accepted": [break_document(one) for one in report.breaks if not one.counts(report.finished_at)],
        "opened": list(report.opened),
        "resolved": [break_document(one) for one in report.resolved],
        "halts_raised": [halt_document(halt) for halt in report.halts],
        "exposure_usd": report.exposure,
        "positions_missing": report.missing,
        "positions_compared": report.compared,
        "not_judged": {kind.value: count for kind, count in report.unjudged},
        "canaries_missed": list(report.canaries_missed),
        "ledger": report.sources[0],
        "venue": report.sources[1],
        "tolerated": {"positive": report.tolerated[0], "negative": report.tolerated[1]},
        "exporter_version": exporter_version,
    }


def history_document(breaks: Iterable[Break], at: datetime) -> Document:
    """The content of ``.state/eod_recon_breaks.json``: these breaks, open ones first, each with its dates."""
    ordered = sorted(breaks, key=lambda one: (one.resolved_at is not None, one.first_seen, one.identifier))
    return {"written_at": at, "breaks": [break_document(one) for one in ordered]}


def missing_count(breaks: Iterable[Break], now: datetime) -> int:
    """Counting positions that are on one side only."""
    return sum(one.counts(now) and one.discrepancy.type in MISSING for one in breaks)
