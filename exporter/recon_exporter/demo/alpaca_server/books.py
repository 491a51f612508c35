"""The books of one account as of one moment, made by scripted events: what requests are answered from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from recon_exporter.demo.alpaca_server.assets import multiplier
from recon_exporter.domain.money import ZERO, plain, product, ratio, total

Document = dict[str, object]
_FINEST = Decimal("1e-9")


def fine(value: Decimal) -> Decimal:
    """Rounded to the nine decimals that Alpaca keeps."""
    return Decimal(plain(value.quantize(_FINEST)))


@dataclass(frozen=True, slots=True)
class Holding:
    """One position: signed quantity, average price of entry, price now and at the close of the day before."""

    symbol: str
    quantity: Decimal
    average: Decimal
    price: Decimal
    last_day_price: Decimal

    @property
    def value(self) -> Decimal:
        """What it is worth now, negative where it is short."""
        return product(product(self.quantity, self.price), multiplier(self.symbol))

    @property
    def cost(self) -> Decimal:
        """What it was worth at entry."""
        return product(product(self.quantity, self.average), multiplier(self.symbol))

    def traded(self, quantity: Decimal, price: Decimal) -> "Holding":
        """After one more execution: adding averages, reducing keeps the average, turning round begins anew."""
        left = total((self.quantity, quantity))
        average = self.average
        if product(self.quantity, left) < ZERO:
            average = price
        elif abs(left) > abs(self.quantity):
            paid = total((product(self.quantity, self.average), product(quantity, price)))
            average = fine(ratio(paid, left))
        return replace(self, quantity=left, average=average, price=price)

    def split(self, factor: Decimal) -> "Holding":
        """So many times the quantity, at a price as many times lower."""
        average, price, before = (fine(ratio(one, factor)) for one in (self.average, self.price, self.last_day_price))
        return Holding(self.symbol, fine(product(self.quantity, factor)), average, price, before)


@dataclass(frozen=True, slots=True)
class ScriptedOrder:
    """One order: quantities without a sign, ``source`` how it came to be as Alpaca says it, where it does."""

    order_id: str
    client_order_id: str
    symbol: str
    side: str
    quantity: Decimal
    submitted_at: datetime
    updated_at: datetime
    status: str = "new"
    filled: Decimal = ZERO
    paid: Decimal = ZERO
    source: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can still fill."""
        return self.status in {"new", "partially_filled"}

    @property
    def sign(self) -> Decimal:
        """1 for a buy, -1 for a sell."""
        return Decimal(1 if self.side == "buy" else -1)

    def executed(self, quantity: Decimal, price: Decimal, at: datetime) -> "ScriptedOrder":
        """After one more execution."""
        filled = total((self.filled, quantity))
        status = "filled" if filled == self.quantity else "partially_filled"
        paid = total((self.paid, product(quantity, price)))
        return replace(self, filled=filled, paid=paid, status=status, updated_at=at)


@dataclass(frozen=True, slots=True)
class Entry:
    """One activity: when it was booked, and what is told of it."""

    at: datetime
    identifier: str
    code: str
    document: Document


@dataclass(frozen=True, slots=True)
class Books:
    """All of it; ``orders`` and ``entries`` in the order in which they came to be."""

    at: datetime
    number: str
    opened_at: datetime
    currency: str
    cash: Decimal
    holdings: Mapping[str, Holding]
    orders: tuple[ScriptedOrder, ...]
    entries: tuple[Entry, ...]
