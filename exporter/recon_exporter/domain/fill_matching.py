"""Matching the fills of both sides from cycle to cycle: only what has no counterpart is remembered.

Both sides are read again from a little before where the last look ended, so that every fill is judged within one span
that both sides cover. What agrees leaves nothing. A fill without counterpart is kept beyond what is read again, for a
ledger may write it late and date it by then; of such a late pair a 64-bit digest remains for as long as one of the two
is still read.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from recon_exporter.domain.differences import FillCounts, Window
from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.fill_joining import Joined, Names, by_ids, by_orders, with_orders_of_nameless
from recon_exporter.domain.fill_links import Allowances, Fills
from recon_exporter.domain.fill_look import Look, Told, places_of
from recon_exporter.domain.fill_match import FillMatch
from recon_exporter.domain.fill_reading import Reading, covered, moving, not_read_again, within
from recon_exporter.domain.fill_sorting import Sorting
from recon_exporter.domain.finding import Reason, Unverified
from recon_exporter.domain.positions import Fill, FillStatement, Grain
from recon_exporter.domain.sides import SideTerms

MOST_LAG = timedelta(hours=1)
"""How much later a side may date a fill than the venue, for as long as it has not told."""


class FillMatcher:
    """The fills of one bot. ``terms`` may be exchanged between two feeds; not to be fed twice at once.

    ``judged_until`` is where an earlier process has come to, as ``FillMatch.window.until`` told it. A look that was
    asked for with a narrow margin is to be made again, widened, where it finds any difference.
    """

    def __init__(self, bot: str, terms: SideTerms, judged_until: datetime | None = None) -> None:
        self.terms = terms
        self.judged_until = judged_until
        self.is_narrow = False
        self._bot = bot
        self._widest = self._margin = terms.pad + terms.order_span + MOST_LAG
        self._reads_widely = False
        self._asked: datetime | None = None
        self._judged_before: datetime | None = None
        self._newest: Fill | None = None
        self._standing_at: tuple[datetime, ...] = ()
        self._open: tuple[tuple[Fill, ...], tuple[Fill, ...]] = ((), ())
        self._late: Mapping[int, datetime] = {}
        self._names = Names(terms.comparison.symbols.canonical)

    @property
    def open_fills(self) -> int:
        """How many fills are remembered."""
        return sum(map(len, self._open))

    def since(self, now: datetime, standing: Iterable[datetime] = (), beginning: datetime | None = None) -> datetime:
        """From when both sides are to be read, so that nothing between two looks is left unjudged.

        ``standing`` are the times of breaks that are to be judged again, however old they are; all is judged from
        ``beginning`` on, where that is told. What is read beyond that was judged before: it is there to find the
        counterparts of what one side dates much later.
        """
        start = now - self.terms.overlap
        self._standing_at = tuple(standing)
        self._judged_before = min(start, self.judged_until or start, beginning or start)
        self.is_narrow = self._margin < self._widest and not self._standing_at and not self._reads_widely
        self._reads_widely = False
        self._asked = min((self._judged_before, *self._standing_at)) - (
            self._margin if self.is_narrow else self._widest
        )
        return self._asked

    def widen(self) -> None:
        """Let the next look reach back as far as one side may date a fill otherwise than the other."""
        self._reads_widely = True

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
        if self._has_lost(venue):
            why = "its latest fill is told no more, which it told before: what else it does not tell proves nothing"
            return UnverifiedSide("venue", Unverified(Reason.SOURCE_INCOMPLETE, why))
        names = self._names_now()
        reading = self._reading(ledger, venue, ledger_again, names)
        look = self._look(reading, names)
        if look.window.until < look.window.since:
            return self._too_short(look.window)
        kept = tuple(not_read_again(*pair, names) for pair in zip(self._open, (reading.again, venue), strict=True))
        ours = (*kept[0], *covered(reading.again.fills, reading.symbols, names))
        theirs = (*kept[1], *covered(venue.fills, reading.symbols, names))
        sorting = Sorting(look, (*kept[0], *kept[1]))
        told = sorting.sort(_joined(ours, theirs, reading, names))
        self._margin = reading.margin
        self._newest = venue.fills[-1] if venue.fills else self._newest
        is_as_asked = self._asked is not None and reading.since <= self._asked
        self._open, self._late = sorting.open_fills(), sorting.late
        if self.open_fills > self.terms.open_limit:
            return self._overwhelmed()
        counts = FillCounts(*(within(fills, look.window) for fills in (reading.again.fills, venue.fills)))
        skipped = self._judged(look.window, told.unwritten_at, is_as_asked=is_as_asked)
        return self._match(look, told, counts, sorting.lone_fills(), skipped)

    def _has_lost(self, venue: FillStatement) -> bool:
        """Whether the venue tells less than in an earlier look, as where its answer is empty by mistake."""
        known = self._newest
        if known is None or not known.fill_id or not venue.since <= known.at <= venue.until:
            return False
        is_asked_for = venue.symbols is None or known.symbol in venue.symbols
        is_young = venue.until - known.at <= self.terms.overlap
        return is_young and is_asked_for and all(fill.fill_id != known.fill_id for fill in reversed(venue.fills))

    def _venue_items(self, venue: FillStatement, names: Names) -> frozenset[str] | None:
        """What the venue tells of the times of standing breaks; None where nobody has said which stand."""
        if self._asked is None:
            return None
        times = frozenset(self._standing_at)
        return frozenset(item for fill in venue.fills if fill.at in times for _, item in places_of(fill, names))

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

    def _reading(self, ledger: FillStatement, venue: FillStatement, again: FillStatement, names: Names) -> Reading:
        statements = (ledger, venue, again)
        spans = [frozenset(map(names.__getitem__, one.symbols)) for one in statements if one.symbols is not None]
        by_order = any(one.grain is Grain.ORDER or not one.has_venue_ids for one in statements)
        margin = self.terms.pad + max(ledger.lag, venue.lag) + (self.terms.order_span if by_order else timedelta(0))
        symbols = frozenset.intersection(*spans) if spans else None
        return Reading(ledger, venue, again, symbols, margin, by_order)

    def _look(self, reading: Reading, names: Names) -> Look:
        return Look(
            window=reading.window(self.terms.settle),
            symbols=reading.symbols,
            read_since=reading.since,
            edge=reading.since + reading.lag + self.terms.pad,
            near=reading.lag + self.terms.settle + self.terms.pad,
            judged_before=self._judged_before,
            standing_at=self._standing_at,
            venue_items=self._venue_items(reading.venue, names),
            moving=moving(reading.ledger, reading.again, names),
            unwritten_since=reading.again.unwritten_since,
            late=self._late,
            names=names,
            allowed=Allowances.of(reading.again, reading.venue, self.terms),
        )

    def _judged(self, window: Window, unwritten_at: datetime | None, *, is_as_asked: bool) -> Window | None:
        """Go on from here. What was skipped is read next time where it can be; where it cannot, it is told.

        What the ledger is still to write is asked for again, also by a process that remembers nothing of it.
        """
        before = self.judged_until
        has_skipped = before is not None and before < window.since
        if window.until >= window.since and not (has_skipped and is_as_asked):
            until = window.until if unwritten_at is None else min(window.until, unwritten_at)
            self.judged_until = max(until, before or until)
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
            venue_items=look.venue_items,
            skipped=skipped,
            open_ledger=lone[0],
            open_venue=lone[1],
        )


def _joined(ours: Sequence[Fill], theirs: Sequence[Fill], reading: Reading, names: Names) -> Joined:
    if reading.by_order:
        return by_orders(ours, theirs, names)
    return with_orders_of_nameless(by_ids(ours, theirs, names), names)
