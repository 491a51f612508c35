"""What exchanges do unlike the others: one file each, named after the exchange; the others go by ``Quirk`` itself."""

import importlib
import pkgutil
from functools import cache

from recon_exporter.venues.ccxt.quirks.base import Quirk


@cache
def named() -> frozenset[str]:
    """The exchanges that have a file of their own."""
    return frozenset(module.name for module in pkgutil.iter_modules(__path__)) - {"base", "terms"}


@cache
def quirk_of(exchange: str) -> Quirk:
    """What is known of the exchange, by ccxt's name of it."""
    if exchange not in named():
        return Quirk()
    made: Quirk = importlib.import_module(f"{__name__}.{exchange}").QUIRK
    return made


__all__ = ["Quirk", "named", "quirk_of"]
