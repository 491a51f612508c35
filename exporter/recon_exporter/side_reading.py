"""Reading both sides of one bot within one bracket: positions, fills and balances, as far as it tells of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar

from recon_exporter.balance_bracketing import BalanceBracket
from recon_exporter.bracketing import Bracket, told
from recon_exporter.domain.balance_rules import gaps, is_allowed, is_unattributed
from recon_exporter.domain.day_counts import DayCount, counted
from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.fill_match import FillMatch
from recon_exporter.domain.fill_matching import FillMatcher
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.position_differences import differences_of
from recon_exporter.domain.sides import BalanceSides, FillsToday, Movements, PositionSides, Sides, SideTerms
from recon_exporter.domain.statement import SourceHealth, Unavailable
from recon_exporter.ports import Clock, PositionLedger, PositionVenue

Statement = TypeVar("Statement")
SETTLE = timedelta(seconds=5)
"""How long to wait before looking again at what moved while it was read."""


@dataclass(frozen=True, slots=True)
class Tells:
    """What both sides of a bot tell by configuration; of the rest nothing is asked."""

    positions: bool
    fills: bool
    balances: bool
    are_positions_optional: bool = False
    """Whether a ledger that has no column for positions tells none, rather than having lost them."""


@dataclass(frozen=True, slots=True)
class SidesReading:
    """What both sides said, when, and how the sources fared; ``judged_until`` is how far fills have been judged."""

    sides: Sides
    taken_at: datetime
    health: tuple[SourceHealth, ...]
    judged_until: datetime | None


class SideReader:
    """Both sides of one bot, and the fills of them that have no counterpart yet. Not to be asked twice at once."""

    def __init__(
        self,
        bot: str,
        books: tuple[PositionLedger, PositionVenue],
        terms: SideTerms,
        tells: Tells,
        history: timedelta,
        clock: Clock,
    ) -> None:
        self.bot = bot
        self._ledger, self._venue = books
        self._terms = terms
        self._tells = tells
        self._history = history
        self._clock = clock
        self._matcher: FillMatcher | None = None
        self._days: tuple[DayCount | None, DayCount | None] = (None, None)

    def read(self, judged_until: datetime | None, standing: Iterable[datetime]) -> SidesReading:
        """One look. ``judged_until`` is where an earlier process came to, ``standing`` the times of breaks in fills."""
        positions = self._positions() if self._tells.positions else None
        fills = self._fills(judged_until, standing) if self._tells.fills else None
        balances = self._balances() if self._tells.balances else None
        movements = self._movements() if _differ(positions, self._terms) or _differ(balances, self._terms) else None
        taken_at = self._clock.now()
        until = fills.judged_until if isinstance(fills, FillMatch) else None
        sides = Sides(positions, balances, fills, self._terms, taken_at, movements, self._fills_today())
        return SidesReading(sides, taken_at, tuple(self._health(sides)), until or judged_until)

    def unread(self, why: Unavailable, now: datetime) -> SidesReading:
        """The reading that could not be made."""
        side = UnverifiedSide("both", why.unverified())
        sides = Sides(
            side if self._tells.positions else None,
            side if self._tells.balances else None,
            side if self._tells.fills else None,
            self._terms,
            now,
        )
        return SidesReading(sides, now, tuple(self._health(sides)), None)

    def _positions(self) -> PositionSides | UnverifiedSide | None:
        canonical = self._terms.comparison.symbols.canonical
        bracket = Bracket(self._ledger, self._venue, canonical, self._clock, self._clock.wait, SETTLE)
        look = bracket.look()
        if not isinstance(look, UnverifiedSide):
            return PositionSides(look.ledger, look.venue)
        is_untold = look.side == "ledger" and look.why.reason is Reason.INPUT_MISSING
        return None if is_untold and self._tells.are_positions_optional else look

    def _fills(self, judged_until: datetime | None, standing: Iterable[datetime]) -> FillMatch | UnverifiedSide:
        if self._matcher is None:
            self._matcher = FillMatcher(self.bot, self._terms, judged_until)
        found = self._matched(self._matcher, judged_until, standing)
        if isinstance(found, FillMatch) and found.differences and self._matcher.is_narrow:
            self._matcher.widen()
            return self._matched(self._matcher, judged_until, standing)
        return found

    def _matched(
        self, matcher: FillMatcher, judged_until: datetime | None, standing: Iterable[datetime]
    ) -> FillMatch | UnverifiedSide:
        now = self._clock.now()
        if judged_until is not None and judged_until > now:
            # It was written down while the clock was ahead: nobody knows how far fills were judged in truth.
            judged_until = None
        # What an earlier look has seen counts only where it was judged and recorded.
        matcher.judged_until = judged_until
        # A bot that nobody has judged yet is judged as far back as is asked for, and promised nothing further back.
        beginning = now - self._history if judged_until is None else now
        since = min(matcher.since(now, standing, beginning), self._counted_since(now))
        ledger = told(lambda: self._ledger.fills(since, self._clock.now()))
        if isinstance(ledger, Unavailable):
            return UnverifiedSide("ledger", ledger.unverified())
        venue = told(lambda: self._venue.fills(since, self._clock.now()))
        if isinstance(venue, Unavailable):
            return UnverifiedSide("venue", venue.unverified())
        again = told(lambda: self._ledger.fills(since, self._clock.now()))
        if isinstance(again, Unavailable):
            return UnverifiedSide("ledger", again.unverified())
        self._days = (counted(self._days[0], again), counted(self._days[1], venue))
        return matcher.feed(ledger, venue, again)

    def _counted_since(self, now: datetime) -> datetime:
        """From when the first look reads at least: the fills of today are counted whole after a restart, too."""
        if None not in self._days:
            return now
        return max(now - self._history, datetime.combine(now.date(), time(), UTC))

    def _balances(self) -> BalanceSides | UnverifiedSide:
        return BalanceBracket(self._ledger, self._venue, self._terms, self._clock, self._clock.wait, SETTLE).look()

    def _fills_today(self) -> FillsToday | None:
        ours, theirs = self._days
        if ours is None or theirs is None or not (ours.is_whole and theirs.is_whole):
            return None
        return FillsToday(ours.count, theirs.count)

    def _movements(self) -> Movements | None:
        """What the venue did lately; None where it does not say."""
        now = self._clock.now()
        fills = told(lambda: self._venue.fills(now - self._history, now))
        activities = told(lambda: self._venue.activities(now - self._history))
        if isinstance(fills, Unavailable):
            return None
        return Movements(fills.fills, () if isinstance(activities, Unavailable) else activities)

    def _health(self, sides: Sides) -> Iterable[SourceHealth]:
        parts = [part for part in (sides.positions, sides.balances, sides.fills) if part is not None]
        down = {part.side for part in parts if isinstance(part, UnverifiedSide)}
        for side, source in (("ledger", self._ledger.name), ("venue", self._venue.name)):
            is_read = any(not isinstance(part, UnverifiedSide) for part in parts)
            # Where only the other side failed, this one was read; of both nobody can say which.
            is_up = bool(parts) and side not in down and (is_read or "both" not in down)
            yield SourceHealth(self.bot, side, source, is_up, sides.taken_at if is_up else None)


def _differ(sides: PositionSides | BalanceSides | UnverifiedSide | None, terms: SideTerms) -> bool:
    """Whether both sides tell anything else that is to be explained."""
    if isinstance(sides, PositionSides):
        return bool(differences_of(sides, terms).discrepancies)
    if isinstance(sides, BalanceSides):
        return any(not is_allowed(one, terms) and not is_unattributed(one, terms) for one in gaps(sides, terms))
    return False
