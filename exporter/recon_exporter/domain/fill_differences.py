"""The breaks that differences between fills are.

What is on one side alone, counted twice, turned round or somebody else's is critical, whatever it is worth. A quantity
is critical where its exposure is material or unknown, a price and a fee where it is known to be material.
"""

from decimal import Decimal
from functools import reduce

from recon_exporter.domain.breaks import BreakType, Discrepancy
from recon_exporter.domain.executions import quantity_of
from recon_exporter.domain.exposure import of_price
from recon_exporter.domain.fill_match import FillDifference
from recon_exporter.domain.fill_sums import average_of, fees_of
from recon_exporter.domain.finding import Severity
from recon_exporter.domain.money import ONE, ROUNDING, ZERO, difference
from recon_exporter.domain.position_pair import Pair
from recon_exporter.domain.sides import SideTerms
from recon_exporter.domain.symbols import DOLLARS
from recon_exporter.domain.terms import Terms

CHECK = "fills"
_ALWAYS_CRITICAL = frozenset(
    {
        BreakType.FILL_MISSING_IN_LEDGER,
        BreakType.FILL_MISSING_AT_VENUE,
        BreakType.FILL_DUPLICATE,
        BreakType.FILL_FOREIGN,
    }
)


def discrepancy(bot: str, one: FillDifference, terms: SideTerms) -> Discrepancy:
    """The break that it is. Its difference is that of quantities, of prices or of fees, as its type says."""
    gap, exposure = _amounts(one, terms.comparison)
    return Discrepancy(
        type=one.type,
        bot=bot,
        symbol=one.symbol,
        leg=one.leg,
        ledger_quantity=quantity_of(one.ledger) if one.ledger else None,
        venue_quantity=quantity_of(one.venue) if one.venue else None,
        ledger_price=average_of(one.ledger) if one.ledger else None,
        venue_price=average_of(one.venue) if one.venue else None,
        difference=gap,
        exposure=exposure,
        severity=Severity.CRITICAL if _is_critical(one, exposure, terms.materiality_usd) else Severity.WARNING,
        auto_halt=False,
        detail=one.words,
        check=CHECK,
        item=one.item,
        happened_at=one.at,
    )


def _is_critical(one: FillDifference, exposure: Decimal | None, materiality: Decimal) -> bool:
    if one.type in _ALWAYS_CRITICAL or is_turned(one):
        return True
    if exposure is None:
        return one.type is BreakType.FILL_QUANTITY
    return exposure >= materiality


def is_turned(one: FillDifference) -> bool:
    """Whether one side has a purchase where the other has a sale, or another leg."""
    if one.type is not BreakType.FILL_QUANTITY or not one.ledger or not one.venue:
        return False
    ours, theirs = quantity_of(one.ledger), quantity_of(one.venue)
    return ours == theirs or (bool(ours and theirs) and ours.is_signed() != theirs.is_signed())


def _amounts(one: FillDifference, terms: Terms) -> tuple[Decimal | None, Decimal | None]:
    """The difference, ledger minus venue, and its exposure."""
    if one.type is BreakType.FILL_FEE:
        return _of_fees(one, terms)
    quantity = difference(quantity_of(one.ledger), quantity_of(one.venue))
    price = average_of(one.venue or one.ledger)
    if one.type is BreakType.FILL_PRICE:
        ours, theirs = average_of(one.ledger) or ZERO, average_of(one.venue) or ZERO
        gap = ROUNDING.subtract(ours, theirs)
        return (gap, _dollars(gap, quantity_of(one.venue), one, terms))
    # The same quantity of the other leg: this leg lacks all of it.
    quantity = quantity or quantity_of(one.venue).copy_negate()
    return (quantity, None if price is None else _dollars(price, quantity, one, terms))


def _dollars(price: Decimal, quantity: Decimal, one: FillDifference, terms: Terms) -> Decimal | None:
    return of_price(price, quantity, Pair("", one.symbol, one.leg, None, None), terms).value


def _of_fees(one: FillDifference, terms: Terms) -> tuple[Decimal | None, Decimal | None]:
    """The fees' difference where one asset alone differs; what all of them are worth where every rate is known."""
    ours, theirs = fees_of(one.ledger) or {}, fees_of(one.venue) or {}
    each = {asset: difference(ours.get(asset, ZERO), theirs.get(asset, ZERO)) for asset in ours.keys() | theirs.keys()}
    gaps = {asset: gap for asset, gap in each.items() if gap}
    rates = {asset: _rate(asset, one, terms) for asset in gaps}
    worth = [
        ROUNDING.multiply(gap.copy_abs(), rate) for asset, gap in gaps.items() if (rate := rates[asset]) is not None
    ]
    alone = next(iter(gaps.values())) if len(gaps) == 1 else None
    return (alone, reduce(ROUNDING.add, worth, ZERO) if len(worth) == len(gaps) else None)


def _rate(asset: str, one: FillDifference, terms: Terms) -> Decimal | None:
    """Dollars for one unit of what a fee was paid in."""
    if asset in DOLLARS:
        return ONE
    base, _, quote = one.symbol.partition(":")[0].partition("/")
    if asset == base and quote in DOLLARS:
        return average_of(one.venue or one.ledger)
    return terms.dollar_rates.get(asset)
