"""What one cycle makes of the breaks that stand, and what the breaks make of the results of their checks."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from recon_exporter.domain.break_explanations import explained
from recon_exporter.domain.break_findings import break_findings
from recon_exporter.domain.break_life import Aged
from recon_exporter.domain.break_steps import Transition
from recon_exporter.domain.breaks import Break, BreakState
from recon_exporter.domain.confirmation import Confirmation, age_differences
from recon_exporter.domain.difference_findings import CODES
from recon_exporter.domain.fill_differences import CHECK as FILLS
from recon_exporter.domain.fill_match import FillMatch
from recon_exporter.domain.finding import CheckResult, Reason, Unverified
from recon_exporter.domain.sides import Sides

_CODES = frozenset(CODES.values())
Results = Mapping[str, tuple[CheckResult, ...]]
KEPT_RESOLVED = 1_000
"""How many resolved breaks the memory of cycles holds, the latest, by which recurrences are counted."""

LONGEST_LAG = timedelta(minutes=10)
"""So far behind fills may be judged that what they may explain still waits for them."""


@dataclass(frozen=True, slots=True)
class Lived:
    """Results with their confirmed breaks as findings.

    ``breaks`` are all that stand and the latest of the resolved, by first sight; ``changed`` those that are to be
    written down, ``transitions`` what became of them.
    """

    results: Results
    breaks: tuple[Break, ...]
    changed: tuple[Break, ...]
    transitions: tuple[Transition, ...]

    @property
    def standing(self) -> tuple[Break, ...]:
        """Those that are not resolved."""
        return tuple(one for one in self.breaks if one.state is not BreakState.RESOLVED)


def live_on(known: tuple[Break, ...], results: Results, sides: Mapping[str, Sides], now: datetime) -> Lived:
    """Carry all breaks of cycles through one cycle; ``sides`` are the looks by bot that the results were made of."""
    by_check: dict[tuple[str, str], list[Break]] = {}
    for one in known:
        by_check.setdefault((one.discrepancy.bot, one.discrepancy.check), []).append(one)
    after = {one.identifier: one for one in known}
    transitions: list[Transition] = []
    told: dict[str, tuple[CheckResult, ...]] = {}
    for bot, of_bot in results.items():
        lived: dict[str, CheckResult] = {}
        fills: tuple[Break, ...] = ()
        for result in sorted(of_bot, key=lambda result: result.check != FILLS):
            aged = _aged(by_check.get((bot, result.check), []), result, sides.get(bot), fills)
            if aged is not None:
                standing = tuple(explained(one, sides[bot]) for one in aged.breaks)
                fills = standing if result.check == FILLS else fills
                transitions += aged.transitions
                after |= {one.identifier: one for one in (*standing, *aged.resolved)}
                lived[result.check] = _with_findings(result, standing, now)
            else:
                lived[result.check] = _with_findings(result, by_check.get((bot, result.check), ()), now)
        told[bot] = tuple(lived[result.check] for result in of_bot)
    before = {one.identifier: one for one in known}
    changed = tuple(one for identifier, one in after.items() if before.get(identifier) != one)
    breaks = tuple(sorted(_kept(after.values()), key=lambda one: (one.first_seen, one.identifier)))
    return Lived(told, breaks, changed, tuple(transitions))


def _kept(breaks: Collection[Break]) -> list[Break]:
    """What is remembered: a process may run for years, and the state has them all."""
    ended = {one.identifier: one.resolved_at for one in breaks if one.resolved_at is not None}
    forgotten = set(sorted(ended, key=lambda name: (ended[name], name))[:-KEPT_RESOLVED])
    return [one for one in breaks if one.identifier not in forgotten]


def standing_checks(breaks: Iterable[Break]) -> Mapping[str, Counter[str]]:
    """How many breaks stand, by bot and check."""
    standing: dict[str, Counter[str]] = {}
    for one in breaks:
        if one.state is not BreakState.RESOLVED:
            standing.setdefault(one.discrepancy.bot, Counter())[one.discrepancy.check] += 1
    return standing


def resolved_lately(breaks: Iterable[Break], now: datetime, span: timedelta) -> set[str]:
    """The bots of which a break has ended within this span."""
    return {one.discrepancy.bot for one in breaks if one.resolved_at is not None and now - one.resolved_at < span}


def out_of_sight(result: CheckResult, standing: Mapping[str, int]) -> CheckResult:
    """The result of a bot of which nothing tells both sides any more: what stands of a check is not called off."""
    if result.enabled or result.check not in standing:
        return result
    why = f"nothing tells both sides any more, and {standing[result.check]} breaks stand: repair it, or retire them"
    return CheckResult(result.check, result.bot, unverified=Unverified(Reason.SOURCE_MISSING, why))


def _aged(known: Iterable[Break], result: CheckResult, sides: Sides | None, fills: Iterable[Break]) -> Aged | None:
    """The breaks of a check after its look; None where it has none that counts."""
    if result.differences is None or not result.is_evaluated or sides is None or sides.taken_at is None:
        return None
    waits = result.check != FILLS and bool(result.differences.discrepancies)
    confirmation = _confirmation(sides, sides.taken_at, fills) if waits else sides.terms.confirmation
    return age_differences(known, result.differences, sides.taken_at, confirmation)


def _confirmation(sides: Sides, taken_at: datetime, fills: Iterable[Break]) -> Confirmation:
    """When differences in positions and balances are confirmed: together with fills that may be all there is to them.

    A fill that one side alone has told is judged when it has settled, and by the books that hear of it last; without
    waiting for it one cause would be told twice, and what a bot has not heard of yet would be told as lost.
    """
    confirmation, match = sides.terms.confirmation, sides.fills
    if not isinstance(match, FillMatch) or not (_are_unjudged(match) or any(map(_is_unconfirmed, fills))):
        return confirmation
    behind = min(max(taken_at - match.window.until, timedelta(0)), LONGEST_LAG)
    return replace(confirmation, settle=behind + 2 * confirmation.settle)


def _are_unjudged(match: FillMatch) -> bool:
    return any(fill.at > match.window.until for fill in (*match.open_ledger, *match.open_venue))


def _is_unconfirmed(one: Break) -> bool:
    return one.state is BreakState.OPEN and one.found_in_row > 0


def _with_findings(result: CheckResult, breaks: Iterable[Break], now: datetime) -> CheckResult:
    """The result with confirmed breaks in the place of what its one look found.

    A check that a person switched off has no findings any more, whatever stands of its breaks.
    """
    found = break_findings(breaks, now) if result.enabled else ()
    beside = tuple(one for one in result.findings if result.differences is None or one.message not in _CODES)
    if not found and len(beside) == len(result.findings):
        return result
    return replace(result, findings=(*beside, *found))
