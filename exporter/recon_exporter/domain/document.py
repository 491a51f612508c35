"""The report as a JSON document, and JSON text in which a Decimal keeps its exact digits.

The keys of the original report keep their names and their order; what is new stands beside them.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import Any

from recon_exporter.domain.finding import CheckResult, Finding, Severity
from recon_exporter.domain.money import plain
from recon_exporter.domain.report import BotVerdict, Report
from recon_exporter.domain.statement import MinuteRow

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
    results = sorted((result for bot in report.bots for result in bot.results), key=_place)
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


def _place(result: CheckResult) -> tuple[str, str]:
    return (result.bot, result.check)


def _judged(report: Report) -> Iterable[BotVerdict]:
    return (bot for bot in report.bots if bot.status is not None)


def _check_document(result: CheckResult) -> Document:
    told = result.unverified if result.enabled else None
    return {
        "bot": result.bot,
        "check": result.check,
        "status": result.status.value,
        "reason": told.reason.value if told else None,
        "detail": told.detail if told else None,
    }


def _bot_documents(report: Report) -> list[Document]:
    reasons = {expected.bot: list(expected.reasons) for expected in report.expected}
    return [
        {
            "bot": bot.bot,
            "status": bot.status.value if bot.status else "disabled",
            "expected_because": reasons.get(bot.bot, []),
            "probe_status": bot.probe_status,
            "thresholds": _thresholds(bot),
        }
        for bot in report.bots
    ]


def _thresholds(bot: BotVerdict) -> Document:
    policy = bot.policy
    switches = {key: {"value": switch.on, "origin": switch.origin.value} for key, switch in policy.switches.items()}
    return switches | {
        key: {"value": limit.value, "origin": limit.origin.value} for key, limit in policy.limits.items()
    }


def _accounting_snapshot(bot: str, row: MinuteRow) -> Document:
    def number(*columns: str) -> Decimal | None:
        found = (row.numbers.get(column) for column in columns)
        return next((value for value in found if isinstance(value, Decimal)), None)

    return {
        "bot": bot,
        "exchange": row.connector,
        "trading_pair": row.trading_pair,
        "mid": number("mid"),
        "equity_quote": number("equity_quote"),
        "base_balance": number("base_balance"),
        "quote_balance": number("quote_balance"),
        "fees_paid_today_quote": number("fees_paid_today_quote"),
        # The original reads the first name, a column that bots never wrote; they write the second.
        "funding_paid_today_quote": number("funding_paid_today_quote", "funding_cost_today_quote"),
        "daily_loss_pct": number("daily_loss_pct"),
        "drawdown_pct": number("drawdown_pct"),
        "fee_source": row.fee_source,
        "net_realized_pnl_today_quote": number("net_realized_pnl_today_quote"),
        "ts_utc": row.at,
    }


def to_json(value: object, indent: int = 2) -> str:
    """Text laid out as ``json.dumps(value, indent=indent)`` lays it out, Decimals as numbers with all their digits.

    Times are written as ISO-8601 with +00:00 and microseconds. Raises ValueError for a number that is not finite
    and for a time without zone, TypeError for a type that JSON does not know.
    """
    return _text(value, "\n", " " * indent)


def time_text(at: datetime) -> str:
    """ISO-8601 with +00:00 and microseconds."""
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _text(value: object, newline: str, step: str) -> str:
    write = _SCALARS.get(type(value))
    if write is not None:
        return write(value)
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if isinstance(value, Mapping):
        return _mapping(value, newline, step)
    if isinstance(value, Sequence):
        return _sequence(value, newline, step)
    raise TypeError(f"{value!r} of type {type(value).__name__} has no place in JSON")


def _mapping(value: Mapping[str, object], newline: str, step: str) -> str:
    if not value:
        return "{}"
    inner = newline + step
    items = [f"{encode_basestring_ascii(key)}: {_text(item, inner, step)}" for key, item in value.items()]
    return f"{{{inner}{f',{inner}'.join(items)}{newline}}}"


def _sequence(value: Sequence[object], newline: str, step: str) -> str:
    if not value:
        return "[]"
    inner = newline + step
    items = [_text(item, inner, step) for item in value]
    return f"[{inner}{f',{inner}'.join(items)}{newline}]"


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} is not a finite number")
    return plain(value)


def _float(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number")
    return repr(value)


_SCALARS: Mapping[type, Callable[[Any], str]] = {
    str: encode_basestring_ascii,
    int: str,
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "null",
    Decimal: _decimal,
    float: _float,
    datetime: lambda value: f'"{time_text(value)}"',
}
