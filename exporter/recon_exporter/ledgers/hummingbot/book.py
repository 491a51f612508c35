"""Executions → positions: the signed sum of the fills since flat, or since a baseline, at the running average price."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from recon_exporter.domain.money import EXACT, ROUNDING, ZERO, ratio
from recon_exporter.domain.statement import Position
from recon_exporter.ledgers.hummingbot.rows import LEAST_PRICE, Execution
from recon_exporter.ledgers.hummingbot.source import Baseline
from recon_exporter.reading.lots import PRICE


@dataclass(slots=True)
class Running:
    """One position as the fills make it. ``average_price`` None is unknown; ``count`` is of fills since it was flat."""

    quantity: Decimal = ZERO
    average_price: Decimal | None = None
    count: int = 0
    currency: str | None = None
    since: datetime | None = None

    def add(self, quantity: Decimal, price: Decimal) -> None:
        """One fill; what it closes leaves the average, what goes beyond zero begins a new one."""
        before, after = self.quantity, EXACT.add(self.quantity, quantity)
        self.count += 1
        if before.is_signed() == quantity.is_signed() and before:
            self.average_price = _weighted(before, self.average_price, quantity, price)
        elif not before or (after and after.is_signed() != before.is_signed()):
            self.average_price = price
        self._hold(after)

    def take(self, fee: Decimal) -> None:
        """A fee paid in the base asset itself."""
        self._hold(EXACT.subtract(self.quantity, fee))

    def _hold(self, quantity: Decimal) -> None:
        self.quantity = quantity
        if not quantity:
            self.average_price, self.count = None, 0


@dataclass(slots=True)
class Book:
    """All positions; ``quantum`` is how far each fill may be off, ``takes_fees`` whether fees reduce what is held."""

    quantum: Decimal
    takes_fees: bool
    running: dict[tuple[str, str], Running] = field(default_factory=dict)

    def begin(self, baselines: Iterable[Baseline]) -> None:
        """Hold the baselines; the fills until their times will not count again."""
        for one in baselines:
            self.running[one.symbol, one.leg] = Running(one.quantity, one.average_price, since=one.as_of)

    def add(self, execution: Execution) -> None:
        """One execution; they come in the order of time."""
        fill = execution.fill
        running = self.running.setdefault((fill.symbol, fill.leg), Running())
        running.currency = execution.quote_asset
        if running.since is not None and fill.at <= running.since:
            return
        running.add(fill.quantity, fill.price)
        if self.takes_fees:
            for fee in fill.fees or ():
                if fee.asset == execution.base_asset:
                    running.take(fee.amount)

    def positions(self) -> Iterator[Position]:
        """All of them that are not zero, sorted."""
        for symbol, leg in sorted(self.running):
            one = self.running[symbol, leg]
            if one.quantity:
                yield Position(
                    symbol=symbol,
                    quantity=one.quantity,
                    mark_price=None,
                    leg=leg,
                    average_price=self._told_price(one.average_price),
                    currency=one.currency,
                    uncertainty=one.count * self.quantum,
                )

    def _told_price(self, average: Decimal | None) -> Decimal | None:
        return None if average is None or (self.quantum and average < LEAST_PRICE) else average


def _weighted(held: Decimal, average: Decimal | None, added: Decimal, price: Decimal) -> Decimal | None:
    if average is None:
        return None
    cost = ROUNDING.add(ROUNDING.multiply(held, average), ROUNDING.multiply(added, price))
    return PRICE.plus(ratio(cost, EXACT.add(held, added)))
