"""ccxt's structures, value by value: what is not what it must be is named with its place, and None is never a zero."""

import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from recon_exporter.domain.money import InvalidAmount, amount

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class BadAnswer(ValueError):
    """A value is not what it must be; ``str()`` names its place, what was found and what was expected."""

    def __init__(self, place: str, found: object, expected: str) -> None:
        super().__init__(f"{place}: found {reprlib.repr(found)}, expected {expected}")


@dataclass(frozen=True, slots=True)
class Row:
    """One structure, and where it stood. An empty text is no value."""

    told: Mapping[str, Any]
    place: str

    def maybe_text(self, key: str) -> str | None:
        value = self.told.get(key)
        if value is None or value == "":
            return None
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise BadAnswer(f"{self.place}.{key}", value, "a text")
        return str(value)

    def text(self, key: str) -> str:
        value = self.maybe_text(key)
        if value is None:
            raise BadAnswer(f"{self.place}.{key}", value, "a text")
        return value

    def maybe_number(self, key: str) -> Decimal | None:
        value = self.told.get(key)
        if value is None or value == "":
            return None
        try:
            # A float is one that ccxt itself has computed, and its text is the shortest that means it.
            return amount(str(value))
        except InvalidAmount:
            raise BadAnswer(f"{self.place}.{key}", value, "a finite number") from None

    def number(self, key: str) -> Decimal:
        value = self.maybe_number(key)
        if value is None:
            raise BadAnswer(f"{self.place}.{key}", value, "a finite number")
        return value

    def maybe_time(self, key: str) -> datetime | None:
        value = self.maybe_text(key)
        if value is None:
            return None
        try:
            return from_milliseconds(int(value))
        except (ValueError, OverflowError):
            raise BadAnswer(f"{self.place}.{key}", value, "milliseconds since 1970") from None

    def time(self, key: str) -> datetime:
        value = self.maybe_time(key)
        if value is None:
            raise BadAnswer(f"{self.place}.{key}", value, "milliseconds since 1970")
        return value

    def one_of(self, key: str, *expected: str) -> str:
        value = self.maybe_text(key)
        if value not in expected:
            raise BadAnswer(f"{self.place}.{key}", value, " or ".join(expected))
        return value

    @property
    def info(self) -> "Row":
        """What the exchange itself told, of which ccxt made this."""
        return one(self.told.get("info"), f"{self.place}.info")

    def rows(self, key: str) -> list["Row"]:
        """A list within, empty where there is none; one object alone counts as a list of it."""
        value = self.told.get(key)
        if value is None or value == "":
            return []
        return many([value] if isinstance(value, dict) else value, f"{self.place}.{key}")

    def within(self, key: str) -> "Row":
        """An object within."""
        return one(self.told.get(key), f"{self.place}.{key}")


def one(answer: object, place: str) -> Row:
    """The answer as one object."""
    if not isinstance(answer, dict):
        raise BadAnswer(place, answer, "an object")
    return Row(answer, place)


def many(answer: object, place: str) -> list[Row]:
    """The answer as a list of objects."""
    if not isinstance(answer, list):
        raise BadAnswer(place, answer, "a list")
    return [one(told, f"{place}[{number}]") for number, told in enumerate(answer)]


def from_milliseconds(moment: int) -> datetime:
    """A time as exchanges tell it."""
    return EPOCH + moment * MILLISECOND


def milliseconds(at: datetime) -> int:
    """A time as exchanges are told it."""
    return (at - EPOCH) // MILLISECOND


def any_but_zero(values: Iterable[Decimal | None]) -> bool:
    """Whether one of them is told and is not zero."""
    return any(value for value in values if value is not None)
