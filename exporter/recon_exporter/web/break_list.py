"""What the page of all open breaks shows, and of which bots it cannot know whether they have any."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from recon_exporter.domain import balance_rules, fill_differences
from recon_exporter.domain.breaks import EOD, Break, BreakState
from recon_exporter.domain.eod_view import BotEod
from recon_exporter.domain.finding import Severity
from recon_exporter.domain.money import ZERO
from recon_exporter.domain.report import BotVerdict, Report
from recon_exporter.web.marks import (
    LISTED_AT_MOST,
    Blindness,
    Mark,
    RunbookOf,
    age,
    blindness,
    is_stale,
    rounded,
)

BREAK_CHECKS = frozenset({EOD, fill_differences.CHECK, balance_rules.CHECK, "positions"})
"""The checks whose differences are breaks."""
BOTS_AT_MOST = 50
NET = "net"

_SEVERITIES = {Severity.CRITICAL: 0, Severity.WARNING: 1}
_STATES = {BreakState.CONFIRMED: 0, BreakState.OPEN: 1, BreakState.ACCEPTED: 2, BreakState.RESOLVED: 3}


@dataclass(frozen=True, slots=True)
class BreakRow:
    """One break as words; ``place`` is symbol and leg."""

    identifier: str
    bot: str
    check: str
    type: str
    place: str
    item: str
    difference: str
    exposure: str
    severity: Mark
    state: str
    first_seen: datetime
    age: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BreakList:
    """The page of a report, of all bots or of the ``chosen`` one.

    ``bots`` are those with open breaks and how many they have. ``unseen`` are bots of which nothing that is switched on
    looks for breaks. ``is_known`` False says that there is no bot of the chosen name.
    """

    at: datetime
    age: str
    is_stale: bool
    chosen: str | None
    is_known: bool
    bots: tuple[tuple[str, int], ...]
    bots_left_out: int
    all_open: int
    rows: tuple[BreakRow, ...]
    left_out: int
    open: int
    confirmed: int
    accepted: int
    oldest: str
    blindness: Blindness
    unseen: tuple[str, ...]
    unseen_left_out: int

    @property
    def is_proven(self) -> bool:
        """Whether a break that is not listed is not there."""
        return self.is_known and not (self.is_stale or self.blindness.checks or self.unseen)


def break_list(
    report: Report, now: datetime, interval: timedelta, runbook_of: RunbookOf, chosen: str | None
) -> BreakList:
    """The page as of ``now``, gravest breaks first."""
    everything = open_breaks(report)
    counts = Counter(one.discrepancy.bot for one in everything)
    breaks = sorted(
        (one for one in everything if chosen in {None, one.discrepancy.bot}), key=lambda one: _rank(one, now)
    )
    verdicts = [bot for bot in report.bots if bot.status is not None and chosen in {None, bot.bot}]
    states = Counter(one.state_at(now) for one in breaks)
    unseen = sorted(bot.bot for bot in verdicts if not _is_looked_at(bot))
    return BreakList(
        at=report.at,
        age=age(now - report.at),
        is_stale=is_stale(report, now, interval),
        chosen=chosen,
        is_known=chosen is None or chosen in counts or any(bot.bot == chosen for bot in report.bots),
        bots=tuple(counts.most_common(BOTS_AT_MOST)),
        bots_left_out=max(0, len(counts) - BOTS_AT_MOST),
        all_open=len(everything),
        rows=tuple(break_row(one, now) for one in breaks[:LISTED_AT_MOST]),
        left_out=max(0, len(breaks) - LISTED_AT_MOST),
        open=states[BreakState.OPEN],
        confirmed=states[BreakState.CONFIRMED],
        accepted=states[BreakState.ACCEPTED],
        oldest=age(now - min(one.first_seen for one in breaks)) if breaks else "",
        blindness=blindness(verdicts, runbook_of, BREAK_CHECKS),
        unseen=tuple(unseen[:BOTS_AT_MOST]),
        unseen_left_out=max(0, len(unseen) - BOTS_AT_MOST),
    )


def told_breaks(report: Report, now: datetime, interval: timedelta) -> str:
    """How many breaks are open, as far as that is known."""
    verdicts = [bot for bot in report.bots if bot.status is not None]
    seen = [bot for bot in verdicts if _is_looked_at(bot)]
    count = len(open_breaks(report))
    if not seen and not count:
        return "not looked for"
    if report.eod is None or is_stale(report, now, interval):
        return "UNKNOWN"
    blind = blindness(verdicts, lambda *_: None, BREAK_CHECKS).checks
    return f"{count} known" if blind or len(seen) < len(verdicts) else str(count)


def bots_of(report: Report) -> Iterable[BotEod]:
    """What stands of every bot that has had a look at its breaks."""
    return report.eod.bots.values() if report.eod is not None else ()


def open_breaks(report: Report) -> Sequence[Break]:
    """Every break of runs and of cycles that is not resolved."""
    return [one for bot in bots_of(report) for one in (*bot.breaks, *bot.cycle_breaks)]


def break_row(one: Break, now: datetime) -> BreakRow:
    """One break as of ``now``."""
    found = one.discrepancy
    return BreakRow(
        identifier=one.identifier,
        bot=found.bot,
        check=found.check,
        type=found.type.value,
        place=found.symbol if found.leg == NET else f"{found.symbol} ({found.leg})",
        item=found.item,
        difference="–" if found.difference is None else rounded(found.difference),
        exposure="unknown" if found.exposure is None else rounded(found.exposure),
        severity=Mark(found.severity.value, found.severity.value),
        state=one.state_at(now).value,
        first_seen=one.first_seen,
        age=age(now - one.first_seen),
        flags=tuple(_flags(one, now)),
    )


def _flags(one: Break, now: datetime) -> Iterable[str]:
    if one.acknowledged_by is not None:
        yield f"acknowledged by {one.acknowledged_by}"
    if one.for_review:
        yield "for review"
    if one.accepted_until is not None:
        ended = "" if one.accepted_until > now else ", which is over"
        yield f"accepted until {one.accepted_until:%Y-%m-%d %H:%M}{ended}"
    if one.proposed_by is not None:
        yield f"acceptance proposed by {one.proposed_by}, a second person has to agree"


def _rank(one: Break, now: datetime) -> tuple[bool, int, int, bool, Decimal, datetime, str]:
    """Gravest first: what counts before what is accepted, and an exposure that nobody knows before any known one."""
    found = one.discrepancy
    return (
        not one.counts(now),
        _SEVERITIES[found.severity],
        _STATES[one.state_at(now)],
        found.exposure is not None,
        -(found.exposure or ZERO),
        one.first_seen,
        one.identifier,
    )


def _is_looked_at(bot: BotVerdict) -> bool:
    return any(result.enabled and result.check in BREAK_CHECKS for result in bot.results)
