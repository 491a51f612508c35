"""Fills that look the same where no id leads from one to the other: only a help to explain, never a verdict."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from operator import attrgetter

from recon_exporter.domain.executions import quantity_of
from recon_exporter.domain.fill_links import Allowances, Fills
from recon_exporter.domain.fill_sums import average_of
from recon_exporter.domain.money import ROUNDING, ZERO, difference
from recon_exporter.domain.positions import Fill

MOST_LOOKED_AT = 200
"""Of how many fills near in time likeness is tried, lest a mass of open fills cost its square."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One execution, or all executions of an order as one."""

    symbol: str
    at: datetime
    quantity: Decimal
    price: Decimal
    fills: Fills

    @classmethod
    def of(cls, symbol: str, fills: Fills) -> "Unit":
        return cls(symbol, min(fill.at for fill in fills), quantity_of(fills), average_of(fills) or ZERO, fills)


class Likeness:
    """The fills of one side that have no counterpart, found by symbol, side, quantity, price and time."""

    def __init__(self, units: Iterable[Unit], lag: timedelta, allowed: Allowances) -> None:
        self._by_symbol: dict[str, list[Unit]] = {}
        for unit in sorted(units, key=attrgetter("at")):
            self._by_symbol.setdefault(unit.symbol, []).append(unit)
        self._lag = lag
        self._allowed = allowed
        self._taken: set[int] = set()

    def like(self, one: Unit) -> Unit | None:
        """The nearest in time of those that look the same."""
        units = self._by_symbol.get(one.symbol, [])
        first = bisect_left(units, one.at - self._lag, key=attrgetter("at"))
        near = [unit for unit in units[first : first + MOST_LOOKED_AT] if self._is_like(one, unit)]
        return min(near, key=lambda unit: abs(unit.at - one.at), default=None)

    def take(self, one: Unit) -> Unit | None:
        """The same, and nothing of it is found again."""
        found = self.like(one)
        if found is not None:
            self._taken.update(map(id, found.fills))
        return found

    def is_taken(self, fill: Fill) -> bool:
        return id(fill) in self._taken

    def _is_like(self, one: Unit, other: Unit) -> bool:
        if abs(one.at - other.at) > self._lag or any(map(self.is_taken, other.fills)):
            return False
        allowed = self._allowed
        parts = Decimal(max(len(one.fills), len(other.fills)))
        quantum = ROUNDING.multiply(ROUNDING.add(allowed.ledger_quantum, allowed.venue_quantum), parts)
        if difference(one.quantity, other.quantity).copy_abs() > quantum:
            return False
        if one.quantity.is_signed() != other.quantity.is_signed():
            return False
        gap = ROUNDING.subtract(one.price, other.price).copy_abs()
        return gap <= allowed.price(max(one.price.copy_abs(), other.price.copy_abs()))
