"""The section ``eod`` of a bot or a fleet: when the end-of-day run is due, and how its positions are judged."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import PlainValidator, WithJsonSchema

from recon_exporter.settings.scalars import Count, Interval, Name, Text, one_of, read_interval, read_text, refused
from recon_exporter.settings.section import Section, builtin

_TIME = re.compile(r"(?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5][0-9])")
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = re.compile(rf"(?:{'|'.join(_WEEK)})(?:-(?:{'|'.join(_WEEK)}))?")


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A time on the clock of some place."""

    hour: int
    minute: int

    def __str__(self) -> str:
        return f"{self.hour:02}:{self.minute:02}"


class Off(StrEnum):
    """Stands where a test of age has no limit."""

    OFF = "off"


class StaleFrom(StrEnum):
    """What tells when the bot last wrote a position: its own time, or that of its last fill."""

    WRITTEN = "written"
    LAST_FILL = "last_fill"


def read_time_of_day(value: object) -> TimeOfDay:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise refused('a time of day such as "16:15"')
    return TimeOfDay(int(match["hour"]), int(match["minute"]))


def read_zone(value: object) -> ZoneInfo:
    """A place of the time zone database."""
    try:
        return ZoneInfo(read_text(value))
    except (KeyError, OSError, ValueError):
        raise refused("a time zone such as America/New_York or UTC") from None


def read_days(value: object) -> str:
    """Days of the week as cron has them, by their names alone: its numbers mean other days to other programs."""
    days = value.split(",") if isinstance(value, str) else []
    if value != "*" and (not days or not all(_is_day_or_range(day) for day in days)):
        raise refused("*, or days of the week such as mon-fri or mon,wed,fri")
    return str(value)


def _is_day_or_range(text: str) -> bool:
    ends = [_WEEK.index(day) for day in text.split("-")] if _DAY.fullmatch(text) else []
    return bool(ends) and all(first < last for first, last in pairwise(ends))


def read_age(value: object) -> timedelta | Off:
    """The age from which a position is stale, or off."""
    if value == Off.OFF:
        return Off.OFF
    try:
        return read_interval(value)
    except ValueError:
        raise refused("a duration of at least 1s such as 24h, or off") from None


def age_limit(age: timedelta | Off) -> timedelta | None:
    """The limit; None where there is none."""
    return age if isinstance(age, timedelta) else None


_AGE = {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^([0-9]+[smhd]?|off)$"}]}
_CLOCK = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
_TEXT = {"type": "string", "minLength": 1}

At = Annotated[TimeOfDay, PlainValidator(read_time_of_day), WithJsonSchema(_CLOCK)]
Zone = Annotated[ZoneInfo, PlainValidator(read_zone), WithJsonSchema(_TEXT)]
OptionalZone = Annotated[ZoneInfo | None, PlainValidator(read_zone), WithJsonSchema(_TEXT)]
Days = Annotated[str, PlainValidator(read_days), WithJsonSchema(_TEXT)]
Age = Annotated[timedelta | Off, PlainValidator(read_age), WithJsonSchema(_AGE)]
Source = Annotated[
    StaleFrom, PlainValidator(one_of(*StaleFrom)), WithJsonSchema({"enum": [str(source) for source in StaleFrom]})
]


class EodSettings(Section):
    """When the end-of-day run is due; when a position is stale; how many new breaks are taken for a broken source.

    ``deadline`` is how long each answer of ledger and venue may take.
    Orders whose client identifier begins with none of ``client_id_prefixes`` were not sent by the bot.
    """

    at: At
    timezone: Zone = builtin("UTC")
    days: Days = builtin("*")
    settle: Interval = builtin("30s")
    deadline: Interval = builtin("5m")
    stale_after: Age = builtin("24h")
    stale_after_symbols: dict[Name, Age] = builtin({})
    stale_from: Source = builtin("written")
    mass_breaks: Count = builtin("50")
    client_id_prefixes: tuple[Text, ...] = builtin([])
