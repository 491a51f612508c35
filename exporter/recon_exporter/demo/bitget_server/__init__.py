"""A small Bitget on loopback, for tests and the demonstration: the reading half of its REST protocol, scripted events.

It answers what ccxt asks of ``/api/v2`` (spot and mix, classic accounts) and ``/api/v3`` (unified accounts), with
Bitget's signature, passphrase and window of thirty seconds, its envelope, codes and words. Lists come newest first, a
hundred rows at most, cut by ``idLessThan`` and by windows that may not be longer than a week (contract fills) or ninety
days. Balances, positions and fills lie apart by product type, a position of USDC where nobody asks for USDC is seen by
nobody, and one account has both kinds of endpoint never: the other kind is refused with 40084 or 40085.

Its oddities are there, always: in hedge mode the side of a fill names the position, fees are negative unless BGB paid
them, the limit of an open spot order is its ``priceAvg``, the equity of contracts includes what is not realised. The
header of demo trading is accepted and changes nothing.

Where Bitget publishes no format, one was chosen: words of the key's permissions, the bill of a fee that BGB paid, what
a window means that has one end. What it is not: it takes no order, streams nothing, knows no spot margin, no plan
orders, no delivery contracts and no interest. Money may become negative: nothing checks what a script spends.
"""

from datetime import timedelta

from recon_exporter.demo.bitget_server.language import Bitget
from recon_exporter.demo.bitget_server.markets import COIN_FUTURES, MARKETS, USDC_FUTURES, USDT_FUTURES
from recon_exporter.demo.exchange import Exchange, ExchangeServer, Limit
from recon_exporter.ports import Clock


def bitget_server(
    clock: Clock, *, port: int = 0, latency: timedelta = timedelta(0), limit: Limit | None = None
) -> ExchangeServer:
    """A Bitget with the usual markets and no account; ``server.exchange`` opens accounts and sets prices."""
    return ExchangeServer(Exchange(clock, MARKETS), Bitget(), port=port, latency=latency, limit=limit)


__all__ = ["COIN_FUTURES", "MARKETS", "USDC_FUTURES", "USDT_FUTURES", "Bitget", "bitget_server"]
