"""The money of one account: balances by wallet and asset, and every booking that moved one."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from recon_exporter.demo.exchange.floor import Floor
from recon_exporter.demo.exchange.markets import Market
from recon_exporter.demo.exchange.records import Booking, Cause, Execution, Funds, Order
from recon_exporter.domain.money import ZERO, difference, product, total

UNIFIED = "unified"
FUNDING = "funding"
_Place = tuple[str, str]


class Ledger:
    """Guarded by the lock of the account it belongs to."""

    def __init__(self, floor: Floor, *, unified: bool) -> None:
        self._floor = floor
        self._unified = unified
        self._balances: dict[_Place, tuple[Decimal, datetime]] = {}
        self._bookings: list[Booking] = []

    def bookings(self) -> tuple[Booking, ...]:
        """Oldest first."""
        return tuple(sorted(self._bookings, key=lambda booking: booking.at))

    def funds(self, open_orders: Iterable[Order]) -> tuple[Funds, ...]:
        """What lies where; an asset that ever was in a wallet stays listed there."""
        locked = self._locked(open_orders)
        return tuple(
            Funds(wallet, asset, balance, locked.get((wallet, asset), ZERO), at)
            for (wallet, asset), (balance, at) in self._balances.items()
        )

    def book(  # noqa: PLR0913  # a booking has that many sides
        self,
        wallet: str,
        asset: str,
        amount: Decimal,
        cause: Cause,
        at: datetime | None,
        *,
        fee: Decimal = ZERO,
        market: Market | None = None,
        execution: Execution | None = None,
        other_wallet: str = "",
    ) -> Booking:
        """A balance moves by amount less fee."""
        place, when = (self._wallet(wallet), asset), at or self._floor.clock.now()
        before, _ = self._balances.get(place, (ZERO, when))
        after = total((before, difference(amount, fee)))
        self._balances[place] = (after, when)
        identifier = self._floor.identify(asset, when)
        booking = Booking(identifier, *place, cause, amount, fee, after, when, market, execution, other_wallet)
        self._bookings.append(booking)
        return booking

    def settle(self, execution: Execution) -> None:
        """What was traded is exchanged, or what was gained is paid; the fee goes with its asset or apart."""
        moved = self._moved(execution)
        if execution.fee_asset in moved:
            moved[execution.fee_asset] = (moved[execution.fee_asset][0], execution.fee)
        market = execution.market
        for asset, (amount, fee) in moved.items():
            self.book(
                market.wallet, asset, amount, Cause.TRADE, execution.at, fee=fee, market=market, execution=execution
            )
        if execution.fee_asset not in moved and execution.fee:
            self.book(
                market.fee_wallet or market.wallet,
                execution.fee_asset,
                execution.fee.copy_negate(),
                Cause.FEE,
                execution.at,
                market=market,
                execution=execution,
            )

    def _moved(self, execution: Execution) -> dict[str, tuple[Decimal, Decimal]]:
        market, quantity = execution.market, execution.quantity
        if market.settle is not None:
            return {market.settle: (execution.realised, ZERO)}
        value = product(quantity, execution.price)
        if execution.side == "buy":
            return {market.base: (quantity, ZERO), market.quote: (value.copy_negate(), ZERO)}
        return {market.base: (quantity.copy_negate(), ZERO), market.quote: (value, ZERO)}

    def _wallet(self, name: str) -> str:
        return UNIFIED if self._unified and name != FUNDING else name

    def _locked(self, open_orders: Iterable[Order]) -> dict[_Place, Decimal]:
        locked: dict[_Place, Decimal] = {}
        for order in open_orders:
            market = order.market
            if market.is_contract:
                continue
            asset, held = market.base, order.remaining
            if order.side == "buy":
                asset, held = market.quote, product(order.remaining, order.price or ZERO)
            place = (self._wallet(market.wallet), asset)
            locked[place] = total((locked.get(place, ZERO), held))
        return locked
