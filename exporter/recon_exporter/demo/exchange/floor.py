"""What the accounts of one exchange share: the time, markets, prices, identifiers, and one lock."""

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

from recon_exporter.demo.exchange.markets import Market
from recon_exporter.ports import Clock

Amount = Decimal | str | int
"""A quantity, price or sum of money, exact."""

Identify = Callable[[str, datetime], str]
"""Makes the identifier of a thing of this symbol (or asset) and moment: digits, later ones larger."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_MOMENT = datetime(2015, 7, 1, tzinfo=UTC)
_SEQUENCE_BITS = 22
MILLISECOND = timedelta(milliseconds=1)


def milliseconds(at: datetime) -> int:
    """Since 1970, as every venue tells time."""
    return (at - EPOCH) // MILLISECOND


def moment(told: int) -> datetime:
    """The other way round."""
    return EPOCH + told * MILLISECOND


def by_time() -> Identify:
    """Identifiers of nineteen digits that grow with time, whatever the order in which they are made."""
    numbers = count(1)

    def identify(symbol: str, at: datetime) -> str:
        del symbol
        since = (at - _FIRST_MOMENT) // MILLISECOND
        return str((since << _SEQUENCE_BITS) + next(numbers) % (1 << _SEQUENCE_BITS))

    return identify


class Floor:
    """Safe to use from any thread; ``lock`` guards whatever belongs to an account too."""

    def __init__(self, clock: Clock, markets: Iterable[Market], identify: Identify) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.identify = identify
        self.markets: Mapping[str, Market] = {market.symbol: market for market in markets}
        self.prices: Mapping[str, Decimal] = {}

    def market(self, symbol: str) -> Market:
        """Raises KeyError that names what is listed."""
        try:
            return self.markets[symbol]
        except KeyError:
            raise KeyError(f"{symbol} is not listed here, but {', '.join(self.markets)} are") from None

    def list_market(self, market: Market) -> None:
        """One more, or one of these changed."""
        with self.lock:
            self.markets = {**self.markets, market.symbol: market}

    def price(self, symbol: str, price: Amount) -> None:
        """What the market is worth from here on: last, mark and index price alike."""
        with self.lock:
            self.prices = {**self.prices, self.market(symbol).symbol: Decimal(price)}

    def price_once(self, symbol: str, price: Decimal) -> None:
        """The first trade makes a price where there was none."""
        if symbol not in self.prices:
            self.price(symbol, price)
