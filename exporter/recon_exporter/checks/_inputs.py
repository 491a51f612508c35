"""What the checks share in reading a book: whether it may be judged now, its newest numbers, and its new steps.

A row that is stale or in the future is not judged. A number that is missing or malformed leaves its check unverified;
it is never taken for zero.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from recon_exporter.domain.check import Evidence
from recon_exporter.domain.finding import Reason, Unverified
from recon_exporter.domain.statement import Book, Damage, Malformed, MinuteRow, Unavailable

MINUTE_SOURCE = "minute"
SHOWN_TEXT = 60
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Step:
    """A new row and the row before it, with their readings of the column that is followed."""

    earlier: MinuteRow
    later: MinuteRow
    before: Decimal
    after: Decimal

    def readings(self, column: str) -> tuple[Decimal, Decimal] | None:
        """Both readings of another column, None where one is not known."""
        before, after = known(self.earlier, column), known(self.later, column)
        return None if before is None or after is None else (before, after)


@dataclass(frozen=True, slots=True)
class Sight:
    """What a check can see of the newest row.

    ``row`` is None where it may not be judged now. ``numbers`` are those of the columns asked for that can be read.
    ``unverified`` says what is in the way of a verdict on all of today's rows; what ``numbers`` show is true beside it.
    """

    row: MinuteRow | None
    numbers: Mapping[str, Decimal]
    unverified: Unverified | None


def look(evidence: Evidence, book: Book, columns: tuple[str, ...]) -> Sight:
    """The newest row's numbers in the columns that the check needs."""
    row = book.newest
    withheld = why_withheld(evidence, book)
    if row is None or withheld is not None:
        return Sight(None, {}, withheld)
    numbers: dict[str, Decimal] = {}
    problem = damage_to(book, MINUTE_SOURCE, columns)
    for column in columns:
        value = row.numbers.get(column)
        if isinstance(value, Decimal):
            numbers[column] = value
        elif problem is None:
            problem = _unreadable(row, column, value)
    return Sight(row, numbers, problem)


def why_withheld(evidence: Evidence, book: Book) -> Unverified | None:
    """Why nothing that depends on the bot's current state may be judged; None where it may."""
    ahead = row_ahead(evidence, book)
    if ahead is not None:
        return Unverified(Reason.TIME_IN_FUTURE, f"a row of {ahead.isoformat()} lies ahead of the clock")
    row = book.newest
    if row is None:
        damage = damage_to(book, MINUTE_SOURCE, ())
        return damage or Unverified(Reason.INPUT_MISSING, "the minute file has no readable row")
    if is_stale(evidence, book, row):
        return Unverified(Reason.SOURCE_STALE, f"the newest row is of {row.at.isoformat()}")
    return None


def row_ahead(evidence: Evidence, book: Book) -> datetime | None:
    """The time of a row further ahead than the skew allowed."""
    if book.future_at is not None:
        return book.future_at
    row = book.newest
    if row is not None and row.at - evidence.now > evidence.policy.freshness.future_skew:
        return row.at
    return None


def snapshot_in_future(evidence: Evidence) -> str | None:
    """What shows that the exchange snapshot lies further ahead than the skew allowed."""
    venue = evidence.venue
    if isinstance(venue, Unavailable):
        return venue.detail if venue.reason is Reason.TIME_IN_FUTURE else None
    if venue.taken_at - evidence.now > evidence.policy.freshness.future_skew:
        return f"the exchange snapshot is of {venue.taken_at.isoformat()}, ahead of the clock"
    return None


def is_stale(evidence: Evidence, book: Book, row: MinuteRow) -> bool:
    """Whether the row is older than the policy's multiple of the cadence."""
    return evidence.now - row.at > evidence.policy.freshness.oldest_row(book.cadence)


def damage_to(book: Book, source: str, columns: tuple[str, ...] | None) -> Unverified | None:
    """Why today's lines of the source cannot all be vouched for: a line is lost, or a value in one of the columns.

    ``columns`` None means that every column is needed.
    """
    for damage in book.damage:
        if damage.source == source and (damage.field is None or columns is None or damage.field in columns):
            return Unverified(Reason.SOURCE_MALFORMED, _described(damage))
    return None


def known(row: MinuteRow, column: str) -> Decimal | None:
    """The row's number, None where it is missing or malformed."""
    value = row.numbers.get(column)
    return value if isinstance(value, Decimal) else None


def new_steps(book: Book, column: str, joined: Callable[[MinuteRow, MinuteRow], bool]) -> Iterator[Step]:
    """Each new row with the nearest row before it that tells the column too, where the two are ``joined``."""
    earlier = book.previous
    before = None if earlier is None else known(earlier, column)
    for row in book.rows:
        after = known(row, column)
        if after is None:
            continue
        if earlier is not None and before is not None and joined(earlier, row):
            yield Step(earlier, row, before, after)
        earlier, before = row, after


def _unreadable(row: MinuteRow, column: str, value: Decimal | Malformed | None) -> Unverified:
    if isinstance(value, Malformed):
        return Unverified(Reason.SOURCE_MALFORMED, f"{value.place}: {column} is {value.text[:SHOWN_TEXT]!r}")
    return Unverified(Reason.INPUT_MISSING, f"the row of {row.at.isoformat()} has no {column}")


def _described(damage: Damage) -> str:
    what = "a line" if damage.field is None else damage.field
    return f"{damage.place}: {what} of {damage.source} cannot be read: {damage.text[:SHOWN_TEXT]!r}"
