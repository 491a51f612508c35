"""What comparing both sides of a bot within a cycle established, as the life of breaks and the gauges take it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from recon_exporter.domain.breaks import BreakType, Discrepancy
from recon_exporter.domain.money import ZERO, total

_OF_VENUE_ALONE = frozenset({BreakType.FILL_MISSING_IN_LEDGER, BreakType.FILL_FOREIGN})
Place = tuple[str, str]
"""Symbol and item of a discrepancy: what stays the same where a break changes its type."""


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time, both ends included."""

    since: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        return self.since <= at <= self.until


@dataclass(frozen=True, slots=True)
class FillCounts:
    """How many fills each side tells within the window that was judged, and how many could not be; as in FillMatch."""

    ledger: int
    venue: int
    deferred: int = 0
    without_fees: int = 0
    alike: int = 0
    allowed: int = 0


@dataclass(frozen=True, slots=True)
class Differences:
    """What one check found between both sides, and what it can say of breaks that stand already.

    Only what happened within ``window`` was judged, or anything where it is None; only in ``symbols``, or in all where
    they are None. ``unjudged`` could be neither found nor excluded, as a fill under way; so could the type of
    ``uncompared`` at its place, and all of ``uncompared_types``. ``ended`` are places outside the window of which it is
    known all the same what is there now. ``venue_items`` are the items of standing breaks that the venue still tells,
    or None where nobody has looked for them. ``tolerated`` are the quantities that tolerance let through, ledger minus
    venue. ``positions`` (by symbol and leg) and ``balances`` (by asset) are the raw differences, those within tolerance
    too; where the sides agree there is no entry. ``unattributed`` is what a shared account holds beyond what the ledger
    tells, by symbol or asset. Of symbols for which ``is_in_scope`` says no, nothing is told at all.
    """

    discrepancies: tuple[Discrepancy, ...]
    window: Window | None = None
    symbols: frozenset[str] | None = None
    unjudged: frozenset[Place] = frozenset()
    uncompared: frozenset[tuple[BreakType, str, str]] = frozenset()
    uncompared_types: frozenset[BreakType] = frozenset()
    ended: frozenset[Place] = frozenset()
    venue_items: frozenset[str] | None = None
    tolerated: tuple[Decimal, ...] = ()
    positions: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    balances: Mapping[str, Decimal] = field(default_factory=dict)
    unattributed: Mapping[str, Decimal] = field(default_factory=dict)
    fills: FillCounts | None = None
    is_in_scope: Callable[[str], bool] | None = None

    def has_judged(self, standing: Discrepancy) -> bool:
        """Whether a break that stands, and was not found again, is gone."""
        place = (standing.symbol, standing.item)
        if self.is_in_scope is not None and not self.is_in_scope(standing.symbol):
            return False
        if standing.type in self.uncompared_types or (standing.type, *place) in self.uncompared:
            return False
        if place in self.ended:
            return True
        if standing.type in _OF_VENUE_ALONE and self.venue_items is not None and standing.item not in self.venue_items:
            # The ledger has it no more than before: a venue that has stopped telling it proves nothing.
            return False
        if place in self.unjudged or (self.symbols is not None and standing.symbol not in self.symbols):
            return False
        return self.window is None or (standing.happened_at is not None and self.window.holds(standing.happened_at))

    @property
    def tolerated_sums(self) -> tuple[Decimal, Decimal]:
        """The positive and the negative differences that tolerance let through, each summed."""
        return (
            total(one for one in self.tolerated if one > ZERO),
            total(one for one in self.tolerated if one < ZERO),
        )
