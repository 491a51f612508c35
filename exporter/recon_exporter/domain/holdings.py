"""What a break is about, a position or an asset, and how each record changes it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from recon_exporter.domain.breaks import BreakType, Discrepancy
from recon_exporter.domain.money import EXACT, ZERO, product, total
from recon_exporter.domain.positions import Activity, ActivityKind, Fill
from recon_exporter.domain.symbols import Symbols


@dataclass(frozen=True, slots=True)
class Holding:
    """A position, by symbol and leg, or an asset of the account; ``symbols`` are how names meet.

    ``asset`` is what fees and transfers change it in: of a position on spot its base, None of a derivative, of which
    they change nothing. ``symbol`` is None for an asset.
    """

    symbol: str | None
    leg: str
    asset: str | None
    symbols: Symbols

    @classmethod
    def of(cls, one: Discrepancy, symbols: Symbols) -> "Holding":
        """That of a break in a position or balance."""
        if one.type is BreakType.BALANCE_MISMATCH:
            return cls(None, one.leg, one.symbol, symbols)
        base, slash, _ = one.symbol.partition("/")
        is_spot = bool(slash) and ":" not in one.symbol and one.leg == "net"
        return cls(one.symbol, one.leg, base if is_spot else None, symbols)

    def change(self, fills: Iterable[Fill]) -> Decimal:
        """What these executions make of it, fees aside."""
        return total(map(self._change_of, fills))

    def fees(self, fills: Iterable[Fill]) -> Decimal:
        """What the fees of these make of it: less, where they were paid in its asset."""
        if self.asset is None:
            return ZERO
        paid = (
            fee.amount for fill in fills if self._is_near(fill) for fee in fill.fees or () if self._is_in(fee.asset)
        )
        return total(paid).copy_negate()

    def moved(self, activity: Activity) -> Decimal:
        """What a movement that is no fill makes of it."""
        if self.symbol is not None and activity.symbol and self.symbols.canonical(activity.symbol) == self.symbol:
            # The quantity of a dividend is what it was paid on.
            is_paid_on = activity.kind is ActivityKind.DIVIDEND
            return ZERO if is_paid_on or activity.quantity is None else activity.quantity
        is_its = self.asset is not None and activity.asset is not None and self._is_in(activity.asset)
        return activity.amount if is_its and activity.amount is not None else ZERO

    def _change_of(self, fill: Fill) -> Decimal:
        symbol = self.symbols.canonical(fill.symbol)
        if self.symbol is not None:
            is_leg = fill.leg == self.leg or "net" in {fill.leg, self.leg}
            return fill.quantity if symbol == self.symbol and is_leg else ZERO
        base, slash, quote = symbol.partition("/")
        if not slash or ":" in symbol:
            return ZERO
        bought = fill.quantity if self._is_in(base) else ZERO
        paid = product(fill.quantity, fill.price) if self._is_in(quote) else ZERO
        return EXACT.subtract(bought, paid)

    def _is_near(self, fill: Fill) -> bool:
        """Whether its fees count: of a position those of its own symbol."""
        return self.symbol is None or self.symbols.canonical(fill.symbol) == self.symbol

    def _is_in(self, asset: str) -> bool:
        return self.symbols.canonical(asset) == self.asset
