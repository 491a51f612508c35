"""The markets that are listed unless a script says otherwise, and the names that Bitget gives them."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from recon_exporter.demo.exchange import Market, listed
from recon_exporter.demo.exchange.markets import SPOT

USDT_FUTURES, USDC_FUTURES, COIN_FUTURES = "USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES"
PRODUCT_TYPES = (USDT_FUTURES, USDC_FUTURES, COIN_FUTURES)
DEMO_PRODUCT_TYPES = ("SUSDT-FUTURES", "SUSDC-FUTURES", "SCOIN-FUTURES")
"""Of the old demo coins: still asked for, and empty."""

_TAKER, _MAKER = Decimal("0.0006"), Decimal("0.0002")


def _contract(symbol: str, wallet: str, amount_step: str = "0.001", price_step: str = "0.1") -> Market:
    """BGB that pays its fees is taken from spot."""
    steps = {"amount_step": Decimal(amount_step), "price_step": Decimal(price_step)}
    return listed(symbol, wallet, taker_rate=_TAKER, maker_rate=_MAKER, fee_wallet=SPOT, **steps)


MARKETS = (
    listed("BTC/USDT"),
    listed("ETH/USDT"),
    listed("SOL/USDT"),
    listed("BGB/USDT"),
    _contract("BTC/USDT:USDT", USDT_FUTURES),
    _contract("ETH/USDT:USDT", USDT_FUTURES, "0.01", "0.01"),
    _contract("SOL/USDT:USDT", USDT_FUTURES, "0.1", "0.001"),
    _contract("BTC/USDC:USDC", USDC_FUTURES),
    _contract("ETH/USDC:USDC", USDC_FUTURES, "0.01", "0.01"),
    _contract("BTC/USD:BTC", COIN_FUTURES),
    _contract("ETH/USD:ETH", COIN_FUTURES, "0.01", "0.01"),
)


def identifier(market: Market) -> str:
    """Bitget's own name: contracts that settle in USDC are called by their base."""
    return f"{market.base}PERP" if market.settle == "USDC" else market.identifier


def in_wallet(markets: Mapping[str, Market], wallet: str) -> Iterator[Market]:
    """The markets of a product type, or those of spot."""
    return (market for market in markets.values() if market.wallet == wallet)


def category(market: Market) -> str:
    """The product type in the words of unified accounts."""
    return "SPOT" if market.wallet == SPOT else market.wallet


def decimals(step: Decimal) -> int:
    """How many decimals a step has."""
    return max(0, -int(step.normalize().as_tuple().exponent))
