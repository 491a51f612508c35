"""The rollover of the day's counters, which the bot defers while it has no price."""

from datetime import datetime, timedelta

from recon_exporter.checks._inputs import Step, known
from recon_exporter.domain.statement import MinuteRow

DEFERRED = timedelta(minutes=30)
COUNTERS = ("fees_paid_today_quote", "turnover_today_x")


def is_in_rollover(at: datetime) -> bool:
    """Whether the day is so young that a row may still tell yesterday's counters."""
    return at - at.replace(hour=0, minute=0, second=0, microsecond=0) <= DEFERRED


def is_deferred_reset(step: Step, closing: MinuteRow | None) -> bool:
    """Whether the counters fell because they begin today's count only now.

    They must fall together, and must have gone on from yesterday's last row before; where that row is not known, the
    count of fills has to fall with them.
    """
    if not is_in_rollover(step.later.at) or not all(_fell(step, column) for column in COUNTERS):
        return False
    if closing is None:
        return _fell(step, "fills_count_today")
    return all(_went_on(closing, step.earlier, column) for column in COUNTERS)


def _fell(step: Step, column: str) -> bool:
    readings = step.readings(column)
    return readings is not None and readings[1] < readings[0]


def _went_on(closing: MinuteRow, row: MinuteRow, column: str) -> bool:
    at_close, now = known(closing, column), known(row, column)
    return at_close is not None and now is not None and now >= at_close
