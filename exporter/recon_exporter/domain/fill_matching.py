"""Matching the fills of both sides from cycle to cycle: only what has no counterpart is remembered.

Both sides are read again from a little before where the last look ended, so that every fill is judged within one span
that both sides cover. What agrees leaves nothing. A fill without counterpart is kept beyond what is read again, for a
ledger may write it late and date it by then; of such a late pair a 64-bit digest remains for as long as one of the two
is still read.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from recon_exporter.domain.differences import FillCounts, Window
from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.fill_joining import Joined, Names, by_ids, by_orders, with_orders_of_nameless
from recon_exporter.domain.fill_links import Allowances, Fills
from recon_exporter.domain.fill_look import Look, Told, places_of
from recon_exporter.domain.fill_match import FillMatch
from recon_exporter.domain.fill_sorting import Sorting
from recon_exporter.domain.finding import Reason, Unverified
from recon_exporter.domain.positions import Fill, FillStatement, Grain
from recon_exporter.domain.sides import SideTerms

MOST_LAG = timedelta(hours=1)
"""How much later a side may date a fill than the venue, for as long as it has not told."""
_AT = attrgetter("at")


@dataclass(frozen=True, slots=True)
class _Reading:
    """The three statements of one feed, and what follows from them."""

    ledger: FillStatement
    venue: FillStatement
    again: FillStatement
    symbols: frozenset[str] | None
    margin: timedelta
    by_order: bool

    @property
    def lag(self) -> timedelta:
        """How far apart both sides may date one execution."""
        return max(self.ledger.lag, self.venue.lag)

    @property
    def since(self) -> datetime:
        """From when all three tell their fills."""
        return max(statement.since for statement in (self.ledger, self.venue, self.again))

    def window(self, settle: timedelta) -> Window:
        """What all three cover, less what may lie beyond it on the other side's clock or is under way."""
        until = min(statement.until for statement in (self.ledger, self.venue, self.again))
        return Window(self.since + self.margin, until - settle - self.lag)


