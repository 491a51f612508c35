"""Alpaca's JSON, value by value: what is not what it must be is named with its place."""

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from recon_exporter.domain.money import InvalidAmount, amount
from recon_exporter.reading.times import InvalidTime, iso_time


class BadAnswer(ValueError):
    """A value is not what it must be; ``str()`` names its place, what was found and what was expected."""

    def __init__(self, place: str, found: object, expected: str) -> None:
        super().__init__(f"Alpaca's {place}: found {reprlib.repr(found)}, expected {expected}")


@dataclass(frozen=True, slots=True)
class Row:
    """One object of an answer, and where it stood. An empty text is no value, as for Alpaca itself."""

    told: Mapping[str, Any]
    place: str

    def maybe_text(self, key: str) -> str | None:
        value = self.told.get(key)
        if value is not None and not isinstance(value, str):
            raise BadAnswer(f"{self.place}.{key}", value, "a text")
        return value or None

    def text(self, key: str) -> str:
        value = self.maybe_text(key)
        if value is None:
            raise BadAnswer(f"{self.place}.{key}", value, "a text")
        return value

    def maybe_number(self, key: str) -> Decimal | None:
        value = self.maybe_text(key)
        if value is None:
            return None
        try:
            return amount(value)
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
            return iso_time(value)
        except InvalidTime:
            raise BadAnswer(f"{self.place}.{key}", value, "a time with its offset") from None

    def time(self, key: str) -> datetime:
        value = self.maybe_time(key)
        if value is None:
            raise BadAnswer(f"{self.place}.{key}", value, "a time with its offset")
        return value

    def day(self, key: str) -> date:
        value = self.text(key)
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            raise BadAnswer(f"{self.place}.{key}", value, "a date") from None


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


def signed(row: Row, quantity: Decimal) -> Decimal:
    """The quantity with the sign of the row's side: buy and long positive, sell, sell_short and short negative."""
    side = row.text("side")
    if side in {"buy", "long"}:
        return quantity.copy_abs()
    if side in {"sell", "sell_short", "short"}:
        return quantity.copy_abs().copy_negate()
    raise BadAnswer(f"{row.place}.side", side, "buy, sell, long or short")
