"""One end-of-day run of one bot: look at both books, age, decide, record.

A difference counts as a break when two looks in a row see it, the settle delay apart. Where a side cannot be read or
proven the run has no verdict, and what stood before stands on.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from recon_exporter.bracketing import Wait
from recon_exporter.domain.break_life import Aged, age
from recon_exporter.domain.breaks import Break, Halt
from recon_exporter.domain.eod_report import EodReport, UnverifiedSide
from recon_exporter.domain.eod_unverified import unverified_report
from recon_exporter.domain.finding import Reason, Unverified
from recon_exporter.domain.halts import decide_halts, standing
from recon_exporter.domain.money import ZERO, total
from recon_exporter.errors import ProgressMoved
from recon_exporter.looking import Looks, Seen, Subject
from recon_exporter.ports import (
    AuditAct,
    Clock,
    EodMark,
    EodMemory,
    EodRecording,
    EodState,
    Outgoing,
)

RECORDINGS = 20
RUN = "eod"
NOTHING = (ZERO, ZERO)

Outbox = Callable[[EodReport, EodMemory], tuple[Outgoing, ...]]
"""What is to be told to whom about a run."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why a run takes place: the scheduled time that it serves, or none, and whether it is caught up.

    ``opens_mass_break`` is a person's word that the sources are right, however many breaks are new.
    """

    due_at: datetime | None = None
    is_late: bool = False
    opens_mass_break: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """A report with all that has to be recorded with it."""

    report: EodReport
    changed: tuple[Break, ...] = ()
    halts: tuple[Halt, ...] = ()
    acts: tuple[AuditAct, ...] = ()


class EodRun:
    """Runs the reconciliation of subjects; of several at once, but of each one at a time."""

    def __init__(self, state: EodState, clock: Clock, wait: Wait) -> None:
        self._state = state
        self._clock = clock
        self._looks = Looks(clock, wait)

    def run(self, subject: Subject, occasion: Occasion, outbox: Outbox) -> EodReport:
        """One run with its effects on the state. Raises StateError where nothing could be recorded."""
        for _ in range(RECORDINGS):
            report = self._attempt(subject, occasion, outbox)
            if report is not None:
                return report
        raise ProgressMoved(f"{subject.bot}: other processes kept completing runs while this one looked")

    def look(self, subject: Subject, occasion: Occasion) -> EodReport:
        """One run that records nothing."""
        return self._judged(subject, occasion, self._looks.at(subject), self._state.load_eod()).report

    def _attempt(self, subject: Subject, occasion: Occasion, outbox: Outbox) -> EodReport | None:
        """The report; None where another process completed a run of this bot while we looked: it saw later than we."""
        completed = _completed(self._state.load_eod(), subject.bot)
        seen = self._looks.at(subject)
        # Runs of many bots end at once: one after the other they do not make each other begin anew.
        with self._state.turn():
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
        if len(aged.opened) <= subject.mass_limit:
            return _decided(subject, occasion, seen, aged, memory, now)
        why = f"{_counted(aged.opened)} are new in one run, more than {subject.mass_limit}"
        if occasion.opens_mass_break:
            outcome = _decided(subject, occasion, seen, aged, memory, now)
            act = AuditAct(RUN, "mass_break_opened", subject.bot, f"{why}: a person says that the sources are right")
            return replace(outcome, acts=(act, *outcome.acts))
        side = UnverifiedSide("both", Unverified(Reason.MASS_BREAK, f"{why}: a source is suspected"))
        return _without_verdict(subject, occasion, side, memory, now)


def _completed(memory: EodMemory, bot: str) -> datetime | None:
    mark = memory.marks.get(bot)
    return None if mark is None else mark.completed_at


def _counted(breaks: Iterable[Break]) -> str:
    """How many there are of each type."""
    counts = Counter(one.discrepancy.type for one in breaks)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))


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
