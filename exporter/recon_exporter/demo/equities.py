"""The demonstration's equities bot: an account at the local Alpaca, its own book, and a sale that it never heard of."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from types import MappingProxyType

from recon_exporter.demo.alpaca_server import AlpacaServer
from recon_exporter.demo.trading_book import Execution, TradingBook
from recon_exporter.domain.money import ZERO
from recon_exporter.ports import Clock

BOT = "swing-us"
PREFIX = "SWING"
CREDENTIALS = MappingProxyType(
    {"SWING_ALPACA_API_KEY": "PKDEMO00000000000001", "SWING_ALPACA_SECRET": "demonstration-only"}
)
CLIENT_PREFIX = "swing-"
BOOK = Path("trading") / "swing-us.db"

HOLDINGS = (
    ("AAPL", Decimal(40), Decimal("227.50")),
    ("MSFT", Decimal(12), Decimal("415.25")),
    ("NVDA", Decimal(60), Decimal("138.90")),
    ("SPY", Decimal(-20), Decimal("598.10")),
)
MISSED_SYMBOL, MISSED_QUANTITY, ENTRY = HOLDINGS[0]
EXIT = Decimal("231.80")
BOUGHT = timedelta(days=3)
MISSED = timedelta(minutes=15)
"""How long before the incident begins the sale was executed: an execution of now may still be on its way."""


class PastClock:
    """The time, or while something is told of the past, so much less."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ago = timedelta(0)

    def now(self) -> datetime:
        return self._clock.now() - self._ago

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def wait(self, span: timedelta) -> None:
        self._clock.wait(span)

    @contextmanager
    def earlier(self, span: timedelta) -> Iterator[None]:
        """What happens within it happened so long ago."""
        self._ago = span
        try:
            yield
        finally:
            self._ago = timedelta(0)


class Equities:
    """Both sides of the bot. Used by one thread at a time; the broker answers from threads of its own."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._clock = PastClock(clock)
        with self._clock.earlier(2 * BOUGHT):
            self.server = AlpacaServer(self._clock)
            self._account = self.server.open_account(*CREDENTIALS.values())
        self._book = TradingBook(folder / BOOK)
        self._orders = (f"{CLIENT_PREFIX}{number}" for number in count(1))
        self._missed: Execution | None = None

    def prepare(self) -> None:
        """What was bought days ago, in both books."""
        self._book.create()
        for symbol, quantity, price in HOLDINGS:
            self._book.book(self._executed(symbol, quantity, price, BOUGHT), quantity, price)
        self.refresh()

    def refresh(self) -> None:
        """The bot's loop goes round: every position is written anew."""
        self._book.refresh(self._clock.now())

    def miss_a_fill(self) -> None:
        """The broker has executed a sale of the bot's own, and the bot has not heard of it."""
        self._missed = self._executed(MISSED_SYMBOL, MISSED_QUANTITY.copy_negate(), EXIT, MISSED)

    def book_the_missed_fill(self) -> None:
        """The owner books the execution at its own price and time."""
        if self._missed is not None:
            self._book.book(self._missed, ZERO, ZERO)
            self._missed = None

    def buy_back(self) -> None:
        """The bot holds the position again, in both books."""
        self._book.book(self._executed(MISSED_SYMBOL, MISSED_QUANTITY, ENTRY), MISSED_QUANTITY, ENTRY)

    def _executed(self, symbol: str, quantity: Decimal, price: Decimal, ago: timedelta = timedelta(0)) -> Execution:
        """An order of the bot's own, executed so long ago."""
        client = next(self._orders)
        with self._clock.earlier(ago):
            order = self._account.order(symbol, quantity, client)
            fill = self._account.execution(order, quantity.copy_abs(), price)
            return Execution(fill, order, client, symbol, quantity, price, self._clock.now())
