"""The one sentence that tells a break to a person, with the numbers of both sides."""

from datetime import datetime, timedelta
from decimal import Context, Decimal

from recon_exporter.domain.exposure import Exposure
from recon_exporter.domain.money import ROUNDING, plain, ratio
from recon_exporter.domain.position_pair import Pair
from recon_exporter.domain.statement import Position
from recon_exporter.domain.words import one_line

_READABLE = Context(prec=12)
_CENT = Decimal("0.01")
_HUNDRED = Decimal(100)
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


def missing(pair: Pair) -> str:
    return f"ledger holds {_held(pair.ledger)}, venue holds {_held(pair.venue)}"


def quantity(pair: Pair, *, is_flip: bool) -> str:
    opposite = " in the opposite direction" if is_flip else ""
    share = _percent(pair.gap, pair.larger)
    return f"ledger holds {_held(pair.ledger)}, venue holds {_held(pair.venue)}{opposite}: {plain(pair.gap)} ({share})"


def price(ours: Decimal, theirs: Decimal) -> str:
    gap = ROUNDING.subtract(ours, theirs)
    share = _percent(gap, max(ours.copy_abs(), theirs.copy_abs()))
    return f"average price is {number(ours)} in the ledger, {number(theirs)} at the venue: {number(gap)} ({share})"


def stale(pair: Pair, written_at: datetime, limit: timedelta) -> str:
    return f"ledger holds {_held(pair.ledger)}, last written {written_at.isoformat()}, stale after {span(limit)}"


def with_context(sentence: str, pair: Pair, exposure: Exposure) -> str:
    """The sentence with leg, the ledger's own name for the symbol, and what is at stake."""
    leg = "" if pair.leg == "net" else f"{pair.leg} leg: "
    return f"{leg}{sentence}{_other_names(pair)}{_at_stake(exposure)}"


def number(value: Decimal) -> str:
    """A price or an amount of money, rounded beyond twelve digits: the exact one stands in its own field.

    Quantities are never told so: ``plain`` tells them exactly.
    """
    return plain(_READABLE.plus(value))


def span(length: timedelta) -> str:
    """Whole days beyond two, else hours, else seconds."""
    if length % _DAY == timedelta() and length > 2 * _DAY:
        return f"{length // _DAY} d"
    if length % _HOUR == timedelta():
        return f"{length // _HOUR} h"
    return f"{length.total_seconds():g} s"


def _held(position: Position | None) -> str:
    if position is None:
        return "none"
    at = "" if position.average_price is None else f" at {number(position.average_price)}"
    return f"{plain(position.quantity)}{at}"


def _other_names(pair: Pair) -> str:
    sides = (("ledger", pair.ledger), ("venue", pair.venue))
    named = [
        f"{side} calls it {one_line(position.symbol)}"
        for side, position in sides
        if position is not None and position.symbol != pair.symbol
    ]
    return f" ({', '.join(named)})" if named else ""


def _at_stake(exposure: Exposure) -> str:
    if exposure.value is None:
        return f"; exposure unknown: {exposure.why}"
    return f"; exposure {exposure.value.quantize(_CENT, context=ROUNDING):f} USD" if exposure.value else ""


def _percent(part: Decimal, whole: Decimal) -> str:
    share = ratio(ROUNDING.multiply(part.copy_abs(), _HUNDRED), whole)
    return f"{plain(share.quantize(_CENT, context=ROUNDING))} %"
