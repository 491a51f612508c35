"""Single values of somebody else's tables → exact amounts and texts.

A float becomes the shortest decimal text that denotes it: 0.1 is 0.1. What a column of floats cannot hold, some 15
digits, was lost when it was written there.
"""

import re
from decimal import Decimal

from recon_exporter.domain.money import InvalidAmount, amount

LONGEST = 200
_MONEY = re.compile(r"(?P<amount>[-+\d.]+) (?P<asset>[A-Za-z][A-Za-z0-9]*)")


class InvalidText(ValueError):
    """A value that is not one short line of printable text."""


def is_blank(value: object) -> bool:
    """Whether a cell tells nothing: NULL, or a text of spaces."""
    return value is None or (isinstance(value, str) and not value.strip())


def number(value: object) -> Decimal:
    """The amount; raises InvalidAmount."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise InvalidAmount(f"{value!r} is not a number")
    text = str(value)
    try:
        return amount(text)
    except InvalidAmount:
        return amount(_without_filling(text))


def _without_filling(text: str) -> str:
    """A column of fixed scale fills its numbers up with zeros, which are no digits of the amount."""
    digits, mark, exponent = text.strip().upper().partition("E")
    return f"{digits.rstrip('0')}{mark}{exponent}" if "." in digits else text


def money(value: object) -> tuple[Decimal, str | None]:
    """The amount, and the asset where that stands behind it, as in ``0.5 USDT``; raises InvalidAmount."""
    if isinstance(value, str) and (told := _MONEY.fullmatch(value.strip())):
        return number(told["amount"]), told["asset"]
    return number(value), None


def label(value: object) -> str:
    """A name such as a symbol or an identifier, also where it is stored as a whole number; raises InvalidText."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise InvalidText
    text = str(value).strip()
    if not text or len(text) > LONGEST or not text.isprintable():
        raise InvalidText
    return text
