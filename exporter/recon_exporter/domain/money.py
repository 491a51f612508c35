"""Exact amounts: Decimal from the text of the source, in a context that refuses floats.

Sums and products trap inexactness; only ratios may round. Nothing here ever makes NaN or an infinity.
"""

from collections.abc import Iterable
from decimal import (
    Clamped,
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    Inexact,
    InvalidOperation,
    Overflow,
    Underflow,
)

ZERO = Decimal(0)
ONE = Decimal(1)

DIGITS = 60
MOST_DIGITS = DIGITS // 2
LARGEST_EXPONENT = 30
"""Amounts are below 10^30 and finer than 10^-30: beyond that a text is damage, not money."""

_REFUSED = [InvalidOperation, DivisionByZero, Overflow, FloatOperation]
EXACT = Context(prec=DIGITS, traps=[*_REFUSED, Inexact, Underflow, Clamped])
ROUNDING = Context(prec=DIGITS, traps=_REFUSED)


class InvalidAmount(ValueError):
    """A text that is not one finite decimal number within bounds."""


def amount(text: str) -> Decimal:
    """Read one finite decimal number; raises InvalidAmount naming the text and what was expected."""
    try:
        # Decimal also takes 1_000 and the digits of other scripts, which nobody who writes amounts does.
        value = Decimal(text if text.isascii() and "_" not in text else "")
    except InvalidOperation:
        raise InvalidAmount(f"{text!r} is not a decimal number") from None
    if not value.is_finite():
        raise InvalidAmount(f"{text!r} is not a finite number")
    if value and not (-LARGEST_EXPONENT <= value.adjusted() <= LARGEST_EXPONENT and _has_few_digits(text, value)):
        raise InvalidAmount(f"{text!r} has more digits than an amount can have")
    return value


def _has_few_digits(text: str, value: Decimal) -> bool:
    """A text has no more digits than characters; to count those of the value takes longer than all the rest."""
    return len(text) <= MOST_DIGITS or len(value.as_tuple().digits) <= MOST_DIGITS


def total(values: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    result = ZERO
    for value in values:
        result = EXACT.add(result, value)
    return result


def difference(left: Decimal, right: Decimal) -> Decimal:
    """The exact difference, left minus right."""
    return EXACT.subtract(left, right)


def product(left: Decimal, right: Decimal) -> Decimal:
    """The exact product."""
    return EXACT.multiply(left, right)


def ratio(numerator: Decimal, denominator: Decimal) -> Decimal:
    """The quotient, rounded to 60 digits; raises decimal.DivisionByZero or InvalidOperation for a zero denominator."""
    return ROUNDING.divide(numerator, denominator)


def plain(value: Decimal) -> str:
    """Canonical text: no exponent, no trailing zeros, minus zero is 0."""
    text = str(value)
    if "E" in text:
        text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


__all__ = [
    "EXACT",
    "ONE",
    "ROUNDING",
    "ZERO",
    "InvalidAmount",
    "amount",
    "difference",
    "plain",
    "product",
    "ratio",
    "total",
]
