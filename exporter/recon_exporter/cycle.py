"""One pass over all bots: collect, compare, age, decide, record, deliver.

What one pass leaves for the next is held in memory and, in one transaction with everything that was decided, in the
state. Where another process has recorded in between, the pass begins anew from what that process left.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from recon_exporter.collecting import Collected, Collector
from recon_exporter.domain import decision
from recon_exporter.domain.carry import carry, first_seen, with_carried
from recon_exporter.domain.check import Evidence
from recon_exporter.domain.cycle_breaks import Lived, live_on, out_of_sight, resolved_lately, standing_checks
from recon_exporter.domain.eod_view import NAME as EOD
from recon_exporter.domain.eod_view import EodView, eod_result
from recon_exporter.domain.fill_differences import CHECK as FILLS
from recon_exporter.domain.finding import CheckResult
from recon_exporter.domain.memory import CarriedFinding, Identity, Memory
from recon_exporter.domain.report import BotVerdict, ExpectedBot, Report
from recon_exporter.domain.statement import Book
from recon_exporter.domain.tolerated import ToleratedSums
from recon_exporter.errors import ProgressMoved
from recon_exporter.evidence import evidence_of, verdict_of
from recon_exporter.judging import Judge
from recon_exporter.ports import AuditAct, Clock, CycleState, Outgoing, Policies, Recording

ATTEMPTS = 3
RUN = "cycle"
NO_EOD = EodView({}, 0, 0, audit_is_valid=True)
FORGOTTEN_STAYS = timedelta(hours=6)
"""How long a bot that is gone is shown with its checks switched off, so that alerts held for it end."""

Results = Mapping[str, tuple[CheckResult, ...]]
Outbox = Callable[[Report, Memory], tuple[Memory, tuple[Outgoing, ...]]]
"""What is to be told to whom about a report, and the memory of having decided so."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Who is expected, what is known of each of them, and what every check says of it."""

    canaries_missed: tuple[str, ...]
    expected: tuple[ExpectedBot, ...]
    evidence: tuple[Evidence, ...]
    results: Results


@dataclass(frozen=True, slots=True)
class Aged:
    """Results with the findings of earlier steps of today, since when each finding stands, and the breaks of cycles."""

    results: Results
    carried: tuple[CarriedFinding, ...]
    first_seen: Mapping[Identity, datetime]
    lived: Lived