class FillMatcher:
    """The fills of one bot. ``terms`` may be exchanged between two feeds; not to be fed twice at once.

    ``judged_until`` is where an earlier process has come to, as ``FillMatch.window.until`` told it.
    """

    def __init__(self, bot: str, terms: SideTerms, judged_until: datetime | None = None) -> None:
        self.terms = terms
        self.judged_until = judged_until
        self._bot = bot
        self._margin = terms.pad + terms.order_span + MOST_LAG
        self._asked: datetime | None = None
        self._open: tuple[tuple[Fill, ...], tuple[Fill, ...]] = ((), ())
        self._late: Mapping[int, datetime] = {}
        self._names = Names(terms.comparison.symbols.canonical)

    @property
    def open_fills(self) -> int:
        """How many fills are remembered."""
        return sum(map(len, self._open))

    def since(self, now: datetime, standing: Iterable[datetime] = ()) -> datetime:
        """From when both sides are to be read, so that nothing between two looks is left unjudged.

        ``standing`` are the times of breaks that are to be judged again, however old they are.
        """
        start = now - self.terms.overlap
        self._asked = min((start, self.judged_until or start, *standing)) - self._margin
        return self._asked

    def feed(
        self, ledger: FillStatement, venue: FillStatement, ledger_again: FillStatement
    ) -> FillMatch | UnverifiedSide:
        """What the fills of both sides establish now; raises ValueError where the statements are of other bots.

        ``ledger_again`` was read after the venue: what it tells otherwise than ``ledger`` is under way. Where nothing
        was written in between it may be ``ledger`` itself.
        """
        strangers = {statement.bot for statement in (ledger, venue, ledger_again)} - {self._bot}
        if strangers:
            raise ValueError(f"fills of {', '.join(sorted(strangers))} do not belong to {self._bot}")
        names = self._names_now()
        reading = self._reading(ledger, venue, ledger_again, names)
        look = self._look(reading, names)
        if look.window.until < look.window.since:
            return self._too_short(look.window)
        kept = tuple(_not_read_again(*pair, names) for pair in zip(self._open, (reading.again, venue), strict=True))
        ours = (*kept[0], *_covered(reading.again.fills, reading.symbols, names))
        theirs = (*kept[1], *_covered(venue.fills, reading.symbols, names))
        sorting = Sorting(look, (*kept[0], *kept[1]))
        told = sorting.sort(_joined(ours, theirs, reading, names))
        self._margin = reading.margin
        is_as_asked = self._asked is not None and reading.since <= self._asked
        self._open, self._late = sorting.open_fills(), sorting.late
        if self.open_fills > self.terms.open_limit:
            return self._overwhelmed()
        counts = FillCounts(*(_within(fills, look.window) for fills in (reading.again.fills, venue.fills)))
        skipped = self._judged(look.window, is_as_asked=is_as_asked)
        return self._match(look, told, counts, sorting.lone_fills(), skipped)

    def _names_now(self) -> Names:
        """Those of the terms, which may have been exchanged."""
        canonical = self.terms.comparison.symbols.canonical
        if self._names.canonical != canonical:
            self._names = Names(canonical)
        return self._names

    @staticmethod
    def _too_short(window: Window) -> UnverifiedSide:
        why = (
            f"what both sides tell begins so late that nothing is old enough to be judged: from "
            f"{window.since.isoformat()} to {window.until.isoformat()}"
        )
        return UnverifiedSide("both", Unverified(Reason.SOURCE_INCOMPLETE, why))

    def _overwhelmed(self) -> UnverifiedSide:
        why = f"{self.open_fills} fills have no counterpart, more than {self.terms.open_limit}: all are forgotten"
        self._open, self._late = ((), ()), {}
        return UnverifiedSide("both", Unverified(Reason.MASS_BREAK, why))

    def _reading(self, ledger: FillStatement, venue: FillStatement, again: FillStatement, names: Names) -> _Reading:
        statements = (ledger, venue, again)
        spans = [frozenset(map(names.__getitem__, one.symbols)) for one in statements if one.symbols is not None]
        spans += [self.terms.scope] if self.terms.scope is not None else []
        by_order = any(one.grain is Grain.ORDER or not one.has_venue_ids for one in statements)
        margin = self.terms.pad + max(ledger.lag, venue.lag) + (self.terms.order_span if by_order else timedelta(0))
        symbols = frozenset.intersection(*spans) if spans else None
        return _Reading(ledger, venue, again, symbols, margin, by_order)

    def _look(self, reading: _Reading, names: Names) -> Look:
        return Look(
            window=reading.window(self.terms.settle),
            symbols=reading.symbols,
            read_since=reading.since,
            edge=reading.since + reading.lag + self.terms.pad,
            near=reading.lag + self.terms.settle + self.terms.pad,
            moving=_moving(reading.ledger, reading.again, names),
            late=self._late,
            names=names,
            allowed=Allowances.of(reading.again, reading.venue, self.terms),
        )

    def _judged(self, window: Window, *, is_as_asked: bool) -> Window | None:
        """Go on from here. What was skipped is read next time where it can be; where it cannot, it is told."""
        before = self.judged_until
        has_skipped = before is not None and before < window.since
        if window.until >= window.since and not (has_skipped and is_as_asked):
            self.judged_until = max(window.until, before or window.until)
        return Window(before, window.since) if before is not None and has_skipped and not is_as_asked else None

    def _match(
        self, look: Look, told: Told, counts: FillCounts, lone: tuple[Fills, Fills], skipped: Window | None
    ) -> FillMatch:
        return FillMatch(
            bot=self._bot,
            window=look.window,
            judged_until=self.judged_until,
            symbols=look.symbols,
            differences=tuple(told.differences),
            unjudged=frozenset(told.unjudged),
            uncompared=frozenset(told.uncompared),
            ended=frozenset(told.ended),
            tolerated=tuple(told.tolerated),
            counts=counts,
            matched=told.matched,
            deferred=told.deferred,
            without_fees=told.without_fees,
            alike=told.alike,
            unlike=tuple(told.unlike),
            allowed=told.allowed,
            skipped=skipped,
            open_ledger=lone[0],
            open_venue=lone[1],
        )


def _joined(ours: Sequence[Fill], theirs: Sequence[Fill], reading: _Reading, names: Names) -> Joined:
    if reading.by_order:
        return by_orders(ours, theirs, names)
    return with_orders_of_nameless(by_ids(ours, theirs, names), names)


def _not_read_again(fills: Iterable[Fill], statement: FillStatement, names: Names) -> tuple[Fill, ...]:
    """Those that the statement says nothing of; of the others it tells itself whether they are still there."""
    symbols = None if statement.symbols is None else {names[symbol] for symbol in statement.symbols}
    since = min(statement.since, statement.fills[0].at) if statement.fills else statement.since
    return tuple(
        fill
        for fill in fills
        if not since <= fill.at <= statement.until or (symbols is not None and names[fill.symbol] not in symbols)
    )


def _covered(fills: Sequence[Fill], symbols: frozenset[str] | None, names: Names) -> Sequence[Fill]:
    return fills if symbols is None else tuple(fill for fill in fills if names[fill.symbol] in symbols)


def _moving(ledger: FillStatement, again: FillStatement, names: Names) -> frozenset[tuple[str, str]]:
    """The places of which the ledger's second reading tells otherwise than its first."""
    if again is ledger or again.fills == ledger.fills:
        return frozenset()
    return frozenset(place for fill in set(ledger.fills) ^ set(again.fills) for place in places_of(fill, names))


def _within(fills: Sequence[Fill], window: Window) -> int:
    """How many of these, oldest first, lie in the window."""
    return max(bisect_right(fills, window.until, key=_AT) - bisect_left(fills, window.since, key=_AT), 0)
