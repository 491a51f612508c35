"""Alpaca's symbols: a crypto pair has its slash in orders and fills, and none in positions."""

CRYPTO = "crypto"
QUOTES = ("USDT", "USDC", "USD", "BTC")
"""What crypto is priced in at Alpaca, the longer before the shorter that it begins with."""


def pair(symbol: str) -> str:
    """BTCUSD as BTC/USD; what has a slash, or ends in no known quote, as it is."""
    if "/" in symbol:
        return symbol
    for quote in QUOTES:
        base = symbol.removesuffix(quote)
        if base and base != symbol:
            return f"{base}/{quote}"
    return symbol


def symbol_of(symbol: str, asset_class: str | None) -> str:
    """The symbol as fills have it."""
    return pair(symbol) if asset_class == CRYPTO else symbol