class Cycle:
    """Repeats the pass; not to be run twice at once."""

    def __init__(
        self,
        collector: Collector,
        judge: Judge,
        state: CycleState,
        clock: Clock,
        eod: Callable[[], EodView] = lambda: NO_EOD,
    ) -> None:
        self._collector = collector
        self._eod = eod
        self._view = NO_EOD
        self._judge = judge
        self._state = state
        self._clock = clock
        self._memory = Memory()
        self._tolerated = ToleratedSums()
        self.reload()

    def run(self, policies: Policies, outbox: Outbox, deliver: Callable[[Report], None]) -> Report:
        """One pass. Raises StateError where nothing could be recorded: then nothing is delivered either.

        ProgressMoved is only raised where another process kept recording.
        """
        with suppress(ProgressMoved):
            return self._pass(policies, outbox, deliver)
        # Runs of this process record too, hundreds where many are due at once: now they wait for this pass.
        with self._state.turn():
            for _ in range(ATTEMPTS - 2):
                self.reload()
                with suppress(ProgressMoved):
                    return self._pass(policies, outbox, deliver)
            self.reload()
            return self._pass(policies, outbox, deliver)

    def _pass(self, policies: Policies, outbox: Outbox, deliver: Callable[[Report], None]) -> Report:
        started = self._clock.monotonic()
        collected = self._collect()
        compared = self._compare(collected, policies)
        aged = self._age(compared, collected.at)
        report = self._decide(collected, compared, aged, policies, started)
        self._record(collected, report, aged, outbox)
        deliver(report)
        return report

    def look(self, policies: Policies) -> Report:
        """One pass that records and delivers nothing."""
        started = self._clock.monotonic()
        collected = self._collect()
        compared = self._compare(collected, policies)
        return self._decide(collected, compared, self._age(compared, collected.at), policies, started)

    @property
    def revision(self) -> int:
        """The state's revision as this cycle knows it."""
        return self._memory.revision

    def close(self) -> None:
        """Read nothing any more."""
        self._collector.close()
        self._judge.close()

    def reload(self) -> None:
        """Go on from what the state holds."""
        self._memory, progress = self._state.load()
        self._collector.restore(progress)

    def _collect(self) -> Collected:
        self._view = self._eod()
        return self._collector.collect(self._memory.breaks)

    def _compare(self, collected: Collected, policies: Policies) -> Compared:
        missed = self._judge.missed_canaries(collected.at)
        expected = self._expected(collected, policies)
        evidence = tuple(evidence_of(collected, policies, bot.bot) for bot in expected)
        lost = self._lost(collected)
        results = {
            bot.bot: tuple(out_of_sight(one, lost.get(bot.bot, {})) for one in self._results(bot, of_bot, missed))
            for bot, of_bot in zip(expected, evidence, strict=True)
        }
        return Compared(tuple(missed), expected, evidence, results)

    def _results(self, expected: ExpectedBot, evidence: Evidence, missed: Mapping[str, str]) -> tuple[CheckResult, ...]:
        """What all checks say; of a bot that no fleet holds, those that need no files of its own."""
        judge = self._judge.results_of_sides if decision.is_without_fleet(expected) else self._judge.results
        others = judge(evidence, missed)
        return tuple(
            sorted((*others, eod_result(expected.bot, self._view, evidence.now)), key=lambda result: result.check)
        )

    def _age(self, compared: Compared, now: datetime) -> Aged:
        sides = {one.bot: one.sides for one in compared.evidence if one.sides is not None}
        for bot, looked in sides.items():
            self._tolerated.add(compared.results[bot], looked.taken_at or now)
        lived = live_on(self._memory.breaks, compared.results, sides, now)
        flat = [result for of_bot in lived.results.values() for result in of_bot]
        carried = carry(self._memory.carried, flat, now)
        merged = {bot: with_carried(of_bot, carried) for bot, of_bot in lived.results.items()}
        after = [result for of_bot in merged.values() for result in of_bot]
        return Aged(merged, carried, first_seen(self._memory.first_seen, after, now), lived)

    def _decide(
        self, collected: Collected, compared: Compared, aged: Aged, policies: Policies, started: float
    ) -> Report:
        verdicts = [
            verdict_of(bot, of_bot, aged.results[of_bot.bot], collected.side_health(of_bot.bot))
            for bot, of_bot in zip(compared.expected, compared.evidence, strict=True)
        ]
        off = [self._taken_out(policies, bot) for bot in self._out(collected, policies, set(compared.results))]
        return Report(
            at=collected.at,
            duration_seconds=self._clock.monotonic() - started,
            status=decision.report_status(
                [bot.status for bot in verdicts if bot.status is not None], collected.blind_fleets
            ),
            expected=compared.expected,
            checked=tuple(bot.bot for bot in verdicts if decision.is_checked(bot.results)),
            bots=tuple(sorted(verdicts + off, key=lambda verdict: verdict.bot)),
            first_seen=aged.first_seen,
            canaries_missed=compared.canaries_missed,
            blind_fleets=collected.blind_fleets,
            eod=self._view.with_cycle(aged.lived.standing, collected.sides, self._tolerated.sums).without(
                verdict.bot for verdict in off
            ),
        )

    def _record(self, collected: Collected, report: Report, aged: Aged, outbox: Outbox) -> None:
        found = collected.books
        read = {bot: report.at for bot, book in found.items() if isinstance(book, Book)}
        memory = replace(
            self._memory,
            seen={**read, **self._memory.seen},
            forgotten={bot: at for bot, at in self._memory.forgotten.items() if bot not in found},
            first_seen=aged.first_seen,
            carried=aged.carried,
            breaks=aged.lived.breaks,
        )
        memory, outgoing = outbox(report, memory)
        lived = aged.lived
        acts = tuple(
            AuditAct(RUN, one.action, one.after.identifier, one.after.discrepancy.detail) for one in lived.transitions
        )
        progress = self._collector.progress(collected, _with_judged_fills(aged.results))
        revision = self._state.record(Recording(report.at, memory, progress, outgoing, lived.changed, acts))
        self._collector.recorded(collected)
        self._memory = replace(memory, revision=revision)

    def _expected(self, collected: Collected, policies: Policies) -> tuple[ExpectedBot, ...]:
        out = self._switched_off(collected, policies)
        memory = self._memory
        by_runs, by_sides = decision.expected_for_eod(self._view), decision.expected_for_sides(collected.sides)
        named = (*policies.named, *by_runs, *by_sides, *decision.expected_for_breaks(self._lost(collected)))
        return decision.expected_bots(collected.books, named, memory.seen, memory.forgotten, out)

    def _lost(self, collected: Collected) -> Mapping[str, Mapping[str, int]]:
        """How many breaks stand, by bot and check, of bots of which nothing tells both sides, though nobody said so."""
        told = collected.sides.keys() | collected.uncompared
        standing = standing_checks(self._memory.breaks)
        return {bot: checks for bot, checks in standing.items() if bot not in told}

    def _switched_off(self, collected: Collected, policies: Policies) -> set[str]:
        """Bots that a person took out, by name or by the defaults of the thresholds file."""
        known = collected.books.keys() | self._memory.seen.keys()
        return set(policies.taken_out) | {bot for bot in known if not policies.of(bot).is_on("enabled")}

    def _out(self, collected: Collected, policies: Policies, expected: set[str]) -> set[str]:
        """Bots that are shown with all checks switched off: by a person, or for want of anything to check."""
        lately = {bot for bot, at in self._memory.forgotten.items() if collected.at - at < FORGOTTEN_STAYS}
        lately |= resolved_lately(self._memory.breaks, collected.at, FORGOTTEN_STAYS)
        return (lately | self._switched_off(collected, policies) | set(self._view.unscheduled)) - expected

    def _taken_out(self, policies: Policies, bot: str) -> BotVerdict:
        results = (*self._judge.taken_out(bot), CheckResult(EOD, bot, enabled=False))
        return BotVerdict(bot, None, results, policies.of(bot), None, (), {}, None)


def _with_judged_fills(results: Results) -> frozenset[str]:
    """The bots of which this pass has judged the fills: what a check did not judge is read again in the next."""
    return frozenset(
        one.bot for of_bot in results.values() for one in of_bot if one.check == FILLS and one.is_evaluated
    )
