"""One end-of-day run of one bot: collect, compare, look again, age, decide, record.

A difference counts as a break when two looks in a row see it, the settle delay apart. Where a side cannot be read or
proven the run has no verdict, and what stood before stands on.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from recon_exporter.bracketing import Bracket, Wait
from recon_exporter.domain.break_life import Aged, age
from recon_exporter.domain.breaks import Break, BreakIdentity, Halt
from recon_exporter.domain.comparison import Comparison, compare
from recon_exporter.domain.eod_report import EodReport, UnverifiedSide
from recon_exporter.domain.eod_unverified import unverified_report
from recon_exporter.domain.finding import Reason, Unverified
from recon_exporter.domain.halts import decide_halts, standing
from recon_exporter.domain.money import ZERO, total
from recon_exporter.domain.rates import with_rates_of
from recon_exporter.domain.terms import HaltPolicy, Terms
from recon_exporter.errors import ProgressMoved
from recon_exporter.ports import (
    AuditAct,
    Clock,
    EodMark,
    EodMemory,
    EodRecording,
    EodState,
    Outgoing,
    PositionLedger,
    PositionVenue,
)

LOOKS = 4
RECORDINGS = 20
RUN = "eod"
LOG = structlog.get_logger(__name__)
NOTHING = (ZERO, ZERO)

Canaries = Callable[[datetime], tuple[str, ...]]
"""The types of break that are not found in the canary books at this moment."""

Outbox = Callable[[EodReport, EodMemory], tuple[Outgoing, ...]]
"""What is to be told to whom about a run."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One bot whose positions are reconciled at the end of its day.

    ``mass_limit`` is how many new breaks one run may open; more are taken for a broken source. ``halt_action`` is what
    a new halt says of the action that stops the bot.
    """

    bot: str
    ledger: PositionLedger
    venue: PositionVenue
    terms: Terms
    policy: HaltPolicy
    settle: timedelta
    mass_limit: int
    halt_action: str
    canaries: Canaries


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why a run takes place: the scheduled time that it serves, or none, and whether it is caught up."""

    due_at: datetime | None = None
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What the looks of one run established: the last comparison, and what an earlier look saw as well."""

    started_at: datetime
    comparison: Comparison
    confirmed: frozenset[BreakIdentity]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A report with all that has to be recorded with it."""

    report: EodReport
    changed: tuple[Break, ...] = ()
    halts: tuple[Halt, ...] = ()
    acts: tuple[AuditAct, ...] = ()


class EodRun:
    """Runs the reconciliation of subjects; one at a time."""

    def __init__(self, state: EodState, clock: Clock, wait: Wait) -> None:
        self._state = state
        self._clock = clock
        self._wait = wait

    def run(self, subject: Subject, occasion: Occasion, outbox: Outbox) -> EodReport:
        """One run with its effects on the state. Raises StateError where nothing could be recorded."""
        for _ in range(RECORDINGS):
            report = self._attempt(subject, occasion, outbox)
            if report is not None:
                return report
        raise ProgressMoved(f"{subject.bot}: other processes kept completing runs while this one looked")

    def look(self, subject: Subject, occasion: Occasion) -> EodReport:
        """One run that records nothing."""
        return self._judged(subject, occasion, self._looks(subject), self._state.load_eod()).report

    def _looks(self, subject: Subject) -> Seen | UnverifiedSide:
        """Look until two looks in a row agree on what differs, or are out of patience."""
        started = self._clock.now()
        missed = subject.canaries(started)
        if missed:
            return UnverifiedSide("both", Unverified(Reason.CANARY_MISSED, f"not found: {', '.join(missed)}"))
        comparison = self._compared(subject)
        confirmed: frozenset[BreakIdentity] = frozenset()
        for _ in range(LOOKS - 1):
            if isinstance(comparison, UnverifiedSide) or not comparison.discrepancies:
                break
            before = _identities(comparison)
            self._wait(subject.settle)
            comparison = self._compared(subject)
            if isinstance(comparison, UnverifiedSide):
                break
            confirmed = before & _identities(comparison)
            if before == _identities(comparison):
                break
        return comparison if isinstance(comparison, UnverifiedSide) else Seen(started, comparison, confirmed)

    def _compared(self, subject: Subject) -> Comparison | UnverifiedSide:
        canonical = subject.terms.symbols.canonical
        bracket = Bracket(subject.ledger, subject.venue, canonical, self._clock, self._wait, subject.settle)
        look = bracket.look()
        if isinstance(look, UnverifiedSide):
            return look
        try:
            return compare(look.ledger, look.venue, with_rates_of(look.venue, subject.terms), self._clock.now())
        except Exception as error:  # no verdict on this bot, and none of the others is concerned
            LOG.exception("positions not compared", bot=subject.bot)
            return UnverifiedSide("both", Unverified(Reason.CHECK_FAILED, f"not compared: {type(error).__name__}"))

    def _attempt(self, subject: Subject, occasion: Occasion, outbox: Outbox) -> EodReport | None:
        """The report; None where another process completed a run of this bot while we looked: it saw later than we."""
        completed = _completed(self._state.load_eod(), subject.bot)
        seen = self._looks(subject)
        for _ in range(RECORDINGS):
            memory = self._state.load_eod()
            if _completed(memory, subject.bot) != completed:
                return None
            outcome = self._judged(subject, occasion, seen, memory)
            with suppress(ProgressMoved):
                self._record(outcome, memory, outbox)
                return outcome.report
        raise ProgressMoved(f"{subject.bot}: other processes kept recording")

    def _record(self, outcome: Outcome, memory: EodMemory, outbox: Outbox) -> None:
        report = outcome.report
        self._state.record_eod(
            EodRecording(
                at=report.finished_at,
                revision=memory.revision,
                breaks=outcome.changed,
                halts=outcome.halts,
                mark=_mark(report, memory.marks.get(report.bot)),
                acts=outcome.acts,
                outgoing=outbox(report, memory),
            )
        )

    def _judged(self, subject: Subject, occasion: Occasion, seen: Seen | UnverifiedSide, memory: EodMemory) -> Outcome:
        now = self._clock.now()
        if isinstance(seen, UnverifiedSide):
            return _without_verdict(subject, occasion, seen, memory, now)
        aged = age(memory.breaks, seen.comparison, now, confirmed=seen.confirmed)
        if len(aged.opened) > subject.mass_limit:
            why = f"{len(aged.opened)} new breaks in one run, more than {subject.mass_limit}: a source is suspected"
            side = UnverifiedSide("both", Unverified(Reason.MASS_BREAK, why))
            return _without_verdict(subject, occasion, side, memory, now)
        return _decided(subject, occasion, seen, aged, memory, now)


