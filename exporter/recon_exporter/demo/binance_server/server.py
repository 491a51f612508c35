"""The local Binance, ready to be asked."""

from datetime import timedelta
from decimal import Decimal

from recon_exporter.demo.binance_server.language import BinanceLanguage
from recon_exporter.demo.binance_server.texts import FUTURES
from recon_exporter.demo.exchange import Exchange, ExchangeServer, Limit, Market, listed
from recon_exporter.ports import Clock

_WEIGHT = 6000
_TAKER, _MAKER = Decimal("0.0005"), Decimal("0.0002")


def _perpetual(symbol: str, amount_step: str, price_step: str) -> Market:
    steps = {"amount_step": Decimal(amount_step), "price_step": Decimal(price_step)}
    return listed(symbol, FUTURES, taker_rate=_TAKER, maker_rate=_MAKER, **steps)


MARKETS = (
    listed("BTC/USDT", amount_step=Decimal("0.00001")),
    listed("ETH/USDT"),
    listed("SOL/USDT", amount_step=Decimal("0.001")),
    listed("BNB/USDT", amount_step=Decimal("0.001")),
    _perpetual("BTC/USDT:USDT", "0.001", "0.1"),
    _perpetual("ETH/USDT:USDT", "0.001", "0.01"),
    _perpetual("SOL/USDT:USDT", "0.01", "0.01"),
    _perpetual("BTC/USDC:USDC", "0.001", "0.1"),
)
"""Spot, and contracts that settle in dollars: their names are the same."""


def binance_server(  # what may be said of a server
    clock: Clock,
    markets: tuple[Market, ...] = MARKETS,
    *,
    port: int = 0,
    latency: timedelta = timedelta(0),
    limit: Limit | None = None,
    weight_limit: int = _WEIGHT,
) -> ExchangeServer:
    """Not started yet; ``server.exchange`` opens accounts, whose wallets are ``spot`` and ``usdm``."""
    exchange = Exchange(clock, markets)
    return ExchangeServer(exchange, BinanceLanguage(weight_limit), port=port, latency=latency, limit=limit)
