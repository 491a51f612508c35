"""One name for one instrument: aliases between ledger and venue, and the spellings of a pair."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

QUOTES = ("USDT", "USDC", "USD", "EUR", "GBP", "BTC", "ETH")
"""Currencies that a pair of crypto assets is known to be quoted in."""
DOLLARS = frozenset({"USD", "USDT", "USDC"})
"""Currencies that count as dollars, one for one."""

_OPTION = re.compile(r"([A-Z0-9]{1,6}) *(\d{6}[CP]\d{8})")
_SHARES_OF_OPTION = Decimal(100)
_ONE = Decimal(1)
# Shares have at most five letters: a shorter name that ends like a currency (GBTC) is no pair.
_SHORTEST_BASE_WITHOUT_SEPARATOR = 3


@dataclass(frozen=True, slots=True)
class Symbols:
    """How the names of both sides meet; made by ``of``."""

    names: Mapping[str, str]
    quotes: tuple[str, ...]
    pair: re.Pattern[str]

    @classmethod
    def of(cls, aliases: Mapping[str, str], quotes: tuple[str, ...] = QUOTES) -> Self:
        """Aliases map a name to the one that both sides are to meet under, whichever side uses it.

        Raises ValueError where an alias leads to a name that is itself an alias.
        """
        bare = cls({}, quotes, _pair_pattern(quotes))
        names = {bare.canonical(name): bare.canonical(target) for name, target in aliases.items()}
        names = {name: target for name, target in names.items() if name != target}
        for name, target in names.items():
            if target in names:
                raise ValueError(f"alias {name} leads to {target}, which is an alias of {names[target]}")
        return cls(names, quotes, bare.pair)

    def canonical(self, symbol: str) -> str:
        """BTCUSD, BTC-USD and BTC_USD are BTC/USD, ``AAPL  240119C00100000`` has no blanks, an alias is its target."""
        # Most symbols are a plain ticker: they pass without the patterns.
        if symbol.endswith(self.quotes) or ":" in symbol or " " in symbol:
            symbol = self._respelled(symbol)
        return self.names.get(symbol, symbol)

    def folded(self, symbol: str) -> str:
        """What spellings that differ in case alone have in common, in capitals."""
        return self.canonical(symbol.upper()).upper()

    def _respelled(self, symbol: str) -> str:
        option = _OPTION.fullmatch(symbol)
        if option is not None:
            return option[1] + option[2]
        pair = self.pair.fullmatch(symbol)
        if pair is None:
            return symbol
        return f"{pair['split'] or pair['joined']}/{pair['quote']}{pair['settled'] or ''}"


def _pair_pattern(quotes: tuple[str, ...]) -> re.Pattern[str]:
    base = rf"(?:(?P<split>[A-Z0-9]+)[/_-]|(?P<joined>[A-Z0-9]{{{_SHORTEST_BASE_WITHOUT_SEPARATOR},}}?))"
    longest_first = "|".join(re.escape(quote) for quote in sorted(quotes, key=len, reverse=True))
    return re.compile(rf"{base}(?P<quote>{longest_first})(?P<settled>:.+)?")


def quote_currency(symbol: str) -> str | None:
    """What a canonical pair is quoted in; None where the symbol is no pair."""
    _, is_pair, quote = symbol.partition(":")[0].partition("/")
    return quote if is_pair else None


def contract_size(symbol: str) -> Decimal:
    """How many units one contract stands for: 100 shares for a listed option, 1 for everything else."""
    return _SHARES_OF_OPTION if _OPTION.fullmatch(symbol) else _ONE
