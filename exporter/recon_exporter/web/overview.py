"""What the status page shows, computed from a report: every state as a word, so that colour alone never says it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Context, Decimal

from recon_exporter.domain.breaks import Halt
from recon_exporter.domain.finding import CheckResult, CheckStatus, Detail, Finding, Unverified
from recon_exporter.domain.money import plain
from recon_exporter.domain.report import BotVerdict, Report, Status
from recon_exporter.domain.statement import SourceHealth

LISTED_AT_MOST = 200
SHOWN_DIGITS = Context(prec=10)
UNVERIFIED = "unverified"
"""What stands in the place of a code where the page for a check that could not be made is asked for."""

_GRACE = timedelta(seconds=60)
_ORDER = {Status.CRITICAL: 0, Status.WARNING: 1, Status.UNKNOWN: 2, Status.OK: 3, None: 4}
_WORDS = {
    CheckStatus.OK: ("ok", "ok"),
    CheckStatus.WARNING: ("warning", "warning"),
    CheckStatus.CRITICAL: ("critical", "critical"),
    CheckStatus.UNVERIFIED: ("unknown", "UNKNOWN"),
    CheckStatus.DISABLED: ("off", "off"),
}

RunbookOf = Callable[[str, str], str | None]


@dataclass(frozen=True, slots=True)
class Mark:
    """One state: ``tone`` chooses the colour, ``word`` says it, ``notes`` say more."""

    tone: str
    word: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One bot; ``marks`` and ``sources`` in the order of the overview's, None where the bot has none of that name."""

    bot: str
    status: Mark
    marks: tuple[Mark | None, ...]
    sources: tuple[Mark | None, ...]
    probe: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One finding, or checks of one bot that could not be judged for one reason (``since`` empty)."""

    mark: Mark
    bot: str
    check: str
    code: str
    since: str
    details: tuple[tuple[str, str], ...]
    runbook: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """All of the status page. A stale report proves nothing any more: every mark is then unknown."""

    status: Mark
    at: datetime
    age: str
    is_stale: bool
    expected: int
    checked: int
    canaries_missed: tuple[str, ...]
    blind_fleets: tuple[str, ...]
    halts: tuple[str, ...]
    checks: tuple[str, ...]
    sources: tuple[str, ...]
    rows: tuple[Row, ...]
    findings: tuple[Listed, ...]
    findings_left_out: int
    unverified: tuple[Listed, ...]
    unverified_left_out: int
    unverified_checks: int


def overview(report: Report, now: datetime, interval: timedelta, runbook_of: RunbookOf) -> Overview:
    """The overview of a report as of ``now``; stale once three cycles should have followed it."""
    is_stale = now - report.at > 3 * interval + _GRACE
    checks = tuple(sorted({result.check for bot in report.bots for result in bot.results}))
    sources = tuple(dict.fromkeys(health.source for bot in report.bots for health in bot.health))
    bots = sorted(report.bots, key=lambda bot: (_ORDER[bot.status], bot.bot))
    findings = sorted(report.findings, key=lambda finding: (finding.severity, finding.identity))
    blind = _blind(bots)
    return Overview(
        status=_status(report.status, is_stale=is_stale),
        at=report.at,
        age=age(now - report.at),
        is_stale=is_stale,
        expected=len(report.expected),
        checked=len(report.checked),
        canaries_missed=report.canaries_missed,
        blind_fleets=tuple(f"{blind.fleet} ({blind.reason}: {blind.detail})" for blind in report.blind_fleets),
        halts=tuple(f"{halt.bot}: {halt.told}: {halt.detail}" for halt in _halts(report)),
        checks=checks,
        sources=sources,
        rows=tuple(_row(bot, checks, sources, now, is_stale=is_stale) for bot in bots),
        findings=tuple(_finding(finding, report, now, runbook_of) for finding in findings[:LISTED_AT_MOST]),
        findings_left_out=max(0, len(findings) - LISTED_AT_MOST),
        unverified=tuple(_unverified(*group, runbook_of) for group in [*blind.items()][:LISTED_AT_MOST]),
        unverified_left_out=max(0, len(blind) - LISTED_AT_MOST),
        unverified_checks=sum(map(len, blind.values())),
    )


def _halts(report: Report) -> Iterator[Halt]:
    for bot in report.eod.bots.values() if report.eod is not None else ():
        yield from bot.halts


def age(span: timedelta) -> str:
    """A span in its two largest units, such as ``2 h 5 min``."""
    seconds = int(span.total_seconds())
    if seconds < 0:
        return "in the future"
    for size, unit, smaller_size, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size:
            rest = seconds % size // smaller_size
            return f"{seconds // size} {unit} {rest} {smaller}" if rest else f"{seconds // size} {unit}"
    return f"{seconds} s"


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
        details=tuple((name, _shown(value)) for name, value in finding.details.items()),
        runbook=runbook_of(finding.check, finding.message),
    )


def _blind(bots: Sequence[BotVerdict]) -> Mapping[tuple[str, Unverified], Sequence[str]]:
    """The checks that could not be judged, by bot and reason: one missing source blinds many checks."""
    groups: dict[tuple[str, Unverified], list[str]] = {}
    for bot in bots:
        for result in bot.results:
            if result.enabled and result.unverified is not None:
                groups.setdefault((bot.bot, result.unverified), []).append(result.check)
    return groups


def _unverified(cause: tuple[str, Unverified], checks: Sequence[str], runbook_of: RunbookOf) -> Listed:
    bot, unverified = cause
    return Listed(
        mark=Mark("unknown", "UNKNOWN"),
        bot=bot,
        check=", ".join(checks),
        code=unverified.reason.value,
        since="",
        details=(("", unverified.detail),),
        runbook=runbook_of(checks[0], UNVERIFIED),
    )


def _shown(value: Detail) -> str:
    match value:
        case Decimal():
            return _rounded(value)
        case datetime():
            return value.isoformat(timespec="seconds")
        case str() | None:
            return value or "–"
        case Mapping():
            return ", ".join(f"{name}={_shown(content)}" for name, content in value.items()) or "–"
        case Sequence():
            return ", ".join(_shown(content) for content in value) or "–"
        case _:
            return str(value)


def _rounded(value: Decimal) -> str:
    """A number a person can read: all its digits where they are few."""
    short = SHOWN_DIGITS.plus(value)
    return plain(value) if short == value else f"≈ {plain(short)}"
