"""When the end-of-day runs are due."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from recon_exporter.settings.end_of_day import TimeOfDay
from recon_exporter.settings.model import Settings
from recon_exporter.sources.owners import schedules

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

DAY = timedelta(days=1)
SOME_DAYS, ALL_DAYS = timedelta(days=2), timedelta(days=9)
"""How far to look for a run: most are due every day, all of them in every week, and clocks change by hours."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When the end-of-day runs of a bot are due: once on each of its local days.

    A time that the clocks leave out in spring is as far behind the gap as it lies in it; of one that they show twice in
    autumn the first counts.
    """

    bot: str
    at: TimeOfDay
    timezone: ZoneInfo
    days: str

    def due_before(self, now: datetime) -> datetime | None:
        """The latest time that is due at ``now``, in UTC."""
        for span in (SOME_DAYS, ALL_DAYS):
            past = [due for due in self._due(now - span, now + DAY) if due <= now]
            if past:
                return past[-1]
        return None

    def next_after(self, now: datetime) -> datetime:
        """The first time that is due after ``now``, in UTC."""
        return next(due for due in self._due(now - DAY, now + ALL_DAYS) if due > now)

    def _due(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """The times between two moments, found on a calendar whose clocks never change and then taken for local."""
        at, last = (moment.astimezone(self.timezone).replace(tzinfo=UTC, fold=0) for moment in (start, end))
        trigger = _trigger(self.at, self.days)
        while (due := trigger.get_next_fire_time(None, at)) <= last:
            yield due.replace(tzinfo=self.timezone).astimezone(UTC)
            at = due + timedelta(seconds=1)


@cache
def _trigger(at: TimeOfDay, days: str) -> "CronTrigger":
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415  # only who schedules needs it

    return CronTrigger(day_of_week=days, hour=at.hour, minute=at.minute, second=0, timezone=UTC)


def plans(settings: Settings) -> tuple[Plan, ...]:
    """When each bot with an ``eod`` section is due, by name."""
    return plans_and_others(settings)[0]


def unscheduled(settings: Settings) -> tuple[str, ...]:
    """The bots that are known and have no ``eod`` section, by name."""
    return plans_and_others(settings)[1]


def plans_and_others(settings: Settings) -> tuple[tuple[Plan, ...], tuple[str, ...]]:
    """The plans, and the bots that have none, out of one look at what is there now."""
    found = schedules(settings).items()
    planned = tuple(Plan(bot, eod.at, eod.timezone, eod.days) for bot, eod in found if eod is not None)
    return planned, tuple(bot for bot, eod in found if eod is None)
