"""End-of-day runs of a whole configuration: who is due, running them, and what stands of them for the page."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import structlog

from recon_exporter import __version__, eod_parts
from recon_exporter.domain.breaks import Break
from recon_exporter.domain.eod_report import EodReport, UnverifiedSide
from recon_exporter.domain.eod_unverified import unverified_report
from recon_exporter.domain.eod_view import BotEod, EodView
from recon_exporter.domain.finding import Reason, Unverified
from recon_exporter.eod import NOTHING, EodRun, Occasion
from recon_exporter.looking import Subject
from recon_exporter.outgoing_eod import EodTelling
from recon_exporter.ports import Clock, EodMark, EodMemory, EodState
from recon_exporter.settings.model import Settings
from recon_exporter.sources import Connections, owners

AGAIN = timedelta(minutes=10)
"""How long after an unverified run the same due time is tried again."""

PROMPT = timedelta(minutes=1)
"""How much later than scheduled a run may begin without being called late."""

GONE = UnverifiedSide(
    "both",
    Unverified(Reason.NOT_RUN, "no end-of-day run is configured for it any more, or its books are not found"),
)
NO_SOURCES = ("none", "none")

HEAD_DIGITS = 12
LOG = structlog.get_logger(__name__)


class EodRuns:
    """All end-of-day runs under one configuration; ``connections`` knows which sources still hang from earlier ones."""

    def __init__(
        self, settings: Settings, state: EodState, clock: Clock, connections: Connections | None = None
    ) -> None:
        self._settings = settings
        self._state = state
        self._clock = clock
        self._connections = connections or Connections(clock)
        self._run = EodRun(state, clock, clock.wait)
        self._telling = EodTelling(__version__, settings.policy.halt_action is not None, settings.reports.retention)

    def subjects(self) -> Mapping[str, Subject]:
        """Every bot that has an end-of-day run."""
        return eod_parts.subjects(self._settings, self._connections)

    def run(self, subject: Subject, occasion: Occasion) -> EodReport:
        """One run with its effects. Raises StateError where nothing could be recorded."""
        return self._run.run(subject, occasion, self._telling)

    def look(self, subject: Subject) -> EodReport:
        """One run that records nothing."""
        return self._run.look(subject, Occasion())

    def run_due(self) -> tuple[EodReport, ...]:
        """Run every bot whose latest scheduled time has not been served; several at once, none twice."""
        return self.run_scheduled(self.due())

    def run_scheduled(
        self, due: Mapping[str, Occasion], ended: Callable[[str], None] = lambda _: None
    ) -> tuple[EodReport, ...]:
        """As ``run_all``, and a line of the log for each: nobody is there to whom a command would print it."""
        reports = self.run_all(due, ended)
        for report in reports:
            LOG.info("end-of-day run", bot=report.bot, verdict=_verdict(report), late=report.is_late)
        return reports

    def run_all(
        self, due: Mapping[str, Occasion], ended: Callable[[str], None] = lambda _: None
    ) -> tuple[EodReport, ...]:
        """Run these bots side by side, so that none waits for another, and tell of each when it has ended."""
        if not due:
            return ()
        subjects = self.subjects()

        def run(bot: str, occasion: Occasion) -> EodReport | None:
            try:
                return self.run(subjects[bot], occasion) if bot in subjects else None
            finally:
                ended(bot)

        with ThreadPoolExecutor(max_workers=len(due), thread_name_prefix="eod") as pool:
            runs = [pool.submit(run, bot, occasion) for bot, occasion in due.items()]
        return tuple(report for one in runs if (report := one.result()) is not None)

    def out_of_reach(self) -> tuple[EodReport, ...]:
        """Reports without verdict: of bots that no run reaches any more while breaks of theirs count.

        Of a fleet's bots also those without breaks: one whose folder is gone was not found clean. Raises StateError.
        """
        now, memory = self._clock.now(), self._state.load_eod()
        gone = memory.marks.keys() - self.subjects().keys()
        lost = gone - owners(self._settings).keys() if any(fleet.eod for fleet in self._settings.fleets) else ()
        reports = [unverified_report(bot, GONE, memory.breaks, now, NO_SOURCES) for bot in sorted(gone)]
        return tuple(
            report
            for report in reports
            if report.breaks_remaining()
            or (report.bot in lost and self._settings.policies.of(report.bot).is_on("enabled"))
        )

    def view(self) -> EodView:
        """What stands of all runs. Raises StateError."""
        now, memory, head = self._clock.now(), self._state.load_eod(), self._state.audit_head()
        plans, unscheduled = eod_parts.plans_and_others(self._settings)
        due = {plan.bot: plan.due_before(now) for plan in plans}
        standing, seconds = _standing(memory), _seconds(memory)
        lived = {one.discrepancy.bot for one in memory.cycle_breaks}
        bots = {
            bot: _bot(bot, due.get(bot), memory, standing.get(bot, []), seconds.get(bot, {}), is_planned=bot in due)
            for bot in sorted({*due, *memory.marks, *lived})
        }
        head_bits = int(head.digest[:HEAD_DIGITS], 16)
        return EodView(bots, head.sequence, head_bits, head.is_valid, unscheduled)

    def due(self) -> Mapping[str, Occasion]:
        """The bots whose latest scheduled time has not been served. Raises StateError."""
        now = self._clock.now()
        plans = eod_parts.plans(self._settings)
        marks = self._state.eod_marks() if plans else {}
        due: dict[str, Occasion] = {}
        for plan in plans:
            at = plan.due_before(now)
            if at is not None and _is_unserved(at, marks.get(plan.bot), now):
                due[plan.bot] = Occasion(at, is_late=now - at > PROMPT)
        return due


def _is_unserved(due_at: datetime, mark: EodMark | None, now: datetime) -> bool:
    """Whether the scheduled time is still to be served; after an unverified attempt, not before a while."""
    if mark is None:
        return True
    if mark.served_due_at is not None and mark.served_due_at >= due_at:
        return False
    was_tried = mark.attempted_at >= due_at and mark.unverified is not None
    return not was_tried or now - mark.attempted_at >= AGAIN


def _verdict(report: EodReport) -> str:
    """For the log: how many breaks remain, or why nobody can say."""
    if report.unverified is not None:
        why = report.unverified.why
        return f"{report.unverified.told}: {why.reason}: {why.detail}"
    remaining = report.breaks_remaining()
    return "1 break" if remaining == 1 else f"{remaining} breaks"


def _standing(memory: EodMemory) -> dict[str, list[Break]]:
    """By bot, sorted once for all bots."""
    standing: dict[str, list[Break]] = {}
    for one in memory.breaks:
        if one.resolved_at is None:
            standing.setdefault(one.discrepancy.bot, []).append(one)
    return standing


def _seconds(memory: EodMemory) -> dict[str, dict[str, list[float]]]:
    """By bot and break type, likewise."""
    seconds: dict[str, dict[str, list[float]]] = {}
    for bot, break_type, one in memory.resolution_seconds:
        seconds.setdefault(bot, {}).setdefault(break_type, []).append(one)
    return seconds


def _bot(
    bot: str,
    due_at: datetime | None,
    memory: EodMemory,
    breaks: Iterable[Break],
    seconds: Mapping[str, list[float]],
    *,
    is_planned: bool,
) -> BotEod:
    mark = memory.marks.get(bot)
    return BotEod(
        bot=bot,
        due_at=due_at,
        completed_at=mark.completed_at if mark else None,
        served_due_at=mark.served_due_at if mark else None,
        unverified=mark.unverified if mark else None,
        breaks=tuple(breaks),
        halts=tuple(halt for halt in memory.halts if halt.bot == bot),
        opened={break_type: count for (of_bot, break_type), count in memory.opened_counts.items() if of_bot == bot},
        resolution_seconds={break_type: tuple(spans) for break_type, spans in seconds.items()},
        tolerated=mark.tolerated if mark else NOTHING,
        canaries_missed=mark.canaries_missed if mark else (),
        has_runs=is_planned or mark is not None,
    )
