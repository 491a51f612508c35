"""The quantity of a fill, within bounds that let the quantities of any order be added exactly."""

from decimal import Decimal

from recon_exporter.domain.money import InvalidAmount, amount

LARGEST_EXPONENT = 20
FINEST_EXPONENT = -30


def quantity(text: str) -> Decimal:
    """Read a quantity below 10^21 and not finer than 10^-30; raises InvalidAmount."""
    value = amount(text)
    if len(text) <= LARGEST_EXPONENT and "e" not in text.lower():
        return value  # written out, and too short to break a bound
    exponent = value.as_tuple().exponent
    if value.adjusted() > LARGEST_EXPONENT or not isinstance(exponent, int) or exponent < FINEST_EXPONENT:
        raise InvalidAmount(f"{text!r} is no quantity that a fill can have")
    return value
