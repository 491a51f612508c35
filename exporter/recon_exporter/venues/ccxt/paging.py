"""Long lists, page by page: a page that is full never proves that there is no more.

A list is walked in spans as long as the exchange allows, the newest first, so that what could not be had lies at the
beginning. Within a span, whatever the order in which the exchange tells, the part that a full page did not reach is
asked for again, from the very millisecond at which the page ended.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from recon_exporter.venues.ccxt.quirks.base import Page
from recon_exporter.venues.ccxt.rows import MILLISECOND, Row, milliseconds

Span = tuple[datetime, datetime]


class BudgetSpent(Exception):
    """No page is left."""


@dataclass
class Budget:
    """How many pages may still be asked for."""

    pages: int

    def spend(self) -> None:
        """One page; raises BudgetSpent."""
        if self.pages <= 0:
            raise BudgetSpent
        self.pages -= 1


@dataclass(frozen=True, slots=True)
class Pages:
    """How one list is asked for.

    ``size`` is the number of rows of a full page, None where only a page without anything new is the last.
    ``newest_first`` says which rows of a span a full page holds, None where that is found out.
    """

    ask: Callable[[Span], Sequence[Row]]
    identity: Callable[[Row], object]
    size: int | None
    newest_first: bool | None


@dataclass
class Walk:
    """The rows of one list that were found, each as often as one page told it; ``continues``: pages were continued."""

    pages: Pages
    budget: Budget
    newest_first: bool | None = field(init=False)
    continues: bool = False
    _found: dict[tuple[object, int], Row] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.newest_first = self.pages.newest_first

    @property
    def rows(self) -> list[Row]:
        """What was found so far."""
        return list(self._found.values())

    def over(self, span: Span) -> datetime:
        """Walk a span; returns from when on it is whole, its end where nothing of it is."""
        begin, end = span
        try:
            rows, fresh = self._page(span)
            if not self._is_full(rows, fresh):
                return begin
            if self.newest_first is None and not self._finds_direction(_latest(rows), end):
                return _latest(rows) + MILLISECOND
        except BudgetSpent:
            return end
        return self._backward(rows, begin) if self.newest_first else self._forward(begin, end)

    def _finds_direction(self, latest: datetime, end: datetime) -> bool:
        """Whether it shows, by what is told after the latest row of a full page, which rows such a page holds.

        It does not where one millisecond fills a page, and nothing is told after that.
        """
        rows, fresh = self._page((latest, end))
        is_clump = fresh == 0 and self._is_full(rows, fresh)
        if is_clump and self._page((latest + MILLISECOND, end))[1] == 0:
            return False
        self.newest_first = fresh == 0 and not is_clump
        self.continues |= fresh > 0
        return True

    def _backward(self, rows: Sequence[Row], begin: datetime) -> datetime:
        """Before each full page there is more: up to the beginning, or to the last page that could be had."""
        earliest = _earliest(rows)
        while True:
            try:
                more, fresh = self._page((begin, earliest))
            except BudgetSpent:
                return earliest + MILLISECOND
            if any(row.time("timestamp") > earliest for row in more):
                return earliest + MILLISECOND  # the end of the span means nothing to this exchange
            if not self._is_full(more, fresh):
                return begin if self._is_proven(fresh) else earliest + MILLISECOND
            self.continues |= fresh > 0
            if fresh == 0:
                return earliest + MILLISECOND  # one millisecond fills a page
            earliest = _earliest(more)

    def _forward(self, begin: datetime, end: datetime) -> datetime:
        """After each full page there is more; where one millisecond fills a page, the list is whole after that."""
        whole, latest = begin, _latest([row for row in self.rows if begin <= row.time("timestamp") <= end])
        try:
            while True:
                rows, fresh = self._page((latest, end))
                if not self._is_full(rows, fresh):
                    return whole if self._is_proven(fresh) else _earliest(self.rows) + MILLISECOND
                self.continues |= fresh > 0
                latest = _latest(rows) if fresh else latest + MILLISECOND
                whole = whole if fresh else latest
        except BudgetSpent:
            return end

    def _is_proven(self, fresh: int) -> bool:
        """Whether the end of a list is one: where nothing ever came after a full page, it may be that nothing can."""
        self.continues |= fresh > 0 or self.pages.size is None
        return self.continues

    def _page(self, span: Span) -> tuple[Sequence[Row], int]:
        """The rows of one page, and how many of them were not known."""
        self.budget.spend()
        rows = self.pages.ask(span)
        seen: Counter[object] = Counter()
        before = len(self._found)
        for row in rows:
            identity = self.pages.identity(row)
            seen[identity] += 1
            self._found.setdefault((identity, seen[identity]), row)
        return rows, len(self._found) - before

    def _is_full(self, rows: Sequence[Row], fresh: int) -> bool:
        return fresh > 0 and bool(rows) if self.pages.size is None else len(rows) >= self.pages.size


def spans(since: datetime, until: datetime, longest: timedelta | None) -> Iterator[Span]:
    """The time from ``since`` to ``until`` in spans, the newest first."""
    end = until
    while end > since:
        begin = since if longest is None else max(since, end - longest)
        yield begin, end
        end = begin


def page_of(span: Span, size: int | None) -> Page:
    """The page that asks for a span."""
    return Page(milliseconds(span[0]), milliseconds(span[1]), size)


def _earliest(rows: Sequence[Row]) -> datetime:
    return min(row.time("timestamp") for row in rows)


def _latest(rows: Sequence[Row]) -> datetime:
    return max(row.time("timestamp") for row in rows)
