"""The symbols that an exchange must be asked for where it tells trades by symbol only."""

from collections.abc import Iterable, Sequence

from recon_exporter.domain.symbols import QUOTES
from recon_exporter.venues.ccxt.account import Ask
from recon_exporter.venues.ccxt.balances import assets_of
from recon_exporter.venues.ccxt.positions import symbols_held
from recon_exporter.venues.ccxt.quirks import Quirk
from recon_exporter.venues.ccxt.quirks.base import Section


def symbols_in_use(ask: Ask, quirk: Quirk, sections: Sequence[Section], named: Iterable[str]) -> frozenset[str]:
    """Those that are named, those of open positions, and the spot markets of what the balances hold."""
    held = {symbol for section in sections if section.has_positions for symbol in symbols_held(ask, quirk, section)}
    assets = {asset for section in sections if section.kind == "spot" for asset in assets_of(ask, quirk, section)}
    markets = {f"{base}/{quote}" for base in assets for quote in QUOTES}
    told = {spelling for symbol in named for spelling in _spellings(symbol) if spelling in ask.markets}
    return frozenset(told) | held | {symbol for symbol in markets if symbol in ask.markets}


def _spellings(symbol: str) -> tuple[str, ...]:
    """A symbol as ccxt may have it: a bot's BTC-USDT is a spot market, a contract, or both."""
    base, is_pair, quote = symbol.partition(":")[0].replace("-", "/").partition("/")
    if not is_pair or ":" in symbol:
        return (symbol,)
    return (symbol, f"{base}/{quote}", f"{base}/{quote}:{quote}", f"{base}/{quote}:{base}")
