"""What one end-of-day run of one bot established."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from recon_exporter.domain.breaks import Break, BreakType, Discrepancy, Halt
from recon_exporter.domain.finding import Unverified

BOTH = "both"


@dataclass(frozen=True, slots=True)
class UnverifiedSide:
    """Which side could not be read or proven, and why: ledger, venue, or both where they moved while being read."""

    side: str
    why: Unverified

    @property
    def told(self) -> str:
        """The side in words."""
        return told_unverified(self.side)


def told_unverified(side: str) -> str:
    """Which side is unverified, in words."""
    return "both sides are unverified" if side == BOTH else f"{side} is unverified"


@dataclass(frozen=True, slots=True)
class EodReport:
    """One run over one bot.

    Where ``unverified`` is set there is no verdict: ``discrepancies`` is empty and ``breaks`` are those that stood
    before. ``breaks`` are all unresolved ones after the run. ``exposure`` sums the counting ones, None where one of
    them is unknown; ``missing`` counts missing positions. ``due_at`` is the scheduled time that the run serves, None
    for a run by hand; ``is_late`` that it was caught up.
    """

    bot: str
    started_at: datetime
    finished_at: datetime
    due_at: datetime | None
    is_late: bool
    unverified: UnverifiedSide | None
    discrepancies: tuple[Discrepancy, ...]
    breaks: tuple[Break, ...]
    opened: tuple[str, ...]
    resolved: tuple[Break, ...]
    halts: tuple[Halt, ...]
    exposure: Decimal | None
    missing: int
    compared: int
    canaries_missed: tuple[str, ...]
    sources: tuple[str, str]
    tolerated: tuple[Decimal, Decimal]
    """What tolerances let through, in quantity: the positive and the negative differences, each summed."""
    unjudged: tuple[tuple[BreakType, int], ...] = ()
    """How many positions told too little (a price, a time of writing) to be judged, by type of break."""

    def breaks_remaining(self) -> int:
        """Breaks that count now."""
        return sum(one.counts(self.finished_at) for one in self.breaks)
