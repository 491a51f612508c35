"""What a quirk speaks of: the parts of an account, the questions about it, a page of a list, what a trade did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

DERIVATIVES = frozenset({"swap", "future", "option"})


class Asking(Protocol):
    """The questions of one reading, which share a deadline."""

    markets: Mapping[str, Mapping[str, Any]]
    coins: Mapping[str, object]
    sections: tuple["Section", ...]

    def __call__(self, question: str, **arguments: object) -> Any:  # noqa: ANN401  # as ccxt answers
        """What ccxt makes of the answer; raises VenueFailure."""

    def once(self, question: str, **arguments: object) -> Any:  # noqa: ANN401  # as ccxt answers
        """The same, asked once in a reading."""

    def parsed(self, parser: str, *values: object) -> Any:  # noqa: ANN401  # as ccxt answers
        """What ccxt's own parser of this name makes of raw rows; nothing is asked."""

    def market(self, section: "Section", identifier: str) -> Mapping[str, Any]:
        """The market of a section by the exchange's own name; raises BadAnswer."""

    def has(self, question: str) -> bool:
        """Whether ccxt can ask it here, itself or by way of others."""

    def feature(self, section: "Section", question: str, key: str) -> Any:  # noqa: ANN401  # as ccxt tells
        """A limit of the question as ccxt knows it, None where it does not."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of an account that is asked for by itself.

    ``kind`` is ccxt's type of it; ``parameters`` go with each question. ``settles`` are the currencies that its
    contracts are settled in, none means any; ``linear`` None means both. ``longest`` is the longest span that its lists
    can be asked for, where ccxt does not know better. The rest says what is to be asked of it.
    """

    name: str
    kind: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    settles: frozenset[str] = frozenset()
    linear: bool | None = None
    has_balance: bool = True
    has_trades: bool = True
    longest: timedelta | None = None

    @property
    def has_positions(self) -> bool:
        """Whether it holds contracts."""
        return self.kind in DERIVATIVES and self.has_trades

    def holds(self, market: Mapping[str, Any]) -> bool:
        """Whether the market's trades belong here."""
        if not self.has_trades:
            return False
        if not market.get("contract"):
            return self.kind == "spot"
        is_of_form = self.linear is None or bool(market.get("linear")) is self.linear
        return self.kind in DERIVATIVES and is_of_form and (not self.settles or market.get("settle") in self.settles)


@dataclass(frozen=True, slots=True)
class Direction:
    """What a trade did: ``sign`` is 1 for a purchase, -1 for a sale; ``leg`` is that of the position it changed."""

    sign: int
    leg: str = "net"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: both ends in milliseconds, and how many rows a full one has, None where nobody knows."""

    since: int
    until: int
    size: int | None
