"""Fills that a bot has counted and not written: its writer flushes a row to fills.csv only when it writes the next one.

The bot's own counter of the day tells it, in the newest minute row and, for what was left over at midnight, in the last
row of the day before. A counter that says no more than the file holds back nothing: what the file lacks then, the bot
does not know of.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from recon_exporter.domain.statement import Malformed, MinuteRow
from recon_exporter.ledgers.hbot.discovery import VariantFolder
from recon_exporter.ledgers.hbot.fill_rows import as_written, read_fill_rows
from recon_exporter.ledgers.hbot.minutes import MinuteReading

COUNTER = "fills_count_today"
DAY = timedelta(days=1)
DEFERRED = timedelta(minutes=30)
"""For so long a bot without a price goes on with the counters of the day before."""

BURST = timedelta(seconds=1)
"""Of the burst of the last row that was written the others may be the older ones."""


def unwritten_since(folder: VariantFolder, reading: MinuteReading | None) -> datetime | None:
    """From when this variant's fills.csv may lack what the bot has counted; None where it lacks nothing.

    Raises Refused where the file cannot be read.
    """
    if reading is None or reading.progress.newest is None:
        return None
    newest = reading.progress.newest
    closing = reading.progress.closing_of(newest.at.date())
    began = datetime.combine(newest.at.date(), time(), UTC)
    rows = read_fill_rows(folder, began - DAY, as_written)
    times = [] if rows is None else sorted(fill.at for fill in rows.fills)
    if not is_behind(times, newest, closing):
        return None
    return times[-1] - BURST if times else began - DAY


def is_behind(written: Sequence[datetime], newest: MinuteRow, closing: MinuteRow | None) -> bool:
    """Whether the bot has counted fills beyond those written; the times are of the newest row's day and that before."""
    began = datetime.combine(newest.at.date(), time(), UTC)
    today = sum(at >= began for at in written)
    closed = Decimal(0) if closing is None else _counted(closing)
    if not today and closed > len(written):
        return True
    counted = _counted(newest)
    if closed and counted >= closed and newest.at - began <= DEFERRED:
        counted -= closed
    return counted > today


def _counted(row: MinuteRow) -> Decimal:
    """What the counter says; 0 where it does not say it, which holds back nothing."""
    value = row.numbers.get(COUNTER)
    return Decimal(0) if value is None or isinstance(value, Malformed) else value
