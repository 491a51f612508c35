"""A local exchange: accounts by their key, on one floor; what requests are answered from, now or as it once was."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from recon_exporter.demo.exchange.account import Account, Credentials
from recon_exporter.demo.exchange.floor import Amount, Floor, Identify, by_time
from recon_exporter.demo.exchange.markets import Market
from recon_exporter.demo.exchange.records import Book, Profile, View
from recon_exporter.ports import Clock

FIRST_NUMBER = 7264630000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All books, markets and prices as of one moment."""

    at: datetime
    books: Mapping[str, Book]
    markets: Mapping[str, Market]
    prices: Mapping[str, Decimal]

    def view(self, key: str | None, skew: timedelta, *, one_page: bool) -> View:
        """What the account of this key is answered from."""
        book = None if key is None else self.books.get(key)
        return View(self.at + skew, book, self.markets, self.prices, one_page)


class Exchange:
    """Safe to use from any thread. Time is that of ``clock``; ``identify`` makes the identifiers of the venue."""

    def __init__(self, clock: Clock, markets: Iterable[Market], identify: Identify | None = None) -> None:
        self._floor = Floor(clock, markets, identify or by_time())
        self._accounts: dict[str, Account] = {}

    def open_account(
        self,
        credentials: Credentials,
        name: str = "",
        *,
        hedge: bool = False,
        unified: bool = False,
        leverage: Amount = 20,
    ) -> Account:
        """A new account with this key; what is returned makes things happen to it."""
        with self._floor.lock:
            number = str(FIRST_NUMBER + len(self._accounts) + 1)
            profile = Profile(
                number=number,
                name=name or number,
                hedge=hedge,
                unified=unified,
                can_trade=credentials.can_trade,
                can_withdraw=credentials.can_withdraw,
                leverage=Decimal(leverage),
                opened_at=self._floor.clock.now(),
            )
            account = self._accounts[credentials.key] = Account(self._floor, credentials, profile)
            return account

    def replace_key(self, old: str, credentials: Credentials) -> None:
        """Another key opens the account from here on, or the same with other rights; raises KeyError."""
        with self._floor.lock:
            account = self._accounts.pop(old)
            account.open_with(credentials)
            self._accounts[credentials.key] = account

    def account(self, key: str) -> Account | None:
        """The account of this key, if it is anybody's."""
        return self._accounts.get(key)

    def price(self, symbol: str, price: Amount) -> None:
        """What the market is worth from here on; where nobody says, the price of the first trade."""
        self._floor.price(symbol, price)

    def list_market(self, market: Market) -> None:
        """One more market, or one of these changed."""
        self._floor.list_market(market)

    def now(self) -> datetime:
        """The exchange's time."""
        return self._floor.clock.now()

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return self._floor.clock.monotonic()

    def snapshot(self) -> Snapshot:
        """Of all accounts at once."""
        with self._floor.lock:
            books = {key: account.book() for key, account in self._accounts.items()}
            return Snapshot(self.now(), books, self._floor.markets, self._floor.prices)

    def view(self, account: Account | None, skew: timedelta, *, one_page: bool) -> View:
        """What is answered from now."""
        with self._floor.lock:
            book = None if account is None else account.book()
            return View(self.now() + skew, book, self._floor.markets, self._floor.prices, one_page)
