"""Two fleets as the exporter shows them: one of which everything is known and right, one of which nothing is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from recon_exporter.domain.differences import Differences
from recon_exporter.domain.eod_view import NEVER_RUN, EodView
from recon_exporter.domain.finding import Measure
from recon_exporter.domain.report import Status
from recon_exporter.telemetry import Telemetry
from recon_exporter.telemetry.live import JobFailure
from support.break_reports import BREAK_CHECKS, CYCLE_BOT, EOD_BOT, report_of_breaks
from support.eod_views import DOWN, make_bot
from support.evidence import NOW
from support.reports import broken_report, make_report, make_result, make_verdict, sides_report

if TYPE_CHECKING:
    from datetime import datetime

    from recon_exporter.domain.report import BotVerdict, Report

RUNS = ("cycle", "snapshot", "eod")
SINKS = ("page", "report_file", "webhook")
SPECIAL = "grid (v2.1)+[a|b]$ 'x' \\ ^y*"
"""A name of characters that mean something in patterns."""
LATE = "late-eu"
READ_ONLY = {"trade": False, "withdraw": False}


def healthy_report() -> Report:
    """A bot of files, one of end-of-day runs and one of which both sides are compared, all of them clean."""
    ran = make_bot(due_at=NOW - timedelta(hours=2), completed_at=NOW - timedelta(hours=1))
    compared = replace(
        NEVER_RUN, bot=CYCLE_BOT, has_sides=True, cycle_tolerated={"positions": (Decimal("0.5"), Decimal("-0.25"))}
    )
    view = EodView({EOD_BOT: ran, CYCLE_BOT: compared}, 7, 0xABC, audit_is_valid=True)
    report = make_report(
        make_verdict("bot1", permissions=READ_ONLY),
        _with(make_verdict(EOD_BOT), "eod"),
        _with(make_verdict(CYCLE_BOT, permissions=READ_ONLY), *BREAK_CHECKS),
    )
    return replace(report, eod=view)


def everything_broken() -> Report:
    """Every kind of finding, break, halt, blindness and difference at once."""
    broken, breaks, sides = broken_report(), report_of_breaks(), sides_report(symbols=60)
    bots = {bot.bot: bot for report in (broken, breaks) for bot in report.bots}
    differing = next(result for bot in sides.bots for result in bot.results if result.check == "positions")
    cycle = bots[CYCLE_BOT]
    others = tuple(result for result in cycle.results if result.check != "positions")
    bots[CYCLE_BOT] = replace(cycle, results=(*others, differing), permissions={"trade": True, "withdraw": True})
    bots["bot2"] = replace(bots["bot2"], bad_lines={"fills": 3})
    bots[SPECIAL] = make_verdict(SPECIAL)
    bots[LATE] = make_verdict(LATE, status=Status.UNKNOWN)
    unverified = make_result("eod", bot=LATE, unverified=DOWN.why)
    bots[LATE] = replace(bots[LATE], results=(*bots[LATE].results, unverified))
    report = replace(make_report(*bots.values(), status=broken.status), canaries_missed=("inventory",))
    # One bot was expected and is not there.
    return replace(report, checked=report.checked[:-1], eod=_with_a_late_bot(breaks))


def _with_a_late_bot(report: Report) -> EodView:
    """A bot of which no run was verified for nine days, and an audit log that somebody changed."""
    assert report.eod is not None
    due, completed = NOW - timedelta(hours=2), NOW - timedelta(days=9)
    late = make_bot(bot=LATE, due_at=due, completed_at=completed, unverified=DOWN)
    return replace(report.eod, bots={**report.eod.bots, LATE: late}, audit_is_valid=False)


def healthy_telemetry(now: datetime) -> Telemetry:
    """What the process tells of itself when all goes well."""
    telemetry = Telemetry("0.1.0", RUNS, SINKS)
    telemetry.configuration_loaded(now, "5e6f" * 16)
    for run in RUNS:
        telemetry.job_finished(run, 0.04, now)
        telemetry.next_run(run, now + timedelta(minutes=1))
        telemetry.interval(run, 60.0)
    for sink in SINKS:
        telemetry.delivered(sink)
    telemetry.halt_action(EOD_BOT)
    telemetry.venues.expect("binance")
    telemetry.venues.skewed("binance", 0.2)
    return telemetry


def broken_telemetry(now: datetime) -> Telemetry:
    """The same when nothing does: the last cycle with a report is an hour old."""
    telemetry = healthy_telemetry(now - timedelta(hours=1))
    telemetry.configuration_refused()
    telemetry.venues.skewed("binance", 60.0)
    return telemetry


def tick(telemetry: Telemetry, now: datetime, *, is_healthy: bool) -> None:
    """Let a cycle pass, so that counters grow between two scrapes."""
    telemetry.venues.requested("binance")
    telemetry.request_answered("metrics", 200 if is_healthy else 500)
    if is_healthy:
        telemetry.job_finished("cycle", 0.04, now)
        telemetry.delivered("webhook")
        return
    telemetry.job_finished("cycle", 0.04, now, JobFailure.UNEXPECTED)
    telemetry.job_missed("cycle")
    telemetry.delivery_failed("webhook")
    telemetry.halt_action_failed(EOD_BOT)
    telemetry.venues.failed("binance", "timeout")


def _with(verdict: BotVerdict, *checks: str) -> BotVerdict:
    """The verdict with these checks too, clean, and with the fills that the venue has."""
    differences = Differences((), positions={}, balances={}, tolerated=())
    more = [replace(make_result(check, bot=verdict.bot), differences=differences) for check in checks]
    fills = replace(more[0], measures={Measure.FILLS_VENUE: Decimal(12)})
    return replace(verdict, results=(*verdict.results, fills, *more[1:]))
