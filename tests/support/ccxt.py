"""Accounts at local exchanges with the adapter that reads them, and structures of ccxt as they were recorded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from recon_exporter.demo.binance_server import binance_server
from recon_exporter.demo.bitget_server import bitget_server
from recon_exporter.demo.bybit_server import bybit_server
from recon_exporter.demo.exchange import Credentials
from recon_exporter.venues.ccxt import CcxtAccess, CcxtLimits, CcxtScope, CcxtVenue, Markets
from support.alpaca import OPEN, StandingClock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from recon_exporter.demo.exchange import Account, ExchangeServer

QUICK = CcxtLimits(spacing=timedelta(0), wait=timedelta(milliseconds=5), attempts=2)
KEYS = Credentials("key-0f3a91", "s3cr3t/of+this=account", "pass phrase+1")
SERVERS = {"bitget": bitget_server, "binance": binance_server, "bybit": bybit_server}
WALLETS = {"bitget": "USDT-FUTURES", "binance": "usdm", "bybit": "unified"}
"""Where money for contracts in dollars lies."""
PERPETUAL, SPOT = "BTC/USDT:USDT", "BTC/USDT"


@dataclass
class CountingMeter:
    """What was counted."""

    requests: Counter[str] = field(default_factory=Counter)
    failures: Counter[tuple[str, str]] = field(default_factory=Counter)
    skews: list[float] = field(default_factory=list)

    def requested(self, venue: str) -> None:
        self.requests[venue] += 1

    def failed(self, venue: str, reason: str) -> None:
        self.failures[venue, reason] += 1

    def skewed(self, venue: str, seconds: float) -> None:
        del venue
        self.skews.append(seconds)


@dataclass(frozen=True)
class Exchange:
    """A local exchange with one account that has money for spot and for contracts."""

    name: str
    clock: StandingClock
    server: ExchangeServer
    account: Account
    meter: CountingMeter
    spot_wallet: str

    def access(self, credentials: Credentials = KEYS) -> CcxtAccess:
        """The way to the account."""
        password = credentials.passphrase or None
        return CcxtAccess(self.name, credentials.key, credentials.secret, password, base_url=self.server.url)

    def markets(self, limits: CcxtLimits = QUICK, **spans: timedelta) -> Markets:
        """Markets that are loaded again at once where that failed, unless said otherwise."""
        return Markets(self.clock, self.meter, limits, **{"again": timedelta(0), **spans})

    def venue(
        self, scope: CcxtScope | None = None, limits: CcxtLimits = QUICK, access: CcxtAccess | None = None
    ) -> CcxtVenue:
        """The adapter of the account, with markets of its own."""
        told = scope or CcxtScope(account_types=("spot", "swap"), symbols=(SPOT, PERPETUAL))
        return CcxtVenue("bot1", access or self.access(), told, self.clock, self.meter, self.markets(limits), limits)


def running_exchange(name: str, credentials: Credentials = KEYS, **mode: bool) -> Iterator[Exchange]:
    """For a fixture: it ends with the test. ``mode`` is hedge or unified; Bybit is unified by itself."""
    clock = StandingClock(OPEN)
    with SERVERS[name](clock) as server:
        mode = {"unified": True, **mode} if name == "bybit" else mode
        account = server.exchange.open_account(credentials, "bot1", **mode)
        wallet = "unified" if mode.get("unified") else WALLETS[name]
        account.deposit("USDT", 10_000, wallet, at=OPEN - timedelta(days=2))
        spot_wallet = "unified" if mode.get("unified") else "spot"
        account.deposit("USDT", 5_000, spot_wallet, at=OPEN - timedelta(days=2))
        yield Exchange(name, clock, server, account, CountingMeter(), spot_wallet)


def market(symbol: str, **told: object) -> dict[str, Any]:
    """A market of ccxt, with as much of it as the adapter needs."""
    pair, _, settle = symbol.partition(":")
    base, _, quote = pair.partition("/")
    return {
        "symbol": symbol,
        "id": (base + quote),
        "base": base,
        "quote": quote,
        "settle": settle or None,
        "type": "swap" if settle else "spot",
        "contract": bool(settle),
        "linear": (settle == quote) if settle else None,
        "inverse": (settle == base) if settle else None,
        "contractSize": "1" if settle else None,
        "active": True,
        "precision": {"amount": "0.001", "price": "0.1"},
        **told,
    }


@dataclass
class Recorded:
    """Answers of ccxt by question, in place of an exchange; a function is called with what was asked."""

    answers: Mapping[str, Any]
    markets: dict[str, dict[str, Any]]
    limits: Mapping[str, Any] = field(default_factory=dict)
    sections: tuple[Any, ...] = ()
    coins: Mapping[str, object] = field(default_factory=dict)
    exchange: str = "anywhere"
    precision_mode: int = 4
    names_parts: bool = False
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __call__(self, question: str, **arguments: Any) -> Any:  # noqa: ANN401  # as ccxt answers
        self.asked.append((question, arguments))
        answer = self.answers[question]
        return answer(**arguments) if callable(answer) else answer

    once = anew = __call__

    def market(self, section: object, identifier: str) -> Mapping[str, Any]:
        del section
        return next(market for market in self.markets.values() if market["id"] == identifier)

    def has(self, question: str) -> bool:
        return question in self.answers or question in {"spot", "swap"}

    has_itself = has

    def feature(self, section: object, question: str, key: str) -> Any:  # noqa: ANN401  # as ccxt tells
        del section, question
        return self.limits.get(key)


def trade(**told: object) -> dict[str, Any]:
    """A trade of ccxt: everything is None unless said."""
    names = ("id", "order", "symbol", "side", "price", "amount", "cost", "fee", "takerOrMaker", "timestamp", "type")
    return dict.fromkeys(names) | {"fees": [], "info": {}} | told


def position(**told: object) -> dict[str, Any]:
    """A position of ccxt: everything is None unless said."""
    names = ("id", "symbol", "contracts", "contractSize", "side", "entryPrice", "markPrice", "hedged", "notional")
    return dict.fromkeys(names) | {"info": {}} | told


def ids(fills: Sequence[Any]) -> list[str]:
    """The identifiers, in order."""
    return [fill.fill_id for fill in fills]


def ago(clock: StandingClock, **span: float) -> datetime:
    """A time before now."""
    return clock.now() - timedelta(**span)
