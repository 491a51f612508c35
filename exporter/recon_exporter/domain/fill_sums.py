"""The fills under one name on both sides, and whether they agree in quantity, price and fees.

Under one name stands one execution, several that the venue gave one id (a position that flips), or all of an order.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from recon_exporter.domain import fill_words
from recon_exporter.domain.breaks import BreakType
from recon_exporter.domain.executions import average_price, quantity_of
from recon_exporter.domain.fill_links import Allowances, Fills, Link
from recon_exporter.domain.money import EXACT, ROUNDING, ZERO, difference, total
from recon_exporter.domain.positions import Fill


@dataclass(frozen=True, slots=True)
class Trait:
    """One respect in which the fills under a name differ."""

    type: BreakType
    words: str
    ledger: Fills
    venue: Fills


@dataclass(frozen=True, slots=True)
class Compared:
    """How the fills under one name compare.

    ``gap`` is the difference in quantity that was tolerated. ``has_fees`` is False where a side tells none.
    ``uncompared`` are the types that could not be judged because of another difference.
    """

    traits: tuple[Trait, ...]
    gap: Decimal = ZERO
    has_fees: bool = True
    uncompared: tuple[BreakType, ...] = ()


def compared(link: Link, allowed: Allowances) -> Compared:
    """Both sides of a link that has both, one trait of a kind at most."""
    if link.is_order:
        return _order(link, allowed)
    if len(link.ledger) == len(link.venue) == 1:
        return _summed(link, allowed)
    return _occurrences(link, allowed)


def _summed(link: Link, allowed: Allowances) -> Compared:
    """The sums of both sides: quantity, price and fees, each whether or not the others agree."""
    gap = difference(quantity_of(link.ledger), quantity_of(link.venue))
    quantity = _quantity(link, gap, allowed)
    traits = (quantity, _price(link, allowed), _fee(link, allowed))
    has_fees = fees_of(link.ledger) is not None and fees_of(link.venue) is not None
    found = tuple(trait for trait in traits if trait is not None)
    return Compared(found, ZERO if quantity else gap, has_fees)


def _order(link: Link, allowed: Allowances) -> Compared:
    """All of an order. Where the quantity differs, price and fees are those of other executions: not compared."""
    result = _summed(link, allowed)
    quantity = tuple(trait for trait in result.traits if trait.type is BreakType.FILL_QUANTITY)
    if not quantity:
        return result
    found = (_written_twice(link, allowed) or quantity[0],)
    return Compared(found, has_fees=result.has_fees, uncompared=(BreakType.FILL_PRICE, BreakType.FILL_FEE))


def _written_twice(link: Link, allowed: Allowances) -> Trait | None:
    """Where striking out equal rows of one side makes the quantities agree."""
    for fills, others, is_ledger in ((link.ledger, link.venue, True), (link.venue, link.ledger, False)):
        once, surplus = _told_once(fills)
        shorter = Link(link.symbol, link.item, once, others, is_order=True)
        if surplus and difference(quantity_of(once), quantity_of(others)).copy_abs() <= allowed.quantity(shorter):
            return _duplicate(surplus, is_ledger=is_ledger)
    return None


def _told_once(fills: Fills) -> tuple[Fills, Fills]:
    """The first of equal ones, and the rest."""
    once: list[Fill] = []
    surplus: list[Fill] = []
    told = set()
    for fill in fills:
        content = (fill.at, fill.quantity, fill.price, fill.leg)
        (surplus if content in told else once).append(fill)
        told.add(content)
    return (tuple(once), tuple(surplus))


def _duplicate(surplus: Fills, *, is_ledger: bool) -> Trait:
    words = fill_words.duplicate(surplus, "ledger" if is_ledger else "venue")
    sides = (surplus, ()) if is_ledger else ((), surplus)
    return Trait(BreakType.FILL_DUPLICATE, words, *sides)


def _occurrences(link: Link, allowed: Allowances) -> Compared:
    """Several under one id: equal ones are pairs; of the rest the sums agree, or one side has some twice."""
    pairs, ours, theirs = _paired(link)
    rest = Link(link.symbol, link.item, ours, theirs)
    results = [_summed(Link(link.symbol, link.item, (own,), (other,)), allowed) for own, other in pairs]
    if ours and theirs:
        results.append(_summed(rest, allowed))
    elif ours or theirs:
        likes = {_content(own) for own, _ in pairs}
        is_twice = bool(pairs) and all(_content(fill) in likes for fill in (*ours, *theirs))
        gap = difference(quantity_of(ours), quantity_of(theirs))
        uneven = Trait(BreakType.FILL_QUANTITY, fill_words.quantity(link.ledger, link.venue), link.ledger, link.venue)
        results.append(Compared((_duplicate(ours or theirs, is_ledger=bool(ours)),) if is_twice else (uneven,), gap))
    traits = {trait.type: trait for result in reversed(results) for trait in result.traits}
    gaps = [result.gap for result in results if not result.traits]
    return Compared(tuple(traits.values()), total(gaps), all(result.has_fees for result in results))


def _paired(link: Link) -> tuple[list[tuple[Fill, Fill]], Fills, Fills]:
    """Those of equal quantity, the ones of equal price first, and what remains of each side."""
    pairs: list[tuple[Fill, Fill]] = []
    ours, theirs = sorted(link.ledger, key=_order_of), sorted(link.venue, key=_order_of)
    for has_price in (True, False):
        for own in tuple(ours):
            other = next((one for one in theirs if _is_alike(own, one, has_price=has_price)), None)
            if other is not None:
                pairs.append((own, other))
                ours.remove(own)
                theirs.remove(other)
    return (pairs, tuple(ours), tuple(theirs))


def _order_of(fill: Fill) -> tuple[Decimal, Decimal, str]:
    return (fill.quantity, fill.price, fill.leg)


def _content(fill: Fill) -> tuple[Decimal, Decimal]:
    return (fill.quantity, fill.price)


def _is_alike(own: Fill, other: Fill, *, has_price: bool) -> bool:
    is_equal = own.quantity == other.quantity and _have_one_leg((own,), (other,))
    return is_equal and (not has_price or own.price == other.price)


def _quantity(link: Link, gap: Decimal, allowed: Allowances) -> Trait | None:
    """Beyond what writing loses, or turned round, or of the other leg."""
    ours, theirs = quantity_of(link.ledger), quantity_of(link.venue)
    is_turned = bool(ours and theirs) and ours.is_signed() != theirs.is_signed()
    is_one_leg = _have_one_leg(link.ledger, link.venue)
    if gap.copy_abs() <= allowed.quantity(link) and not is_turned and is_one_leg:
        return None
    words = fill_words.quantity(link.ledger, link.venue)
    return Trait(BreakType.FILL_QUANTITY, words, link.ledger, link.venue)


def _have_one_leg(ledger: Iterable[Fill], venue: Iterable[Fill]) -> bool:
    """Whether the legs agree where both sides tell them."""
    ours, theirs = ({fill.leg for fill in fills} - {"net"} for fills in (ledger, venue))
    return not ours or not theirs or ours == theirs


def _price(link: Link, allowed: Allowances) -> Trait | None:
    ours, theirs = average_of(link.ledger), average_of(link.venue)
    if ours is None or theirs is None or ours == theirs:
        return None
    gap = ROUNDING.subtract(ours, theirs)
    if gap.copy_abs() <= allowed.price(max(ours.copy_abs(), theirs.copy_abs())):
        return None
    return Trait(BreakType.FILL_PRICE, fill_words.price(ours, theirs), link.ledger, link.venue)


def average_of(fills: Sequence[Fill]) -> Decimal | None:
    """The price of one, the average of several; None where they cancel out."""
    return fills[0].price if len(fills) == 1 else average_price(fills)


def _fee(link: Link, allowed: Allowances) -> Trait | None:
    """Asset by asset; not compared where a side tells none."""
    ours, theirs = fees_of(link.ledger), fees_of(link.venue)
    if ours is None or theirs is None or ours == theirs:
        return None
    if not any(_differ(ours, theirs, asset, allowed) for asset in ours.keys() | theirs.keys()):
        return None
    return Trait(BreakType.FILL_FEE, fill_words.fee(ours, theirs), link.ledger, link.venue)


def _differ(ours: Mapping[str, Decimal], theirs: Mapping[str, Decimal], asset: str, allowed: Allowances) -> bool:
    own, other = ours.get(asset, ZERO), theirs.get(asset, ZERO)
    return difference(own, other).copy_abs() > allowed.fee(max(own.copy_abs(), other.copy_abs()))


def fees_of(fills: Iterable[Fill]) -> Mapping[str, Decimal] | None:
    """What was paid by asset, None where one of the fills does not tell."""
    paid: dict[str, Decimal] = {}
    for asset, amount in _each_fee(fills):
        if asset is None:
            return None
        paid[asset] = EXACT.add(paid.get(asset, ZERO), amount)
    return {asset: amount for asset, amount in paid.items() if amount}


def _each_fee(fills: Iterable[Fill]) -> Iterator[tuple[str | None, Decimal]]:
    for fill in fills:
        if fill.fees is None or any(fee.is_estimated for fee in fill.fees):
            yield (None, ZERO)
            return
        yield from ((fee.asset, fee.amount) for fee in fill.fees)
