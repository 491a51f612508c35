"""Average-cost bookkeeping of one instrument: what a movement does to quantity, average price and realised profit."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from recon_exporter.domain.money import EXACT, ROUNDING, ZERO, ratio


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement to be booked: ``quantity`` is signed, ``fee`` is what it cost in the currency of the price.

    ``price`` None means unknown. A split changes the quantity and leaves the cost of the position as it is.
    """

    at: datetime
    quantity: Decimal
    price: Decimal | None
    fee: Decimal = ZERO
    is_split: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """A position with its history: ``average`` None where flat or unknown, ``realised`` None as soon as it is unknown.

    Realised profit is per unit of price, fees taken off.
    """

    quantity: Decimal = ZERO
    average: Decimal | None = None
    realised: Decimal | None = ZERO

    def book(self, entry: Entry) -> "Account":
        """The account after one movement."""
        quantity = EXACT.add(self.quantity, entry.quantity)
        if entry.is_split:
            return replace(self, quantity=quantity, average=self._split_average(quantity))
        account = replace(self, quantity=quantity, average=self._average_after(entry, quantity))
        return replace(account, realised=self._realised_after(entry))

    def _split_average(self, quantity: Decimal) -> Decimal | None:
        if self.average is None or not quantity:
            return None
        return ratio(ROUNDING.multiply(self.average, self.quantity), quantity)

    def _average_after(self, entry: Entry, quantity: Decimal) -> Decimal | None:
        if not quantity:
            return None
        if _is_opposite(self.quantity, quantity) or not self.quantity:
            return entry.price
        if _is_opposite(self.quantity, entry.quantity):
            return self.average
        if self.average is None or entry.price is None:
            return None
        cost = ROUNDING.fma(entry.quantity, entry.price, ROUNDING.multiply(self.quantity, self.average))
        return ratio(cost, quantity)

    def _realised_after(self, entry: Entry) -> Decimal | None:
        if self.realised is None:
            return None
        after_fee = ROUNDING.subtract(self.realised, entry.fee)
        if not _is_opposite(self.quantity, entry.quantity):
            return after_fee
        if self.average is None or entry.price is None:
            return None
        closed = min(self.quantity.copy_abs(), entry.quantity.copy_abs()).copy_sign(self.quantity)
        return ROUNDING.fma(closed, ROUNDING.subtract(entry.price, self.average), after_fee)


def book_all(account: Account, entries: Iterable[Entry]) -> Account:
    """The account after all movements in the order of their times."""
    for entry in sorted(entries, key=lambda entry: entry.at):
        account = account.book(entry)
    return account


def _is_opposite(one: Decimal, other: Decimal) -> bool:
    return bool(one) and bool(other) and one.is_signed() != other.is_signed()
