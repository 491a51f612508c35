"""A break between the two books of positions, and its life.

Its identity leaves out the amounts: bot, type, symbol and leg. So a change of size is the same break, and its age runs
from first sight.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from recon_exporter.domain.finding import Severity
from recon_exporter.domain.money import ROUNDING, ZERO

BreakIdentity = tuple[str, str, str, str]

ACTION_CONFIRMED = "confirmed"


class BreakType(StrEnum):
    """The five types of the end-of-day runbook, with its own names."""

    MISSING_AT_BROKER = "MISSING_AT_BROKER"
    MISSING_IN_DB = "MISSING_IN_DB"
    QUANTITY_MISMATCH = "QUANTITY_MISMATCH"
    PRICE_MISMATCH = "PRICE_MISMATCH"
    STALE_POSITION = "STALE_POSITION"


MISSING = frozenset({BreakType.MISSING_AT_BROKER, BreakType.MISSING_IN_DB})


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One difference that one run found. Quantities are signed; ``difference`` is ledger minus venue.

    ``exposure`` is in US dollars, None where no price or rate is known: unknown, never zero. ``auto_halt`` says whether
    this difference alone asks for a halt. ``difference`` is that of the prices where the type is PRICE_MISMATCH, of the
    quantities otherwise, and None where the type compares neither.
    """

    type: BreakType
    bot: str
    symbol: str
    leg: str
    ledger_quantity: Decimal | None
    venue_quantity: Decimal | None
    ledger_price: Decimal | None
    venue_price: Decimal | None
    difference: Decimal | None
    exposure: Decimal | None
    severity: Severity
    auto_halt: bool
    detail: str

    @property
    def identity(self) -> BreakIdentity:
        """What makes it the same break tomorrow."""
        return (self.bot, self.type, self.symbol, self.leg)

    @property
    def size(self) -> Decimal | None:
        """What a person accepts: the absolute difference, that of prices times what is held; None where it has none."""
        if self.difference is None:
            return None
        gap = self.difference.copy_abs()
        if self.type is not BreakType.PRICE_MISMATCH:
            return gap
        held = max((quantity or ZERO).copy_abs() for quantity in (self.ledger_quantity, self.venue_quantity))
        return ROUNDING.multiply(gap, held)


class BreakState(StrEnum):
    """Seen once; seen again after the settle delay or in a later run; waived by a person until a date; gone."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Break:
    """A discrepancy with its life. ``identifier`` is short, stable and derived from identity and opening time.

    ``recurrences`` counts earlier lives of the same identity. ``accepted_until`` is the moment from which it counts
    again; acknowledged and for-review are flags beside the state. ``accepted_size`` is the size that was
    accepted: where it grows beyond, the acceptance ends. ``proposed_by`` and ``proposed_until`` are an acceptance that
    waits for a second person. ``resolution`` says how it ended: by a clean run, or retired by a person.
    """

    identifier: str
    discrepancy: Discrepancy
    state: BreakState
    first_seen: datetime
    last_seen: datetime
    times_seen: int
    recurrences: int = 0
    confirmed_at: datetime | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    for_review: bool = False
    accepted_by: str | None = None
    accepted_until: datetime | None = None
    accepted_size: Decimal | None = None
    proposed_by: str | None = None
    proposed_until: datetime | None = None
    resolved_at: datetime | None = None
    resolution: str | None = None

    def counts(self, now: datetime) -> bool:
        """Whether it is open and not accepted now: such breaks make ``Breaks remaining`` and ``wsb_…``."""
        if self.state is BreakState.RESOLVED:
            return False
        return self.accepted_until is None or self.accepted_until <= now

    def state_at(self, now: datetime) -> BreakState:
        """Its state, also where an acceptance has ended and no run has written that down yet."""
        if self.state is not BreakState.ACCEPTED or not self.counts(now):
            return self.state
        return BreakState.CONFIRMED if self.confirmed_at else BreakState.OPEN


@dataclass(frozen=True, slots=True)
class Halt:
    """A durable request that a bot stop trading. ``reason`` is a break type, ``exposure`` or ``missing_positions``."""

    bot: str
    reason: str
    since: datetime
    detail: str
    action: str
    """What became of the configured action: none configured, pending, confirmed, or failed with the reason."""

    @property
    def told(self) -> str:
        """The request, and whether anything acted upon it."""
        outcome = "the bot was told to stop" if self.action == ACTION_CONFIRMED else "nothing was stopped"
        return f"HALT REQUESTED ({self.reason}), {outcome}"