def _completed(memory: EodMemory, bot: str) -> datetime | None:
    mark = memory.marks.get(bot)
    return None if mark is None else mark.completed_at


def _identities(comparison: Comparison) -> frozenset[BreakIdentity]:
    return frozenset(one.identity for one in comparison.discrepancies)


def _decided(subject: Subject, occasion: Occasion, seen: Seen, aged: Aged, memory: EodMemory, now: datetime) -> Outcome:
    others = tuple(one for one in memory.breaks if one.discrepancy.bot != subject.bot)
    requests = decide_halts((*others, *aged.breaks), subject.policy, memory.halts, now)
    halts = tuple(Halt(one.bot, one.reason, now, one.detail, subject.halt_action) for one in requests)
    stands = standing(aged.breaks, now)
    report = EodReport(
        bot=subject.bot,
        started_at=seen.started_at,
        finished_at=now,
        due_at=occasion.due_at,
        is_late=occasion.is_late,
        unverified=None,
        discrepancies=seen.comparison.discrepancies,
        breaks=aged.breaks,
        opened=tuple(one.identifier for one in aged.opened),
        resolved=aged.resolved,
        halts=halts,
        exposure=stands.told_exposure,
        missing=stands.missing,
        compared=seen.comparison.compared,
        canaries_missed=(),
        sources=(subject.ledger.name, subject.venue.name),
        tolerated=seen.comparison.tolerated_sums,
        unjudged=seen.comparison.unjudged_counts,
    )
    acts = [AuditAct(RUN, one.action, one.after.identifier, one.after.discrepancy.detail) for one in aged.transitions]
    acts += [AuditAct(RUN, "halt_raised", one.bot, one.detail) for one in halts]
    acts.append(AuditAct(RUN, "run_completed", subject.bot, f"{report.breaks_remaining()} breaks remaining"))
    return Outcome(report, (*aged.breaks, *aged.resolved), halts, tuple(acts))


def _without_verdict(
    subject: Subject, occasion: Occasion, side: UnverifiedSide, memory: EodMemory, now: datetime
) -> Outcome:
    report = unverified_report(subject.bot, side, memory.breaks, now, (subject.ledger.name, subject.venue.name))
    act = AuditAct(RUN, "run_unverified", subject.bot, f"{side.side}: {side.why.reason}: {side.why.detail}")
    return Outcome(replace(report, due_at=occasion.due_at, is_late=occasion.is_late), acts=(act,))


def _mark(report: EodReport, before: EodMark | None) -> EodMark:
    """What is known of the bot's runs after this one: unverified it completes nothing, by hand it serves no time."""
    known = before or EodMark(report.bot, report.finished_at, None, None, None, (), NOTHING)
    if report.unverified is None:
        at, served = report.finished_at, report.due_at or known.served_due_at
        positive, negative = (total(sums) for sums in zip(known.tolerated, report.tolerated, strict=True))
        return EodMark(report.bot, at, at, served, None, (), (positive, negative))
    return replace(
        known,
        attempted_at=report.finished_at,
        unverified=report.unverified,
        canaries_missed=report.canaries_missed,
    )
