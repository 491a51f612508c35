"""A break between the two sides, and its life.

Its identity leaves out the amounts: bot, type, symbol and leg; outside end-of-day runs also the check that found it and
the one item concerned. So a change of size is the same break, and its age runs from first sight.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from recon_exporter.domain.attributed import Attribution
from recon_exporter.domain.finding import Severity
from recon_exporter.domain.money import ROUNDING, ZERO

BreakIdentity = tuple[str, ...]
EOD = "eod"
"""The check of end-of-day runs."""

ACTION_CONFIRMED = "confirmed"


class BreakType(StrEnum):
    """The five types of the end-of-day runbook, with its own names, and those that only cycles find."""

    MISSING_AT_BROKER = "MISSING_AT_BROKER"
    MISSING_IN_DB = "MISSING_IN_DB"
    QUANTITY_MISMATCH = "QUANTITY_MISMATCH"
    PRICE_MISMATCH = "PRICE_MISMATCH"
    STALE_POSITION = "STALE_POSITION"
    FILL_MISSING_IN_LEDGER = "FILL_MISSING_IN_LEDGER"
    FILL_MISSING_AT_VENUE = "FILL_MISSING_AT_VENUE"
    FILL_QUANTITY = "FILL_QUANTITY"
    FILL_PRICE = "FILL_PRICE"
    FILL_FEE = "FILL_FEE"
    FILL_DUPLICATE = "FILL_DUPLICATE"
    FILL_FOREIGN = "FILL_FOREIGN"
    BALANCE_MISMATCH = "BALANCE_MISMATCH"


EOD_TYPES = (
    BreakType.MISSING_AT_BROKER,
    BreakType.MISSING_IN_DB,
    BreakType.QUANTITY_MISMATCH,
    BreakType.PRICE_MISMATCH,
    BreakType.STALE_POSITION,
)
"""The types of the end-of-day runbook."""
CYCLE_TYPES = (
    BreakType.MISSING_AT_BROKER,
    BreakType.MISSING_IN_DB,
    BreakType.QUANTITY_MISMATCH,
    BreakType.FILL_MISSING_IN_LEDGER,
    BreakType.FILL_MISSING_AT_VENUE,
    BreakType.FILL_QUANTITY,
    BreakType.FILL_PRICE,
    BreakType.FILL_FEE,
    BreakType.FILL_DUPLICATE,
    BreakType.FILL_FOREIGN,
    BreakType.BALANCE_MISMATCH,
)
"""The types that cycles find."""
_OF_PRICES = frozenset({BreakType.PRICE_MISMATCH, BreakType.FILL_PRICE})
MISSING = frozenset({BreakType.MISSING_AT_BROKER, BreakType.MISSING_IN_DB})


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One difference that one run or cycle found. Quantities are signed; ``difference`` is ledger minus venue.

    ``exposure`` is in US dollars, None where no price or rate is known: unknown, never zero. ``auto_halt`` says whether
    this difference alone asks for a halt. ``difference`` is that of the prices where the type is PRICE_MISMATCH or
    FILL_PRICE, of the fees where it is FILL_FEE and one asset differs, of the quantities otherwise, and None where the
    type compares none of them. ``check`` found it. ``item`` is what it concerns
    beside symbol and leg: the id of a fill or order, empty for positions; of a balance ``symbol`` is the asset.
    ``happened_at`` is the time of the fill.
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
    check: str = EOD
    item: str = ""
    happened_at: datetime | None = None

    @property
    def identity(self) -> BreakIdentity:
        """What makes it the same break tomorrow."""
        place = (self.bot, self.type.value, self.symbol, self.leg)
        return place if self.check == EOD else (*place, self.check, self.item)

    @property
    def size(self) -> Decimal | None:
        """What a person accepts: the absolute difference, that of prices times what is held; None where it has none."""
        if self.difference is None:
            return None
        gap = self.difference.copy_abs()
        if self.type not in _OF_PRICES:
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
    waits for a second person. ``resolution`` says how it ended: by a clean run, or retired by a person. Of a break that
    cycles find, ``found_in_row`` and ``clean_in_row`` count the looks in a row that found it or did not, ``judged_at``
    is the latest of those that judged it, ``explanation`` what the difference is made of, as far as records tell.
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
    found_in_row: int = 0
    clean_in_row: int = 0
    judged_at: datetime | None = None
    explanation: Attribution | None = None

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
