"""Pages of a list that a venue tells newest first: a window of time, a cursor, and no more than so many."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows are asked for: from ``start`` to ``end``, both included, with identifiers below ``before``."""

    limit: int
    start: datetime | None = None
    end: datetime | None = None
    before: int | None = None

    def of(
        self, rows: Sequence[Row], at: Callable[[Row], datetime], identifier: Callable[[Row], str], *, only: int | None
    ) -> list[Row]:
        """The newest of them first. ``rows`` are oldest first; ``only``: all but the newest so many are hidden."""
        chosen = []
        for row in reversed(rows if only is None else rows[-only:]):
            if self.before is not None and int(identifier(row)) >= self.before:
                continue
            if (self.end is not None and at(row) > self.end) or (self.start is not None and at(row) < self.start):
                continue
            chosen.append(row)
            if len(chosen) == self.limit:
                break
        return chosen
