"""How an exchange is reached: the key to one account, what of it counts, and how long and how often is asked."""

import reprlib
from dataclasses import dataclass, field
from datetime import timedelta

MASK = "***"


@dataclass(frozen=True, slots=True)
class CcxtAccess:
    """The key to one account at one exchange, by ccxt's name of it.

    ``base_url`` sends every request to another host, which may be a path below it. Nothing of it but ``exchange`` and
    ``sandbox`` is ever shown: a URL may hold a password too.
    """

    exchange: str
    api_key: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    password: str | None = field(default=None, repr=False)
    uid: str | None = field(default=None, repr=False)
    wallet_address: str | None = field(default=None, repr=False)
    base_url: str | None = field(default=None, repr=False)
    sandbox: bool = False

    def credentials(self) -> dict[str, str]:
        """What is known of the key, by ccxt's names."""
        known = {
            "apiKey": self.api_key,
            "secret": self.secret,
            "password": self.password,
            "uid": self.uid,
            "walletAddress": self.wallet_address,
        }
        return {name: value for name, value in known.items() if value}

    def redacted(self, text: str) -> str:
        """The text without any part of the key and without the base URL, should something have repeated one.

        Also as values are shown that are too long.
        """
        for hidden in (*self.credentials().values(), self.base_url):
            if hidden:
                text = text.replace(hidden, MASK).replace(reprlib.repr(hidden)[1:-1], MASK)
        return text


@dataclass(frozen=True, slots=True)
class CcxtScope:
    """What of the account is the bot's.

    ``account_types`` are ccxt's: spot, swap, future, margin, funding; none means spot and swap where it has them.
    ``product_types`` divide contracts in the exchange's own words (docs/venues.md), none means all. ``symbols`` are
    asked for fills where an exchange tells them by symbol only, beside those of open positions and balances.
    ``unified`` says whether the account is a unified one, None where the exchange is to be asked. ``client_order_ids``
    asks for the orders too, because most exchanges do not repeat the bot's own identifier of the order in its fills.
    """

    account_types: tuple[str, ...] = ()
    product_types: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    unified: bool | None = None
    client_order_ids: bool = False


@dataclass(frozen=True, slots=True)
class CcxtLimits:
    """``deadline`` is for all that one question of ours needs, ``answer`` for one request, begin to end.

    ``spacing`` is the time from one request of an account to its next, None for what ccxt knows of the exchange.
    ``skew`` is how far its clock may be from ours: beyond that its answers are old ones that something in between has
    kept. ``pages`` is how many pages one list may take, ``prices`` how many assets are priced.
    """

    deadline: timedelta = timedelta(seconds=60)
    answer: timedelta = timedelta(seconds=10)
    attempts: int = 4
    wait: timedelta = timedelta(seconds=0.5)
    spacing: timedelta | None = None
    skew: timedelta = timedelta(minutes=2)
    pages: int = 200
    prices: int = 10
