"""What matching the fills of both sides established."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from recon_exporter.domain.breaks import BreakType
from recon_exporter.domain.differences import FillCounts, Place, Window
from recon_exporter.domain.positions import Fill


@dataclass(frozen=True, slots=True)
class FillDifference:
    """One difference between the fills of both sides: of one execution, or of one order where only orders compare.

    ``item`` is the id of the execution or order. ``ledger`` and ``venue`` are the fills concerned, of a duplicate the
    surplus alone. ``at`` is the time of the first of them, the venue's where it tells one. ``resembles`` is a fill of
    the other side under another id that looks the same: it only helps to explain.
    """

    type: BreakType
    symbol: str
    leg: str
    item: str
    ledger: tuple[Fill, ...]
    venue: tuple[Fill, ...]
    at: datetime
    words: str
    resembles: Fill | None = None

    @property
    def place(self) -> Place:
        """Symbol and item."""
        return (self.symbol, self.item)


@dataclass(frozen=True, slots=True)
class FillMatch:
    """What one look at the fills of both sides established.

    ``differences`` lie within ``window`` and in ``symbols`` (None means all), sorted by time. ``matched`` counts names
    under which both sides agree, ``alike`` fills that only likeness brings together, because no id does; ``unlike``
    is what nobody can judge: it is told, and makes no break. ``deferred`` counts fills too young to be judged or moving
    while they were read, ``without_fees`` names of which a side tells no fee, so that fees were not compared,
    ``allowed`` fills of others that may trade here. ``judged_until`` is how far all looks together have come,
    ``venue_items`` are all ids of fills that the venue tells of the very times of standing breaks, ``skipped`` a span
    that none has judged, because the sides do not tell it any more. ``open_ledger`` and
    ``open_venue`` are all fills that have no counterpart now, judged or not. The rest is as in Differences.
    """

    bot: str
    window: Window
    judged_until: datetime | None
    symbols: frozenset[str] | None
    differences: tuple[FillDifference, ...]
    unjudged: frozenset[Place]
    uncompared: frozenset[tuple[BreakType, str, str]]
    ended: frozenset[Place]
    tolerated: tuple[Decimal, ...]
    counts: FillCounts
    matched: int
    deferred: int
    without_fees: int
    alike: int
    unlike: tuple[FillDifference, ...]
    allowed: int
    venue_items: frozenset[str] | None
    skipped: Window | None
    open_ledger: tuple[Fill, ...]
    open_venue: tuple[Fill, ...]
