"""Whether promotion may go on: only where the latest report is fresh and says of everything that it is in order."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from recon_exporter.domain.breaks import Break, Halt
from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.words import one_line

FUTURE_SKEW = timedelta(minutes=2)

Said = Mapping[str, Any]


def report_refusals(report: object, now: datetime, max_age: timedelta) -> tuple[str, ...]:
    """Why the report, as read back from JSON, does not allow promotion; empty where it does.

    What the report does not say counts against it.
    """
    if not isinstance(report, Mapping):
        return ("it is not a JSON object",)
    if report.get("synthetic") is not False:
        return ("it is not marked as a real report (synthetic is not false)",)
    return (*_age(report.get("ts_utc"), now, max_age), *_findings(report), *_blind_spots(report))


def eod_refusals(
    breaks: Iterable[Break], halts: Iterable[Halt], unverified: Mapping[str, UnverifiedSide | None], now: datetime
) -> tuple[str, ...]:
    """Why what end-of-day runs left does not allow promotion; ``unverified`` is that of each bot's latest run."""
    counting = Counter(one.discrepancy.bot for one in breaks if one.counts(now))
    told = [f"{one_line(halt.bot)}: a halt is active ({one_line(halt.reason)})" for halt in halts]
    told += [f"{one_line(bot)}: {count} breaks are open and not accepted" for bot, count in sorted(counting.items())]
    blind = {bot: side.why.reason for bot, side in sorted(unverified.items()) if side is not None}
    return (*told, *(f"{one_line(bot)}: unverified: {reason}" for bot, reason in blind.items()))


def _age(written: object, now: datetime, max_age: timedelta) -> tuple[str, ...]:
    try:
        at = datetime.fromisoformat(str(written))
    except ValueError:
        return (f"ts_utc {written!r} is no time",)
    if at.tzinfo is None:
        return (f"ts_utc {written!r} has no time zone",)
    age = now - at.astimezone(UTC)
    if age < -FUTURE_SKEW:
        return (f"ts_utc {written} lies in the future",)
    return (f"it is {_seconds(age)} old, allowed are {_seconds(max_age)}",) if age > max_age else ()


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.0f} s"


def _findings(report: Said) -> tuple[str, ...]:
    findings = report.get("findings")
    if not isinstance(findings, list):
        return ("it has no list of findings",)
    critical = [item for item in findings if not isinstance(item, Mapping) or item.get("severity") != "warning"]
    told = tuple(f"critical finding: {_named(item, 'bot', 'check', 'message')}" for item in critical)
    if not told and (report.get("critical_count") != 0 or report.get("status") == "critical"):
        return (f"status {report.get('status')!r} with critical_count {report.get('critical_count')!r}",)
    return told


def _blind_spots(report: Said) -> tuple[str, ...]:
    checks = report.get("checks")
    if not isinstance(checks, list) or not checks:
        return ("it does not say which checks were made",)
    blind = [item for item in checks if not isinstance(item, Mapping) or item.get("status") not in _EVALUATED]
    told = tuple(f"unverified: {_named(item, 'bot', 'check', 'reason')}" for item in blind)
    told += tuple(f"canary missed: {one_line(str(check))}" for check in report.get("canaries_missed") or ())
    told += tuple(f"no bot found: {_named(fleet, 'fleet', 'reason')}" for fleet in report.get("blind_fleets") or ())
    if not told and (report.get("unverified_count") != 0 or report.get("status") not in _KNOWN):
        return (f"status {report.get('status')!r} with unverified_count {report.get('unverified_count')!r}",)
    return told


def _named(item: object, *keys: str) -> str:
    if not isinstance(item, Mapping):
        return repr(item)
    return " ".join(one_line(str(item.get(key))) for key in keys)


_EVALUATED = {"ok", "warning", "critical", "disabled"}
_KNOWN = {"ok", "warning", "critical"}
