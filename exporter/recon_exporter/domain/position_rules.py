"""When a difference between two positions is a break: the five types of the end-of-day runbook, one function each.

The type decides about halting as the runbook's table does: a missing position asks for a halt, a quantity where it
differs by more than the share of the larger side, price and age never. What halts is critical, the rest a warning.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from recon_exporter.domain import break_words
from recon_exporter.domain.breaks import BreakType, Discrepancy
from recon_exporter.domain.exposure import Exposure, of_price, of_quantity
from recon_exporter.domain.finding import Severity
from recon_exporter.domain.money import ROUNDING, ZERO, total
from recon_exporter.domain.position_pair import Pair, price_of, quantity_of
from recon_exporter.domain.terms import Terms, Tolerance

MOST_OF_ABSOLUTE = Decimal("0.1")
"""The share of a price that the absolute limit lets through at most."""


@dataclass(frozen=True, slots=True)
class Tolerated:
    """A difference that tolerance let through, ledger minus venue: of quantities, or of prices where they differ."""

    symbol: str
    leg: str
    quantity: Decimal | None
    price: Decimal | None


def missing(pair: Pair, terms: Terms) -> Discrepancy | Tolerated:
    """One side alone holds a position. What the tolerance in quantity covers is tolerated, not missing."""
    gap = pair.gap
    exposure = of_quantity(gap, pair, terms)
    if _is_allowed(pair, exposure, terms):
        return Tolerated(pair.symbol, pair.leg, gap, None)
    kind = BreakType.MISSING_IN_DB if pair.ledger is None else BreakType.MISSING_AT_BROKER
    return _discrepancy(kind, pair, gap, exposure, break_words.missing(pair), auto_halt=True)


def quantity(pair: Pair, terms: Terms) -> Discrepancy | Tolerated | None:
    """Both hold a position. Opposite directions differ whatever the tolerance."""
    gap = pair.gap
    if not gap:
        return None
    exposure = of_quantity(gap, pair, terms)
    if not pair.is_flip and _is_allowed(pair, exposure, terms):
        return Tolerated(pair.symbol, pair.leg, gap, None)
    # Multiplied, not divided: exactly the share does not halt.
    halts = gap.copy_abs() > ROUNDING.multiply(terms.halt_quantity_ratio, pair.larger)
    sentence = break_words.quantity(pair, is_flip=pair.is_flip)
    return _discrepancy(BreakType.QUANTITY_MISMATCH, pair, gap, exposure, sentence, auto_halt=halts)


def price(pair: Pair, terms: Terms) -> Discrepancy | Tolerated | None:
    """Both tell an average price of entry."""
    ours, theirs = price_of(pair.ledger), price_of(pair.venue)
    if ours is None or theirs is None or ours == theirs:
        return None
    gap = ROUNDING.subtract(ours, theirs)  # an average of lots is rounded already
    if gap.copy_abs() <= price_allowance(pair.symbol, ours, theirs, terms):
        return Tolerated(pair.symbol, pair.leg, None, gap)
    exposure = of_price(gap, pair.larger, pair, terms)
    return _discrepancy(BreakType.PRICE_MISMATCH, pair, gap, exposure, break_words.price(ours, theirs))


def stale(pair: Pair, written_at: datetime, limit: timedelta) -> Discrepancy:
    """The bot has not written the position for so long; that is no exposure of its own."""
    sentence = break_words.stale(pair, written_at, limit)
    return _discrepancy(BreakType.STALE_POSITION, pair, None, Exposure(ZERO), sentence)


def tolerance(symbol: str, terms: Terms) -> Tolerance:
    """That of the symbol, else that of the bot."""
    return terms.tolerance_of.get(symbol, terms.tolerance)


def quantity_allowance(pair: Pair, terms: Terms) -> Decimal:
    """The largest difference of these quantities that is tolerated, dust aside: the largest limit holds."""
    allowed = tolerance(pair.symbol, terms)
    step = max((position.step for position in pair.sides if position.step is not None), default=ZERO)
    return max(
        allowed.quantity,
        ROUNDING.multiply(allowed.quantity_relative, pair.larger),
        ROUNDING.multiply(allowed.steps, step),
        total(position.uncertainty for position in pair.sides),
    )


def _is_allowed(pair: Pair, exposure: Exposure, terms: Terms) -> bool:
    if pair.gap.copy_abs() <= quantity_allowance(pair, terms):
        return True
    dust = tolerance(pair.symbol, terms).dust_usd
    return exposure.value is not None and exposure.value <= dust


def price_allowance(symbol: str, ours: Decimal, theirs: Decimal, terms: Terms) -> Decimal:
    """The largest difference of these prices that is tolerated: both limits have to be exceeded."""
    allowed, larger = tolerance(symbol, terms), max(ours.copy_abs(), theirs.copy_abs())
    # A limit in cents would let everything pass for an asset of less than a cent.
    absolute = min(allowed.price_absolute, ROUNDING.multiply(MOST_OF_ABSOLUTE, larger))
    return max(absolute, ROUNDING.multiply(allowed.price_relative, larger))


def _discrepancy(
    kind: BreakType, pair: Pair, gap: Decimal | None, exposure: Exposure, sentence: str, *, auto_halt: bool = False
) -> Discrepancy:
    return Discrepancy(
        type=kind,
        bot=pair.bot,
        symbol=pair.symbol,
        leg=pair.leg,
        ledger_quantity=quantity_of(pair.ledger),
        venue_quantity=quantity_of(pair.venue),
        ledger_price=price_of(pair.ledger),
        venue_price=price_of(pair.venue),
        difference=gap,
        exposure=exposure.value,
        severity=Severity.CRITICAL if auto_halt else Severity.WARNING,
        auto_halt=auto_halt,
        detail=break_words.with_context(sentence, pair, exposure),
    )
