"""When a difference between two balances is a break: one rule for every asset of both sides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from recon_exporter.domain.break_words import number
from recon_exporter.domain.breaks import BreakType, Discrepancy
from recon_exporter.domain.finding import Severity
from recon_exporter.domain.money import ONE, ROUNDING, ZERO, difference, total
from recon_exporter.domain.position_rules import tolerance
from recon_exporter.domain.positions import BalanceStatement
from recon_exporter.domain.sides import AccountUse, BalanceSides, SideTerms
from recon_exporter.domain.symbols import DOLLARS
from recon_exporter.domain.words import one_line

CHECK = "venue_balances"


@dataclass(frozen=True, slots=True)
class BalanceGap:
    """One asset of which both sides tell different totals. ``price`` is dollars for one unit, None where unknown."""

    asset: str
    ledger: Decimal
    venue: Decimal
    price: Decimal | None

    @property
    def gap(self) -> Decimal:
        """Ledger minus venue."""
        return difference(self.ledger, self.venue)

    @property
    def exposure(self) -> Decimal | None:
        """The difference in dollars."""
        return None if self.price is None else ROUNDING.multiply(self.gap.copy_abs(), self.price)


def gaps(sides: BalanceSides, terms: SideTerms) -> tuple[BalanceGap, ...]:
    """Every asset on which the sides do not plainly agree, sorted; what a side does not name it has none of."""
    ours, theirs = totals(sides.ledger, terms), totals(sides.venue, terms)
    assets = sorted(asset for asset in ours.keys() | theirs.keys() if ours.get(asset, ZERO) != theirs.get(asset, ZERO))
    prices = {**_prices(sides.ledger, terms), **_prices(sides.venue, terms)}
    return tuple(
        BalanceGap(asset, ours.get(asset, ZERO), theirs.get(asset, ZERO), _price(asset, prices, terms))
        for asset in assets
        if terms.assets is None or asset in terms.assets
    )


def is_allowed(one: BalanceGap, terms: SideTerms) -> bool:
    """Whether tolerance covers it: the absolute limit, that relative to the larger side, or dust."""
    allowed = tolerance(one.asset, terms.comparison)
    larger = max(one.ledger.copy_abs(), one.venue.copy_abs())
    limit = max(allowed.quantity, ROUNDING.multiply(allowed.quantity_relative, larger))
    return one.gap.copy_abs() <= limit or (one.exposure is not None and one.exposure <= allowed.dust_usd)


def is_unattributed(one: BalanceGap, terms: SideTerms) -> bool:
    """Whether it is what others have on a shared account: there the venue may hold more than the ledger tells."""
    return terms.use is AccountUse.SHARED and one.venue > one.ledger


def discrepancy(bot: str, one: BalanceGap, terms: SideTerms) -> Discrepancy:
    """The break that it is; critical where its exposure is material or unknown."""
    is_material = one.exposure is None or one.exposure >= terms.materiality_usd
    return Discrepancy(
        type=BreakType.BALANCE_MISMATCH,
        bot=bot,
        symbol=one.asset,
        leg="net",
        ledger_quantity=one.ledger,
        venue_quantity=one.venue,
        ledger_price=None,
        venue_price=one.price,
        difference=one.gap,
        exposure=one.exposure,
        severity=Severity.CRITICAL if is_material else Severity.WARNING,
        auto_halt=False,
        detail=_words(one),
        check=CHECK,
    )


def _words(one: BalanceGap) -> str:
    asset = one_line(one.asset)
    worth = "exposure unknown: no price is told" if one.exposure is None else f"exposure {number(one.exposure)} USD"
    return f"the ledger has {number(one.ledger)} {asset}, the venue {number(one.venue)}: {number(one.gap)}; {worth}"


def totals(statement: BalanceStatement, terms: SideTerms) -> Mapping[str, Decimal]:
    """The totals by the one name of each asset; those that meet under it are summed."""
    lots: dict[str, list[Decimal]] = {}
    for asset, balance in statement.balances.items():
        lots.setdefault(terms.comparison.symbols.canonical(asset), []).append(balance.total)
    return {asset: total(several) for asset, several in lots.items()}


def _prices(statement: BalanceStatement, terms: SideTerms) -> dict[str, Decimal]:
    return dict(_each_price(statement, terms))


def _each_price(statement: BalanceStatement, terms: SideTerms) -> Iterator[tuple[str, Decimal]]:
    """A price of zero is what books write where they know none."""
    for asset, price in statement.prices.items():
        if price:
            yield (terms.comparison.symbols.canonical(asset), price.copy_abs())


def _price(asset: str, prices: Mapping[str, Decimal], terms: SideTerms) -> Decimal | None:
    if asset in DOLLARS:
        return ONE
    return prices.get(asset) or terms.comparison.dollar_rates.get(asset)
