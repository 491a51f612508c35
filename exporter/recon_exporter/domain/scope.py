"""Which symbols are a bot's, where persons said so: what others trade on the same account is not compared."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from recon_exporter.domain.spot_holdings import is_spot
from recon_exporter.domain.symbols import Symbols


@dataclass(frozen=True, slots=True)
class Scope:
    """Names are one for each instrument, however it is spelt; ``only`` None stands for all. Made by ``of``.

    ``is_by_asset``: the venue tells an asset on spot as one position, under one pair or another.
    """

    symbols: Symbols
    only: frozenset[str] | None
    without: frozenset[str]
    is_by_asset: bool = False

    @classmethod
    def of(
        cls, symbols: Symbols, only: Iterable[str] | None, without: Iterable[str], *, is_by_asset: bool = False
    ) -> Self:
        """The scope of symbols in any spelling."""
        named = None if only is None else frozenset(one_name(symbols, symbol) for symbol in only)
        return cls(symbols, named, frozenset(one_name(symbols, symbol) for symbol in without), is_by_asset)

    def holds(self, symbol: str) -> bool:
        """Whether the symbol is the bot's."""
        name = one_name(self.symbols, symbol)
        return name not in self.without and (self.only is None or name in self.only)

    def holds_position(self, symbol: str) -> bool:
        """Whether a position is the bot's: told by asset, it is where any of the bot's pairs is of that asset."""
        name = one_name(self.symbols, symbol)
        if self.only is None or not self.is_by_asset or not is_spot(name):
            return self.holds(symbol)
        assets = {one.partition("/")[0] for one in self.only if is_spot(one)}
        return name not in self.without and name.partition("/")[0] in assets


def one_name(symbols: Symbols, symbol: str) -> str:
    """What all spellings of an instrument have in common: aliases, separators, capitals."""
    return symbols.folded(symbols.canonical(symbol))
