"""What both sides hold under one key: a symbol, by its one name, and a leg."""

from dataclasses import dataclass
from decimal import Decimal

from recon_exporter.domain.money import ZERO, difference
from recon_exporter.domain.statement import Position
from recon_exporter.domain.symbols import DOLLARS


@dataclass(frozen=True, slots=True)
class Pair:
    """The two positions of one bot under one key; None on a side that holds none."""

    bot: str
    symbol: str
    leg: str
    ledger: Position | None
    venue: Position | None

    @property
    def sides(self) -> tuple[Position, ...]:
        """Those that are there, the venue first: it is the better witness of prices."""
        return tuple(position for position in (self.venue, self.ledger) if position is not None)

    @property
    def gap(self) -> Decimal:
        """Ledger minus venue in quantity, where a side without position holds nothing."""
        return difference(quantity_of(self.ledger) or ZERO, quantity_of(self.venue) or ZERO)

    @property
    def larger(self) -> Decimal:
        """The larger of both quantities, without sign."""
        return max(position.quantity.copy_abs() for position in self.sides)

    @property
    def is_flip(self) -> bool:
        """Whether both sides hold a position, in opposite directions."""
        return self.gap.copy_abs() > self.larger

    @property
    def has_comparable_prices(self) -> bool:
        """Whether both sides tell an average price, and not in two currencies."""
        currencies = {position.currency for position in self.sides if position.currency}
        is_one_currency = len(currencies) <= 1 or currencies <= DOLLARS
        return is_one_currency and price_of(self.ledger) is not None and price_of(self.venue) is not None


def quantity_of(position: Position | None) -> Decimal | None:
    return None if position is None else position.quantity


def price_of(position: Position | None) -> Decimal | None:
    """The average price of entry."""
    return None if position is None else position.average_price
