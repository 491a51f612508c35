"""What is asked, and of whom: parameters read, windows of time, pages that a cursor carries on; newest rows first."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from urllib.parse import quote, unquote

from recon_exporter.demo.bybit_server import errors
from recon_exporter.demo.bybit_server.texts import CATEGORIES, Document, category, identifier
from recon_exporter.demo.exchange import Refusal, View, milliseconds, moment
from recon_exporter.demo.exchange.markets import Market
from recon_exporter.demo.exchange.records import Book

Row = TypeVar("Row")

_MILLISECOND, _SMALLEST = timedelta(milliseconds=1), timedelta.resolution
WEEK, DAY = timedelta(days=7), timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Paging:
    """Rows of a page where nothing is said, and at most; ``span``: how far a window reaches that has one end."""

    usual: int
    most: int
    span: timedelta = WEEK


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """How rows of one kind are told: where each stands in time, what it is called, the document made of it."""

    paging: Paging
    at: Callable[[Row], datetime]
    name: Callable[[Row], str]
    document: Callable[[Row], Document]


@dataclass(frozen=True, slots=True)
class Call:
    """One request that was admitted; all of it raises Refusal where a parameter is missing or wrong."""

    view: View
    parameters: Mapping[str, str]

    @property
    def book(self) -> Book:
        """The books of the key's account."""
        if self.view.book is None:
            raise self.without_key()
        return self.view.book

    def without_key(self) -> Refusal:
        """The answer to a private path that nobody signed."""
        return self.wrong("empty value: apiTimestamp[] apiKey[] apiSignature[]: openapi sign params error!")

    def wrong(self, message: str) -> Refusal:
        """The answer to a parameter that is missing or makes no sense."""
        return errors.refused(errors.PARAMETERS_WRONG, self.view.at, message)

    def word(self, name: str) -> str | None:
        """A parameter; sent and empty is not sent."""
        return self.parameters.get(name) or None

    def number(self, name: str, otherwise: int = 0) -> int:
        """A parameter that is a whole number."""
        text = self.word(name)
        if text is None:
            return otherwise
        if not (text.isascii() and text.isdigit()):
            raise self.wrong(f"params error: {name} invalid")
        return int(text)

    def category(self) -> str:
        """Always wanted."""
        told = self.parameters.get("category")
        if told not in CATEGORIES:
            raise self.wrong("Illegal category")
        return told

    def markets(self, asked: str) -> Sequence[Market]:
        """Those of a category, by ``symbol``, ``baseCoin`` and ``settleCoin`` where they are sent."""
        symbol, base, settle = (self.word(name) for name in ("symbol", "baseCoin", "settleCoin"))
        chosen = [
            market
            for market in self.view.markets.values()
            if category(market) == asked
            and symbol in {None, identifier(market)}
            and base in {None, market.base}
            and settle in {None, market.settle}
        ]
        if symbol is not None and not chosen:
            raise self.wrong("Not supported symbols")
        return chosen

    def symbols(self, asked: str) -> frozenset[str]:
        """The same in our own words."""
        return frozenset(market.symbol for market in self.markets(asked))

    def recent(self, rows: Iterable[Row], listing: Listing[Row]) -> list[Row]:
        """Those within the window that is asked for: of the last days where none is."""
        start, end = self._window(listing.paging.span // _MILLISECOND)
        return [row for row in rows if start <= listing.at(row) <= end]

    def page(self, rows: Iterable[Row], listing: Listing[Row]) -> Document:
        """One page of what follows the cursor, with the cursor to the next: as long as pages are full."""
        limit = min(self.number("limit") or listing.paging.usual, listing.paging.most)
        left = sorted(rows, key=listing.at)[::-1]
        if self.view.one_page:
            left = left[:limit]
        if cursor := self.word("cursor"):
            left = left[self._after([listing.name(row) for row in left], cursor) :]
        told = left[:limit]
        more = len(told) == limit and not self.view.one_page
        cursor = quote(f"{listing.name(told[-1])}:{milliseconds(listing.at(told[-1]))}", safe="") if more else ""
        return {"list": [listing.document(row) for row in told], "nextPageCursor": cursor}

    def _window(self, span: int) -> tuple[datetime, datetime]:
        start, end, now = self.number("startTime"), self.number("endTime"), milliseconds(self.view.at)
        if start and end:
            if end - start > WEEK // _MILLISECOND:
                raise self.wrong("The time range between startTime and endTime cannot exceed 7 days")
        elif start:
            end = start + span
        else:
            end = end or now
            start = end - span
        # A venue's times have no microseconds: what happened within the last of these milliseconds belongs to it.
        return moment(start), moment(end + 1) - _SMALLEST

    def _after(self, names: Sequence[str], cursor: str) -> int:
        name = unquote(cursor).rpartition(":")[0]
        if name in names:
            return names.index(name) + 1
        if self.view.one_page:
            return len(names)
        raise self.wrong("params error: cursor invalid")
