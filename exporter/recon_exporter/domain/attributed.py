"""The lines that account for a difference in a position or balance."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from recon_exporter.domain.finding import Detail
from recon_exporter.domain.money import total


class Source(StrEnum):
    """What a line is about."""

    MISSING_IN_LEDGER = "missing_in_ledger"
    MISSING_AT_VENUE = "missing_at_venue"
    DIFFERENT_FILL = "different_fill"
    DUPLICATE = "duplicate"
    NAMELESS_FILL = "nameless_fill"
    FEE = "fee"
    FUNDING = "funding"
    TRANSFER = "transfer"
    CONVERSION = "conversion"
    INTEREST = "interest"
    OTHER_MOVEMENT = "other_movement"
    TRUNCATION = "truncation"


@dataclass(frozen=True, slots=True)
class Line:
    """One record. ``amount`` is how much of the difference, ledger minus venue, it makes; ``item`` is its id."""

    source: Source
    item: str
    at: datetime | None
    amount: Decimal
    words: str


@dataclass(frozen=True, slots=True)
class Attribution:
    """``lines``, the largest first, and ``unexplained`` are together exactly the difference.

    ``possible`` happened too, and does not count because it does not make the rest come out.
    """

    difference: Decimal
    lines: tuple[Line, ...]
    unexplained: Decimal
    possible: tuple[Line, ...]

    @property
    def explained(self) -> Decimal:
        return total(line.amount for line in self.lines)


def details_of(attribution: Attribution) -> dict[str, Detail]:
    """As a report tells it."""
    return {
        "explained": attribution.explained,
        "unexplained": attribution.unexplained,
        "lines": tuple(map(_told, attribution.lines)),
        "possible": tuple(map(_told, attribution.possible)),
    }


def _told(line: Line) -> dict[str, Detail]:
    return {
        "source": line.source.value,
        "item": line.item,
        "at": line.at,
        "amount": line.amount,
        "detail": line.words,
    }
