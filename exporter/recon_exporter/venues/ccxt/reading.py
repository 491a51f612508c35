"""One reading of an account: what is asked, and its long lists walked part by part and symbol by symbol."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from recon_exporter.venues.ccxt.account import Ask
from recon_exporter.venues.ccxt.failures import incomplete
from recon_exporter.venues.ccxt.paging import Budget, Pages, Walk, page_of, spans
from recon_exporter.venues.ccxt.quirks import Quirk
from recon_exporter.venues.ccxt.quirks.base import Page, Section
from recon_exporter.venues.ccxt.rows import Row, many


@dataclass(frozen=True, slots=True)
class Reading:
    """What is asked: of which account, which parts of it, since when, and how many pages at most.

    ``symbols`` are those that are asked for where an exchange tells nothing without one.
    """

    ask: Ask
    quirk: Quirk
    sections: Sequence[Section]
    since: datetime
    now: datetime
    pages: int
    symbols: Callable[[], Iterable[str]]

    def symbols_of(self, section: Section) -> list[str]:
        """Those of them that belong to a part of the account."""
        markets = self.ask.markets
        return sorted({symbol for symbol in self.symbols() if symbol in markets and section.holds(markets[symbol])})

    def markets_of(self, section: Section) -> set[str]:
        """All symbols of a part of the account."""
        return {symbol for symbol, market in self.ask.markets.items() if section.holds(market)}


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of the exchange: the question of ccxt, how a page is had, and what makes two rows the same one.

    ``size`` None is what ccxt knows of the question; ``newest_first`` as in Pages.
    """

    question: str
    page: Callable[[str | None, Page], object]
    identity: Callable[[Row], object]
    size: int | None = None
    newest_first: bool | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one list, and from when on they are all there."""

    rows: Sequence[Row]
    since: datetime


def read_list(
    reading: Reading, section: Section, listing: Listing, symbols: Sequence[str | None], budget: Budget
) -> Rows:
    """The list for each of the symbols, span by span, the newest first, as far as all of them get."""

    def limit(key: str) -> timedelta | None:
        told = reading.ask.feature(section, listing.question, key)
        return None if told is None else timedelta(days=float(told))

    walks = [_walk(reading, section, listing, symbol, budget) for symbol in symbols]
    history = limit("daysBack")
    whole = since = reading.since if history is None else max(reading.since, reading.now - history)
    longest = min(filter(None, (limit("untilDays"), section.longest)), default=None)
    for begin, end in spans(since, reading.now, longest):
        whole = max((walk.over((begin, end)) for walk in walks), default=begin)
        if whole > begin:
            break
    return Rows([row for walk in walks for row in walk.rows], whole)


def must_be_whole(found: Rows, reading: Reading, what: str) -> Sequence[Row]:
    """The rows, where all of them since the beginning could be had; raises VenueFailure otherwise."""
    if found.since > reading.since:
        raise incomplete(f"{reading.ask.exchange} does not tell all {what}: they are whole since {found.since} only")
    return found.rows


def _walk(reading: Reading, section: Section, listing: Listing, symbol: str | None, budget: Budget) -> Walk:
    size = listing.size or reading.ask.feature(section, listing.question, "limit")
    place = f"{listing.question} of {symbol or section.name}"
    return Walk(
        Pages(
            ask=lambda span: many(listing.page(symbol, page_of(span, size)), place),
            identity=listing.identity,
            size=size,
            newest_first=listing.newest_first,
        ),
        budget,
    )
