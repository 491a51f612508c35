"""When the webhook is told, and what: once for each change, again after a while, and *resolved* only on fresh proof."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from recon_exporter.domain.document import Document, blind_fleet_documents, finding_documents, unverified_documents
from recon_exporter.domain.finding import CheckResult, CheckStatus, Severity
from recon_exporter.domain.fingerprint import fingerprint
from recon_exporter.domain.memory import Notice, NoticeKind
from recon_exporter.domain.report import Report

_Place = tuple[str, str]


def decide_notice(report: Report, previous: Notice | None, min_severity: Severity, repeat: timedelta) -> Notice | None:
    """What the webhook is to be told of this report, None for nothing.

    Findings below ``min_severity`` neither start nor change a notice; an unverified check ranks as a warning.
    ``previous`` is the latest notice decided, whether it has arrived or not: its arrival is the outbox's concern.
    """
    counted = _counted(report, min_severity)
    standing = previous if previous is not None and previous.kind is not NoticeKind.RESOLVED else None
    waiting = _not_clean(report, standing.involved) if standing else frozenset()
    if counted:
        involved = waiting | {(item[0], item[1]) for item in counted}
        kind = _kind(standing, fingerprint(counted), report.at, repeat)
        return Notice(kind, report.at, fingerprint(counted), involved) if kind else None
    if standing and not waiting:
        return Notice(NoticeKind.RESOLVED, report.at, standing.fingerprint, standing.involved)
    return None


def notice_payload(report: Report, notice: Notice, external_url: str) -> Document:
    """The body of the POST: the original's six keys, and what else a receiver needs to act on it.

    ``taken_out`` names what was in the notice and is no longer looked at because a person switched it off.
    """
    results = _results(report)
    off = [(bot, check) for bot, check in sorted(notice.involved) if _is_taken_out(results.get((bot, check)))]
    return {
        "source": "reconciliation_service",
        "status": report.status.value,
        "critical_count": report.count(Severity.CRITICAL),
        "warning_count": report.count(Severity.WARNING),
        "ts_utc": report.at,
        "findings": finding_documents(report, report.findings),
        "kind": notice.kind.value,
        "fingerprint": notice.fingerprint,
        "synthetic": report.synthetic,
        "unverified": unverified_documents(report),
        "blind_fleets": blind_fleet_documents(report),
        "involved": [{"bot": bot, "check": check} for bot, check in sorted(notice.involved)],
        "taken_out": [{"bot": bot, "check": check} for bot, check in off],
        "external_url": external_url,
    }


def _counted(report: Report, min_severity: Severity) -> frozenset[tuple[str, ...]]:
    """What reaches the threshold, without amounts; each begins with bot and check."""
    severities = {Severity.CRITICAL, min_severity}
    found: set[tuple[str, ...]] = {item.identity for item in report.findings if item.severity in severities}
    if min_severity is Severity.WARNING:
        found |= {(item["bot"], item["check"], "unverified", item["reason"]) for item in unverified_documents(report)}
        found |= {(blind.fleet, "coverage", "unverified", blind.reason) for blind in report.blind_fleets}
    return frozenset(found)


def _kind(standing: Notice | None, current: str, at: datetime, repeat: timedelta) -> NoticeKind | None:
    if standing is None or standing.fingerprint != current:
        return NoticeKind.FIRING
    # A clock that was set back must not silence the repetition.
    is_recent = timedelta(0) <= at - standing.at < repeat
    return None if is_recent else NoticeKind.REPEAT


def _results(report: Report) -> Mapping[_Place, CheckResult]:
    return {(result.bot, result.check): result for bot in report.bots for result in bot.results}


def _not_clean(report: Report, involved: Iterable[_Place]) -> frozenset[_Place]:
    """Those of ``involved`` that have neither been evaluated clean nor been taken out by a person."""
    results = _results(report)
    return frozenset(place for place in involved if not _is_over(results.get(place)))


def _is_over(result: CheckResult | None) -> bool:
    return _is_taken_out(result) or (result is not None and result.status is CheckStatus.OK)


def _is_taken_out(result: CheckResult | None) -> bool:
    """Switched off without findings; a bot without verdict was forgotten, for every expected bot has one."""
    return result is None or (result.status is CheckStatus.DISABLED and not result.findings)
