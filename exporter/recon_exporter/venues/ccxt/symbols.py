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
    return frozenset(named) | held | {symbol for symbol in markets if symbol in ask.markets}
