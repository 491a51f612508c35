"""The local Bybit, ready to be asked."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from uuid import NAMESPACE_URL, uuid5

from recon_exporter.demo.bybit_server.language import BybitLanguage
from recon_exporter.demo.bybit_server.texts import CONTRACT
from recon_exporter.demo.exchange import Exchange, ExchangeServer, Limit, Market, listed, milliseconds
from recon_exporter.demo.exchange.floor import Identify, by_time
from recon_exporter.ports import Clock

_TAKER, _MAKER = Decimal("0.00055"), Decimal("0.0002")
_VISITS = 1000


def _contract(symbol: str, amount_step: str, price_step: str, *, in_quote: bool = False) -> Market:
    steps = {"amount_step": Decimal(amount_step), "price_step": Decimal(price_step)}
    return listed(symbol, CONTRACT, taker_rate=_TAKER, maker_rate=_MAKER, in_quote=in_quote, **steps)


MARKETS = (
    listed("BTC/USDT", amount_step=Decimal("0.000001")),
    listed("ETH/USDT", amount_step=Decimal("0.00001")),
    listed("SOL/USDT", amount_step=Decimal("0.001")),
    listed("MNT/USDT", amount_step=Decimal("0.01")),
    _contract("BTC/USDT:USDT", "0.001", "0.1"),
    _contract("ETH/USDT:USDT", "0.01", "0.01"),
    _contract("SOL/USDT:USDT", "0.1", "0.01"),
    _contract("BTC/USDC:USDC", "0.001", "0.1"),
    _contract("BTC/USD:BTC", "1", "0.5", in_quote=True),
    _contract("ETH/USD:ETH", "1", "0.05", in_quote=True),
)
"""Spot, contracts that settle in dollars, and inverse ones of a dollar each."""


def bybit_server(  # what may be said of a server
    clock: Clock,
    markets: tuple[Market, ...] = MARKETS,
    *,
    port: int = 0,
    latency: timedelta = timedelta(0),
    limit: Limit | None = None,
    visits: int = _VISITS,
) -> ExchangeServer:
    """Not started yet; ``server.exchange`` opens accounts."""
    exchange = Exchange(clock, markets, _identifiers())
    return ExchangeServer(exchange, BybitLanguage(visits), port=port, latency=latency, limit=limit)


def _identifiers() -> Identify:
    """Long numbers on spot, and what looks like chance elsewhere; the same in every run of a script."""
    numbers, turns = by_time(), count()

    def identify(symbol: str, at: datetime) -> str:
        if "/" in symbol and ":" not in symbol:
            return numbers(symbol, at)
        return str(uuid5(NAMESPACE_URL, f"{symbol}/{milliseconds(at)}/{next(turns)}"))

    return identify
