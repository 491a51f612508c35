"""How many fills one side has told of the current UTC day, counted over looks that overlap."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from recon_exporter.domain.positions import FillStatement

Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class DayCount:
    """The fills of ``day`` counted so far, from ``since`` on; ``recent`` are those that a look may tell again.

    ``is_whole``: nothing of the day was before the first look that counted.
    """

    day: date
    since: datetime
    count: int = 0
    recent: AbstractSet[Name] = field(default_factory=frozenset)
    is_whole: bool = True


def counted(known: DayCount | None, told: FillStatement) -> DayCount:
    """The count after one more statement. A fill that was read before is known by symbol and id.

    What a look reads again from before the one ahead of it was counted then.
    """
    day = told.until.date()
    if known is None or known.day != day:
        known = DayCount(day, told.since, is_whole=told.since <= datetime.combine(day, time(), UTC))
    names = {(fill.symbol, fill.fill_id): fill.at for fill in told.fills if fill.at.date() == day}
    new = [name for name, at in names.items() if at >= known.since and name not in known.recent]
    recent = names.keys() | frozenset()
    return DayCount(day, max(told.since, known.since), known.count + len(new), recent, known.is_whole)
