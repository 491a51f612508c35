"""The three statements of one look at fills: the span and the symbols that all of them tell, and what is left out."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from recon_exporter.domain.differences import Window
from recon_exporter.domain.fill_joining import Names
from recon_exporter.domain.fill_look import places_of
from recon_exporter.domain.positions import Fill, FillStatement

_AT = attrgetter("at")


@dataclass(frozen=True, slots=True)
class Reading:
    """The three statements of one feed, and what follows from them."""

    ledger: FillStatement
    venue: FillStatement
    again: FillStatement
    symbols: frozenset[str] | None
    margin: timedelta
    by_order: bool

    @property
    def lag(self) -> timedelta:
        """How far apart both sides may date one execution."""
        return max(self.ledger.lag, self.venue.lag)

    @property
    def since(self) -> datetime:
        """From when all three tell their fills."""
        return max(statement.since for statement in (self.ledger, self.venue, self.again))

    def window(self, settle: timedelta) -> Window:
        """What all three cover, less what may lie beyond it on the other side's clock or is under way."""
        until = min(statement.until for statement in (self.ledger, self.venue, self.again))
        return Window(self.since + self.margin, until - settle - self.lag)


def not_read_again(fills: Iterable[Fill], statement: FillStatement, names: Names) -> tuple[Fill, ...]:
    """Those that the statement says nothing of; of the others it tells itself whether they are still there."""
    symbols = None if statement.symbols is None else {names[symbol] for symbol in statement.symbols}
    since = min(statement.since, statement.fills[0].at) if statement.fills else statement.since
    return tuple(
        fill
        for fill in fills
        if not since <= fill.at <= statement.until or (symbols is not None and names[fill.symbol] not in symbols)
    )


def covered(fills: Sequence[Fill], symbols: frozenset[str] | None, names: Names) -> Sequence[Fill]:
    return fills if symbols is None else tuple(fill for fill in fills if names[fill.symbol] in symbols)


def moving(ledger: FillStatement, again: FillStatement, names: Names) -> frozenset[tuple[str, str]]:
    """The places of which the ledger's second reading tells otherwise than its first."""
    if again is ledger or again.fills == ledger.fills:
        return frozenset()
    return frozenset(place for fill in set(ledger.fills) ^ set(again.fills) for place in places_of(fill, names))


def within(fills: Sequence[Fill], window: Window) -> int:
    """How many of these, oldest first, lie in the window."""
    return max(bisect_right(fills, window.until, key=_AT) - bisect_left(fills, window.since, key=_AT), 0)
