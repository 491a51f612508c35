"""What one look at the fills of both sides goes by, and what it has to tell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from recon_exporter.domain.breaks import BreakType
from recon_exporter.domain.differences import Place, Window
from recon_exporter.domain.fill_joining import Names
from recon_exporter.domain.fill_links import Allowances, Fills, Link
from recon_exporter.domain.fill_match import FillDifference
from recon_exporter.domain.fill_sums import Trait
from recon_exporter.domain.positions import Fill
from recon_exporter.domain.sides import SideTerms


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at both sides goes by.

    ``read_since`` is from when both sides were read, ``edge`` from when neither can lack what the other dates later,
    ``near`` how far apart fills may be that look the same, ``moving`` what changed in the ledger while the sides were
    read, ``unwritten_since`` from when the ledger lacks what it has not written yet, ``late`` the digests of pairs of
    which one is read no more, with the time of that one. What happened before ``judged_before`` was judged by earlier
    looks: but for what is near ``standing_at``, the times of breaks that stand, its counterpart may lie where nobody
    reads any more. ``venue_items`` are as in FillMatch.
    """

    window: Window
    symbols: frozenset[str] | None
    read_since: datetime
    edge: datetime
    near: timedelta
    judged_before: datetime | None
    standing_at: tuple[datetime, ...]
    venue_items: frozenset[str] | None
    moving: frozenset[Place]
    unwritten_since: datetime | None
    late: Mapping[int, datetime]
    names: Names
    allowed: Allowances

    @property
    def terms(self) -> SideTerms:
        return self.allowed.terms

    def covers(self, symbol: str) -> bool:
        """Whether both sides tell the fills of this symbol, and the bot is judged by it."""
        return self.symbols is None or symbol in self.symbols

    def judges(self, at: datetime) -> bool:
        """Whether what happened then, and no earlier look has left open, is for this one to judge."""
        if at < self.window.since:
            return False
        is_new = self.judged_before is None or at >= self.judged_before
        return is_new or any(abs(at - standing) <= self.near for standing in self.standing_at)

    def holds(self, fills: Fills) -> bool:
        """Whether all of them lie in the window."""
        return all(self.window.holds(fill.at) for fill in fills)

    def is_unwritten(self, link: Link) -> bool:
        """Whether the ledger may lack of it only what it has not written yet."""
        since = self.unwritten_since
        return since is not None and any(fill.at >= since for fill in link.venue)

    def is_moving(self, link: Link) -> bool:
        """Whether the ledger changed what it tells of it while the sides were read."""
        if not self.moving:
            return False
        places = (place for fill in link.fills for place in places_of(fill, self.names))
        return any(place in self.moving for place in places)


def places_of(fill: Fill, names: Names) -> Iterator[Place]:
    """Every place under which a difference of this fill may stand."""
    symbol = names[fill.symbol]
    return ((symbol, name) for name in (fill.fill_id, fill.order_id, fill.client_order_id) if name)


@dataclass(slots=True)
class Told:
    """What a look has found so far; the names are those of FillMatch."""

    differences: list[FillDifference] = field(default_factory=list)
    unlike: list[FillDifference] = field(default_factory=list)
    unjudged: set[Place] = field(default_factory=set)
    unwritten_at: datetime | None = None
    uncompared: set[tuple[BreakType, str, str]] = field(default_factory=set)
    ended: set[Place] = field(default_factory=set)
    tolerated: list[Decimal] = field(default_factory=list)
    matched: int = 0
    deferred: int = 0
    without_fees: int = 0
    alike: int = 0
    allowed: int = 0

    def wait_for(self, link: Link) -> None:
        """The ledger is still to write it: what comes after it is judged, and its time is not over."""
        at = min(fill.at for fill in link.venue)
        self.unwritten_at = at if self.unwritten_at is None else min(at, self.unwritten_at)

    def tell(self, link: Link, trait: Trait) -> None:
        self.differences.append(_difference(link, trait))

    def tell_unlike(self, link: Link, words: str) -> None:
        """What nobody can judge: it is told all the same, and makes no break."""
        kind = BreakType.FILL_MISSING_IN_LEDGER if link.venue else BreakType.FILL_MISSING_AT_VENUE
        self.unlike.append(_difference(link, Trait(kind, words, link.ledger, link.venue)))

    def sort(self) -> None:
        """By time, so that the order of reading leaves no trace."""
        for told in (self.differences, self.unlike):
            told.sort(key=lambda one: (one.at, one.symbol, one.item, one.type))


def _difference(link: Link, trait: Trait) -> FillDifference:
    leg = next((fill.leg for fill in (*trait.venue, *trait.ledger) if fill.leg != "net"), "net")
    return FillDifference(trait.type, link.symbol, leg, link.item, trait.ledger, trait.venue, link.at, trait.words)
