"""The fills that both sides tell under one name, and how far they may differ."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from recon_exporter.domain.differences import Place
from recon_exporter.domain.money import EXACT, ROUNDING
from recon_exporter.domain.positions import Fill, FillStatement
from recon_exporter.domain.sides import SideTerms

Fills = tuple[Fill, ...]
_DIGITS_OF_AVERAGE = Decimal("1E-40")
"""The share of a price by which two averages of the same executions may differ, because ratios are rounded."""


@dataclass(frozen=True, slots=True)
class Link:
    """The fills that both sides tell under one name; one side may be empty, and is where nothing is its counterpart."""

    symbol: str
    item: str
    ledger: Fills
    venue: Fills
    is_order: bool = False

    @property
    def place(self) -> Place:
        """Symbol and item."""
        return (self.symbol, self.item)

    @property
    def fills(self) -> Fills:
        """Those of both sides, the venue's first."""
        return (*self.venue, *self.ledger)

    @property
    def at(self) -> datetime:
        """When it happened: an order with its last execution, an execution by the venue's clock where it tells."""
        return last_of(self.fills) if self.is_order else first_of(self.venue or self.ledger)


@dataclass(frozen=True, slots=True)
class Allowances:
    """How far two fills may differ: the quantity and the price of each by the way the sides write them, and terms."""

    ledger_quantum: Decimal
    venue_quantum: Decimal
    price_quantum: Decimal
    terms: SideTerms

    @classmethod
    def of(cls, ledger: FillStatement, venue: FillStatement, terms: SideTerms) -> "Allowances":
        quanta = EXACT.add(ledger.price_quantum, venue.price_quantum)
        return cls(ledger.quantum, venue.quantum, quanta, terms)

    def quantity(self, link: Link) -> Decimal:
        """By how much the sums may differ: each fill of a side may be off by its quantum."""
        ours = EXACT.multiply(self.ledger_quantum, Decimal(len(link.ledger)))
        return EXACT.add(ours, EXACT.multiply(self.venue_quantum, Decimal(len(link.venue))))

    def price(self, larger: Decimal) -> Decimal:
        terms = self.terms
        share = max(terms.fill_price_relative, _DIGITS_OF_AVERAGE)
        return max(self.price_quantum, terms.fill_price_absolute, ROUNDING.multiply(share, larger))

    def fee(self, larger: Decimal) -> Decimal:
        return max(self.terms.fee_absolute, ROUNDING.multiply(self.terms.fee_relative, larger))


def first_of(fills: Fills) -> datetime:
    return min(fill.at for fill in fills)


def last_of(fills: Fills) -> datetime:
    return max(fill.at for fill in fills)
