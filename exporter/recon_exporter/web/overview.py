"""What the status page shows, computed from a report: every state as a word, so that colour alone never says it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from recon_exporter.domain.breaks import Halt
from recon_exporter.domain.finding import CheckResult, CheckStatus, Finding
from recon_exporter.domain.report import BotVerdict, Report, Status
from recon_exporter.domain.statement import SourceHealth
from recon_exporter.web.break_list import told_breaks
from recon_exporter.web.marks import LISTED_AT_MOST, Blindness, Listed, Mark, RunbookOf, age, blindness, is_stale, shown

_ORDER = {Status.CRITICAL: 0, Status.WARNING: 1, Status.UNKNOWN: 2, Status.OK: 3, None: 4}
_WORDS = {
    CheckStatus.OK: ("ok", "ok"),
    CheckStatus.WARNING: ("warning", "warning"),
    CheckStatus.CRITICAL: ("critical", "critical"),
    CheckStatus.UNVERIFIED: ("unknown", "UNKNOWN"),
    CheckStatus.DISABLED: ("off", "off"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One bot; ``marks`` and ``sources`` in the order of the overview's, None where the bot has none of that name."""

    bot: str
    status: Mark
    marks: tuple[Mark | None, ...]
    sources: tuple[Mark | None, ...]
    probe: str


@dataclass(frozen=True, slots=True)
class Overview:
    """All of the status page. A stale report proves nothing any more: every mark is then unknown."""

    status: Mark
    at: datetime
    age: str
    is_stale: bool
    expected: int
    checked: int
    breaks: str
    canaries_missed: tuple[str, ...]
    blind_fleets: tuple[str, ...]
    halts: tuple[str, ...]
    checks: tuple[str, ...]
    sources: tuple[str, ...]
    rows: tuple[Row, ...]
    findings: tuple[Listed, ...]
    findings_left_out: int
    blindness: Blindness


def overview(report: Report, now: datetime, interval: timedelta, runbook_of: RunbookOf) -> Overview:
    """The overview of a report as of ``now``; stale once three cycles should have followed it."""
    stale = is_stale(report, now, interval)
    checks = tuple(sorted({result.check for bot in report.bots for result in bot.results}))
    sources = tuple(dict.fromkeys(health.source for bot in report.bots for health in bot.health))
    bots = sorted(report.bots, key=lambda bot: (_ORDER[bot.status], bot.bot))
    findings = sorted(report.findings, key=lambda finding: (finding.severity, finding.identity))
    return Overview(
        status=_status(report.status, is_stale=stale),
        at=report.at,
        age=age(now - report.at),
        is_stale=stale,
        expected=len(report.expected),
        checked=len(report.checked),
        breaks=told_breaks(report, now, interval),
        canaries_missed=report.canaries_missed,
        blind_fleets=tuple(f"{blind.fleet} ({blind.reason}: {blind.detail})" for blind in report.blind_fleets),
        halts=tuple(f"{halt.bot}: {halt.told}: {halt.detail}" for halt in _halts(report)),
        checks=checks,
        sources=sources,
        rows=tuple(_row(bot, checks, sources, now, is_stale=stale) for bot in bots),
        findings=tuple(_finding(finding, report, now, runbook_of) for finding in findings[:LISTED_AT_MOST]),
        findings_left_out=max(0, len(findings) - LISTED_AT_MOST),
        blindness=blindness(bots, runbook_of),
    )


def _halts(report: Report) -> Iterator[Halt]:
    for bot in report.eod.bots.values() if report.eod is not None else ():
        yield from bot.halts


def _status(status: Status | None, *, is_stale: bool) -> Mark:
    if status is None:
        return Mark("off", "taken out")
    if is_stale:
        return Mark("unknown", "UNKNOWN", (f"was {status.value}",))
    return Mark(status.value, "UNKNOWN" if status is Status.UNKNOWN else status.value)


def _row(bot: BotVerdict, checks: Sequence[str], sources: Sequence[str], now: datetime, *, is_stale: bool) -> Row:
    results = {result.check: result for result in bot.results}
    told = {health.source: _source_mark(health, now, is_stale=is_stale) for health in bot.health}
    return Row(
        bot=bot.bot,
        status=_status(bot.status, is_stale=is_stale),
        marks=tuple(_mark(results[check], is_stale=is_stale) if check in results else None for check in checks),
        sources=tuple(told.get(source) for source in sources),
        probe=bot.probe_status or "",
    )


def _source_mark(health: SourceHealth, now: datetime, *, is_stale: bool) -> Mark:
    told = "no data" if health.at is None else age(now - health.at)
    if health.is_up and not is_stale:
        return Mark("ok", told)
    return Mark("unknown", told, () if health.at is None else ("not usable",))


def _mark(result: CheckResult, *, is_stale: bool) -> Mark:
    tone, word = _WORDS[result.status]
    if is_stale and result.enabled:
        return Mark("unknown", "UNKNOWN", (f"was {word}",))
    codes = dict.fromkeys(finding.message for finding in result.findings)
    reason = (result.unverified.reason.value,) if result.enabled and result.unverified is not None else ()
    return Mark(tone, word, (*reason, *codes))


def _finding(finding: Finding, report: Report, now: datetime, runbook_of: RunbookOf) -> Listed:
    first_seen = report.first_seen.get(finding.identity, report.at)
    return Listed(
        mark=Mark(finding.severity.value, finding.severity.value),
        bot=finding.bot,
        check=finding.check,
        code=finding.message,
        since=age(now - first_seen),
        details=tuple((name, shown(value)) for name, value in finding.details.items()),
        runbook=runbook_of(finding.check, finding.message),
    )
