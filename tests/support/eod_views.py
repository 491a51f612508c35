"""Builders of what stands of end-of-day runs, for tests of the page and the check."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from recon_exporter.domain.breaks import Break, Halt
from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.eod_view import BotEod, EodView, eod_result
from recon_exporter.domain.finding import Reason, Unverified
from support.positions import HOUR, NOW, make_missing
from support.reports import make_report, make_verdict

if TYPE_CHECKING:
    from recon_exporter.domain.report import Report

BOT = "swing-us"
DOWN = UnverifiedSide("venue", Unverified(Reason.VENUE_UNREACHABLE, "no answer"))


def make_bot(*breaks: Break, **changes: object) -> BotEod:
    """A bot whose latest run, an hour ago, was verified."""
    bot = BotEod(
        bot=BOT,
        due_at=NOW - HOUR,
        completed_at=NOW - HOUR,
        served_due_at=NOW - HOUR,
        unverified=None,
        breaks=breaks,
        halts=(),
        opened={"MISSING_AT_BROKER": 3},
        resolution_seconds={"MISSING_AT_BROKER": (60.0, 7200.0)},
        tolerated=(Decimal("0.5"), Decimal("-0.25")),
        canaries_missed=(),
    )
    return replace(bot, **changes)  # type: ignore[arg-type]


def make_view(bot: BotEod) -> EodView:
    return EodView({bot.bot: bot}, 7, 0xABCDEF012345, audit_is_valid=True)


def report(bot: BotEod) -> Report:
    result = eod_result(bot.bot, make_view(bot), NOW)
    return replace(make_report(make_verdict(bot.bot, result)), at=NOW, eod=make_view(bot))


def eod_report() -> Report:
    """A bot of which everything is shown that end-of-day runs can establish."""
    halt = Halt(BOT, "exposure", NOW, "too much", "none configured")
    return report(make_bot(make_missing("AAPL"), halts=(halt,)))
