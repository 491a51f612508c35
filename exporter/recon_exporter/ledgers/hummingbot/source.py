"""Which rows of which databases are the book of one bot."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from recon_exporter.ledgers.unified_names import is_perpetual, unified_name

PAPER = "_paper_trade"


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was held of ``symbol``, their pair or its unified name, at a moment; the fills until then are in it."""

    symbol: str
    quantity: Decimal
    as_of: datetime
    average_price: Decimal | None = None
    leg: str = "net"


@dataclass(frozen=True, slots=True)
class HummingbotSource:
    """``path`` is a pattern of files, all of bots on one account; ``market`` the connector, as its column says.

    ``config_files`` are the configurations whose rows count, none meaning all. In ``hedge_mode`` the account holds a
    long and a short leg of one symbol. ``symbols`` holds their pair → the unified name, where the rule does not tell.
    """

    path: str
    market: str
    config_files: tuple[str, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    hedge_mode: bool = False
    symbols: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_perpetual(self) -> bool:
        """Whether positions are contracts, from which no fee is ever taken."""
        return is_perpetual(self.market)

    def holds(self, market: str, config_file: str) -> bool:
        """Whether a row of this market and configuration counts."""
        return market == self.market and (not self.config_files or config_file in self.config_files)

    def held_before(self) -> tuple[Baseline, ...]:
        """The baselines under unified names; in hedge mode the sign of one tells its leg where nothing else does."""
        return tuple(replace(one, symbol=self.symbol(one.symbol), leg=self._leg_of(one)) for one in self.baselines)

    def _leg_of(self, one: Baseline) -> str:
        if not self.hedge_mode or one.leg != "net":
            return one.leg
        return "short" if one.quantity.is_signed() else "long"

    def symbol(self, pair: str) -> str:
        """The unified name; raises Refused where it cannot be told."""
        return unified_name(pair, self.market, self.symbols)
