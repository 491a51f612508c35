"""What stands of end-of-day runs at one moment, for the page and for the check ``eod``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from recon_exporter.domain.breaks import Break, Halt
from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.finding import CheckResult, Detail, Finding, Reason, Unverified
from recon_exporter.domain.money import ZERO

NAME = "eod"
NOTHING_TOLERATED: Mapping[tuple[str, str], tuple[Decimal, Decimal]] = MappingProxyType({})
GRACE = timedelta(hours=1)
"""How long after its scheduled time a run may take before the check is unverified for want of it."""


@dataclass(frozen=True, slots=True)
class BotEod:
    """One bot with an end-of-day run: the latest scheduled time, what its runs established, its breaks and halts.

    ``completed_at`` is the latest verified run. ``breaks`` are all unresolved ones of runs, ``cycle_breaks`` those of
    cycles. Counts are by break type, since the state exists. A bot that ``has_runs`` not is there for its cycles alone;
    ``has_sides`` says that they compare both sides, ``cycle_tolerated`` by check what
    tolerances let through there.
    """

    bot: str
    due_at: datetime | None
    completed_at: datetime | None
    served_due_at: datetime | None
    unverified: UnverifiedSide | None
    breaks: tuple[Break, ...]
    halts: tuple[Halt, ...]
    opened: Mapping[str, int]
    resolution_seconds: Mapping[str, tuple[float, ...]]
    tolerated: tuple[Decimal, Decimal]
    canaries_missed: tuple[str, ...]
    has_runs: bool = True
    has_sides: bool = False
    cycle_breaks: tuple[Break, ...] = ()
    cycle_tolerated: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EodView:
    """All bots with an end-of-day run, and the head of the audit chain: length, first 48 bits, whether it holds.

    ``unscheduled`` are the bots of the configuration that have no such run.
    """

    bots: Mapping[str, BotEod]
    audit_sequence: int
    audit_head: int
    audit_is_valid: bool
    unscheduled: tuple[str, ...] = ()

    def with_cycle(
        self,
        breaks: Iterable[Break],
        sides: Iterable[str],
        tolerated: Mapping[tuple[str, str], tuple[Decimal, Decimal]] = NOTHING_TOLERATED,
    ) -> "EodView":
        """The same with what a cycle has just made of its breaks, and the bots of which it compares both sides."""
        of_bot: dict[str, tuple[Break, ...]] = {}
        for one in breaks:
            of_bot[one.discrepancy.bot] = (*of_bot.get(one.discrepancy.bot, ()), one)
        compared = set(sides)
        known = {bot: replace(one, cycle_breaks=()) for bot, one in self.bots.items()}
        for bot in sorted(compared | of_bot.keys()):
            known[bot] = replace(
                known.get(bot) or NEVER_RUN,
                bot=bot,
                has_sides=bot in compared,
                cycle_breaks=of_bot.get(bot, ()),
                cycle_tolerated={check: sums for (name, check), sums in tolerated.items() if name == bot},
            )
        return replace(self, bots=dict(sorted(known.items())))

    def without(self, bots: Iterable[str]) -> "EodView":
        """The same without bots whose checks are off: what is held about their breaks ends with their series."""
        off = set(bots)
        return replace(self, bots={bot: one for bot, one in self.bots.items() if bot not in off})


NEVER_RUN = BotEod("", None, None, None, None, (), (), {}, {}, (ZERO, ZERO), (), has_runs=False)


def eod_result(bot: str, view: EodView, now: datetime) -> CheckResult:
    """The check ``eod`` of one bot: its counting breaks, beside why the latest verdict is missing or old."""
    known = view.bots.get(bot)
    if known is None or not known.has_runs:
        return CheckResult(NAME, bot, enabled=False)
    findings = tuple(_finding(one) for one in known.breaks if one.counts(now))
    return CheckResult(NAME, bot, findings, _unverified(known, now))


def _unverified(known: BotEod, now: datetime) -> Unverified | None:
    if known.unverified is not None:
        return known.unverified.why
    if known.completed_at is None:
        return Unverified(Reason.NOT_RUN, "no end-of-day run has completed yet")
    served = known.served_due_at or known.completed_at
    if known.due_at is None or known.due_at <= max(served, known.completed_at) or now - known.due_at <= GRACE:
        return None
    return Unverified(Reason.NOT_RUN, f"the run due at {known.due_at.isoformat()} has not completed")


def _finding(one: Break) -> Finding:
    found = one.discrepancy
    details: dict[str, Detail] = {
        "break": one.identifier,
        "symbol": found.symbol,
        "leg": found.leg,
        "ledger_quantity": found.ledger_quantity,
        "venue_quantity": found.venue_quantity,
        "difference": found.difference,
        "exposure_usd": found.exposure,
        "state": one.state.value,
        "opened_at": one.first_seen,
        "text": found.detail,
    }
    return Finding(found.severity, NAME, found.type.value, found.bot, details)
