"""Fills that a bot has counted and not written: its writer flushes a row to fills.csv only when it writes the next one.

The bot's own counter of the day tells it, in the newest minute row and, for what was left over at midnight, in the last
row of the day before. A counter that says no more than the file holds back nothing: what the file lacks then, the bot
does not know of.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Self

from recon_exporter.domain.money import ZERO, difference
from recon_exporter.domain.statement import Malformed, MinuteRow
from recon_exporter.ledgers.hbot.discovery import VariantFolder
from recon_exporter.ledgers.hbot.fill_rows import as_written, read_fill_rows

COUNTER = "fills_count_today"
DAY = timedelta(days=1)
DEFERRED = timedelta(minutes=30)
"""For so long a bot without a price goes on with the counters of the day before."""

BURST = timedelta(seconds=1)
"""Of the burst of the last row that was written the others may be the older ones."""


@dataclass(frozen=True, slots=True)
class Counters:
    """What the bot has counted since ``began``, a midnight, and in all of the day before; 0 where it does not say."""

    began: datetime
    today: Decimal
    yesterday: Decimal

    @classmethod
    def of(cls, newest: MinuteRow, closing: MinuteRow | None) -> Self:
        """From the newest row and the last one of the day before its own; one counter may stand in both."""
        began = datetime.combine(newest.at.date(), time(), UTC)
        today, yesterday = _counted(newest), ZERO if closing is None else _counted(closing)
        if ZERO < yesterday <= today and newest.at - began <= DEFERRED:
            today = difference(today, yesterday)
        return cls(began, today, yesterday)

    def is_ahead_of(self, written: Sequence[datetime]) -> bool:
        """Whether the bot has counted fills beyond these, which were written since the day before began."""
        today = sum(at >= self.began for at in written)
        return self.today > today or (not today and self.yesterday > len(written))


def unwritten_since(folder: VariantFolder, counters: Counters) -> datetime | None:
    """From when this variant's fills.csv may lack what the bot has counted; None where it lacks nothing.

    Raises Refused where the file cannot be read.
    """
    if not counters.today and not counters.yesterday:
        return None
    since = counters.began - DAY
    rows = read_fill_rows(folder, since, as_written)
    times = [] if rows is None else sorted(fill.at for fill in rows.fills)
    if not counters.is_ahead_of(times):
        return None
    return times[-1] - BURST if times else since


def _counted(row: MinuteRow) -> Decimal:
    value = row.numbers.get(COUNTER)
    return ZERO if value is None or isinstance(value, Malformed) else value
