"""What the page of all runs shows of the latest cycle and of the end-of-day runs of each bot."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from recon_exporter.domain.eod_view import NAME as EOD
from recon_exporter.domain.eod_view import BotEod
from recon_exporter.domain.finding import CheckStatus
from recon_exporter.domain.report import Report, Status
from recon_exporter.web.marks import LISTED_AT_MOST, Mark, age, is_stale


@dataclass(frozen=True, slots=True)
class EodRow:
    """The end-of-day runs of one bot. ``outcome`` is UNKNOWN where the latest due run is missing or unverified."""

    bot: str
    outcome: Mark
    remaining: str
    due_at: datetime | None
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class RunList:
    """The latest cycle, and end-of-day runs by bot."""

    at: datetime
    age: str
    is_stale: bool
    status: Mark
    duration: str
    checked: int
    findings: int
    eod: tuple[EodRow, ...]
    eod_left_out: int


def run_list(report: Report, now: datetime, interval: timedelta) -> RunList:
    """The page as of ``now``."""
    stale = is_stale(report, now, interval)
    rows = list(_eod_rows(report, now))
    word = "UNKNOWN" if stale or report.status is Status.UNKNOWN else report.status.value
    notes = (f"was {report.status.value}",) if stale else ()
    return RunList(
        at=report.at,
        age=age(now - report.at),
        is_stale=stale,
        status=Mark("unknown" if stale else report.status.value, word, notes),
        duration=f"{report.duration_seconds:.3g} s",
        checked=len(report.checked),
        findings=len(report.findings),
        eod=tuple(rows[:LISTED_AT_MOST]),
        eod_left_out=max(0, len(rows) - LISTED_AT_MOST),
    )


def _eod_rows(report: Report, now: datetime) -> Iterator[EodRow]:
    verdicts = {(result.bot, result.check): result for bot in report.bots for result in bot.results}
    for bot in report.eod.bots.values() if report.eod is not None else ():
        if bot.has_runs:
            result = verdicts.get((bot.bot, EOD))
            is_verified = result is not None and result.status is not CheckStatus.UNVERIFIED
            reason = "" if result is None or result.unverified is None else result.unverified.reason.value
            yield _eod_row(bot, now, is_verified=is_verified, reason=reason)


def _eod_row(bot: BotEod, now: datetime, *, is_verified: bool, reason: str) -> EodRow:
    count = sum(one.counts(now) for one in bot.breaks)
    clean = Mark("critical", "breaks") if count else Mark("ok", "clean")
    unknown = Mark("unknown", "UNKNOWN", (reason,) if reason else ())
    remaining = str(count) if is_verified else f"unknown ({count} standing)"
    return EodRow(bot.bot, clean if is_verified else unknown, remaining, bot.due_at, bot.completed_at)
