"""The report as a JSON document.

The keys of the original report keep their names and their order; what is new stands beside them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any

from recon_exporter.domain.finding import CheckResult, CheckStatus, Finding, Severity
from recon_exporter.domain.json_text import Lasting, time_text, to_json
from recon_exporter.domain.policy import BotPolicy
from recon_exporter.domain.report import BotVerdict, Report, Status
from recon_exporter.domain.statement import MinuteRow

__all__ = [
    "Document",
    "DocumentContext",
    "finding_documents",
    "report_document",
    "time_text",
    "to_json",
    "unverified_documents",
]

SCHEMA_VERSION = 1

Document = Mapping[str, Any]
"""Text, numbers, Decimal, datetime, None, and sequences and mappings of these."""


@dataclass(frozen=True, slots=True)
class DocumentContext:
    """What the document says beside the report: where its inputs are configured, and who wrote it."""

    exchange_source_enabled: bool
    exchange_snapshot_path: str
    thresholds_path: str
    exporter_version: str


def report_document(report: Report, context: DocumentContext) -> Document:
    """The content of latest.json and of the stamped reports."""
    findings = report.findings
    results = sorted((result for bot in report.bots for result in bot.results), key=attrgetter("bot", "check"))
    return {
        "ts_utc": report.at,
        "checked_bots": len(report.checked),
        "status": report.status.value,
        "critical_count": report.count(Severity.CRITICAL),
        "warning_count": report.count(Severity.WARNING),
        "exchange_source_enabled": context.exchange_source_enabled,
        "exchange_snapshot_path": context.exchange_snapshot_path,
        "thresholds_path": context.thresholds_path,
        "accounting_snapshots": [_accounting_snapshot(bot.bot, bot.newest) for bot in _judged(report) if bot.newest],
        "findings": finding_documents(report, findings),
        "unverified_count": sum(result.enabled and result.unverified is not None for result in results),
        "checks": [_check_document(result) for result in results],
        "expected_bots": len(report.expected),
        "expected_bot_names": [expected.bot for expected in report.expected],
        "checked_bot_names": list(report.checked),
        "bots": _bot_documents(report),
        "canaries_missed": list(report.canaries_missed),
        "blind_fleets": blind_fleet_documents(report),
        "synthetic": report.synthetic,
        "schema_version": SCHEMA_VERSION,
        "exporter_version": context.exporter_version,
        "duration_seconds": report.duration_seconds,
    }


def finding_documents(report: Report, findings: Iterable[Finding]) -> list[Document]:
    """Findings with the time at which each was first seen; None where it is not known."""
    return [
        {
            "severity": finding.severity.value,
            "check": finding.check,
            "message": finding.message,
            "bot": finding.bot,
            "details": finding.details,
            "first_seen": report.first_seen.get(finding.identity),
        }
        for finding in findings
    ]


def blind_fleet_documents(report: Report) -> list[Document]:
    """Every fleet in which no bot was found."""
    return [
        {"fleet": blind.fleet, "reason": blind.reason.value, "detail": blind.detail} for blind in report.blind_fleets
    ]


def unverified_documents(report: Report) -> list[Document]:
    """Every enabled check that could not be evaluated, with its reason."""
    return [
        {
            "bot": result.bot,
            "check": result.check,
            "reason": result.unverified.reason.value,
            "detail": result.unverified.detail,
        }
        for bot in report.bots
        for result in bot.results
        if result.enabled and result.unverified is not None
    ]


def _judged(report: Report) -> Iterable[BotVerdict]:
    return (bot for bot in report.bots if bot.status is not None)


def _check_document(result: CheckResult) -> Document:
    told = result.unverified if result.enabled else None
    if told is None:
        return _told_check(result.bot, result.check, result.status)
    return {
        "bot": result.bot,
        "check": result.check,
        "status": result.status.value,
        "reason": told.reason.value,
        "detail": told.detail,
    }


@lru_cache(maxsize=1 << 16)
def _told_check(bot: str, check: str, status: CheckStatus) -> Document:
    """Most checks say from cycle to cycle the same."""
    return Lasting({"bot": bot, "check": check, "status": status.value, "reason": None, "detail": None})


def _bot_documents(report: Report) -> list[Document]:
    reasons = {expected.bot: expected.reasons for expected in report.expected}
    return [
        _bot_document(bot.bot, bot.status, reasons.get(bot.bot, ()), bot.probe_status, bot.policy)
        for bot in report.bots
    ]


@lru_cache(maxsize=1 << 14)
def _bot_document(
    bot: str, status: Status | None, reasons: tuple[str, ...], probe_status: str | None, policy: BotPolicy
) -> Document:
    """Most bots say from cycle to cycle the same."""
    switches = {key: {"value": switch.on, "origin": switch.origin.value} for key, switch in policy.switches.items()}
    limits = {key: {"value": limit.value, "origin": limit.origin.value} for key, limit in policy.limits.items()}
    return Lasting(
        {
            "bot": bot,
            "status": status.value if status else "disabled",
            "expected_because": reasons,
            "probe_status": probe_status,
            "thresholds": switches | limits,
        }
    )


def _accounting_snapshot(bot: str, row: MinuteRow) -> Document:
    funding = _number(row, "funding_paid_today_quote")
    if funding is None:  # the original reads the first name, a column that bots never wrote; they write the second
        funding = _number(row, "funding_cost_today_quote")
    return {
        "bot": bot,
        "exchange": row.connector,
        "trading_pair": row.trading_pair,
        "mid": _number(row, "mid"),
        "equity_quote": _number(row, "equity_quote"),
        "base_balance": _number(row, "base_balance"),
        "quote_balance": _number(row, "quote_balance"),
        "fees_paid_today_quote": _number(row, "fees_paid_today_quote"),
        "funding_paid_today_quote": funding,
        "daily_loss_pct": _number(row, "daily_loss_pct"),
        "drawdown_pct": _number(row, "drawdown_pct"),
        "fee_source": row.fee_source,
        "net_realized_pnl_today_quote": _number(row, "net_realized_pnl_today_quote"),
        "ts_utc": row.at,
    }


def _number(row: MinuteRow, column: str) -> Decimal | None:
    value = row.numbers.get(column)
    return value if isinstance(value, Decimal) else None
