"""Every key of the demonstration, as the variables that hold them."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from recon_exporter.demo import equities, fleet_accounts, traders
from recon_exporter.demo.exchange import Credentials


def _variables() -> Iterator[tuple[str, str]]:
    yield from equities.CREDENTIALS.items()
    for bot, keys in fleet_accounts.KEYS.items():
        yield from _of(f"{bot.upper()}_BITGET", keys)
    yield from _of(f"{traders.PERPETUAL_PREFIX}_BITGET", traders.PERPETUAL_KEYS)
    yield from _of(f"{traders.SPOT_PREFIX}_BINANCE", traders.SPOT_KEYS)


def _of(name: str, keys: Credentials) -> Iterator[tuple[str, str]]:
    parts = {"API_KEY": keys.key, "SECRET": keys.secret, "PASSPHRASE": keys.passphrase}
    return ((f"{name}_{part}", text) for part, text in parts.items() if text)


CREDENTIALS: Mapping[str, str] = MappingProxyType(dict(_variables()))
