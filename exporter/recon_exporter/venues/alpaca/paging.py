"""Long lists, page by page, to their proven end.

Alpaca continues a list of activities after the last one of a page, and at times leaves out others of that same
millisecond. So every day on which a page ended is asked for once more as a whole, which Alpaca answers without pages.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from recon_exporter.venues.alpaca.activity_times import activity_time
from recon_exporter.venues.alpaca.answers import Row, many
from recon_exporter.venues.alpaca.client import Ask, Question
from recon_exporter.venues.alpaca.failures import incomplete
from recon_exporter.venues.alpaca.market import days_around

ACTIVITIES_OF_A_PAGE = 100
ORDERS_OF_A_PAGE = 500
_OVERLAP = timedelta(milliseconds=1)


@dataclass
class Activities:
    """The activities of one kind since a moment, by identifier, and the days that have been asked for as a whole."""

    ask: Ask
    question: Question
    parameters: dict[str, str]
    rows: dict[str, Row] = field(default_factory=dict)
    whole_days: set[date] = field(default_factory=set)

    def walk(self, since: datetime) -> None:
        """Every page since, then the days of the seams between them."""
        seams: list[Row] = []
        token: str | None = None
        while True:
            page = self._answer(after=moment(since - _OVERLAP), page_size=str(ACTIVITIES_OF_A_PAGE), page_token=token)
            fresh = [row for row in page if row.text("id") not in self.rows]
            if page and not fresh:
                raise incomplete(f"Alpaca repeats a page of its {self.question.name.lower()} instead of going on")
            self._keep(page)
            seams += page[:1] if token is not None else []
            if len(page) < ACTIVITIES_OF_A_PAGE:
                break
            seams.append(page[-1])
            token = page[-1].text("id")
        self.ask_days(day for row in seams for day in days_around(activity_time(row)))

    def ask_days(self, days: Iterable[date]) -> None:
        """Each of these days as a whole, once; an answer that lacks what the pages held is incomplete."""
        for day in sorted(set(days) - self.whole_days):
            answer = self._answer(date=day.isoformat())
            known = {key for key, row in self.rows.items() if set(days_around(activity_time(row))) == {day}}
            if known - {row.text("id") for row in answer}:
                raise incomplete(f"Alpaca's {self.question.name.lower()} of {day} lack some that it told before")
            self._keep(answer)
            self.whole_days.add(day)

    def _answer(self, **parameters: str | None) -> list[Row]:
        answer = self.ask(self.question, **self.parameters, direction="asc", **parameters)
        return many(answer, self.question.name.lower())

    def _keep(self, rows: Iterable[Row]) -> None:
        self.rows |= {row.text("id"): row for row in rows}


def walk_orders(ask: Ask, since: datetime, status: str) -> dict[str, Row]:
    """The orders submitted since by identifier: the next page begins a millisecond before the last one ended."""
    found: dict[str, Row] = {}
    after = since
    while True:
        answer = ask(
            Question.ORDERS,
            status=status,
            limit=str(ORDERS_OF_A_PAGE),
            direction="asc",
            nested="false",
            after=moment(after - _OVERLAP),
        )
        page = many(answer, "orders")
        fresh = {row.text("id"): row for row in page if row.text("id") not in found}
        found |= fresh
        if len(page) < ORDERS_OF_A_PAGE:
            return found
        if not fresh:
            raise incomplete("Alpaca repeats a page of its orders instead of going on")
        after = page[-1].time("submitted_at")


def moment(at: datetime) -> str:
    """A time as Alpaca's parameters take it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
