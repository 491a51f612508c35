"""One account at a local exchange, and the events that a script makes happen to it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TypedDict, Unpack

from recon_exporter.demo.exchange.floor import Amount, Floor
from recon_exporter.demo.exchange.ledger import Ledger
from recon_exporter.demo.exchange.markets import SPOT, Market
from recon_exporter.demo.exchange.records import (
    Book,
    Booking,
    Cause,
    Execution,
    Kind,
    Leg,
    Order,
    Position,
    Profile,
    Status,
)
from recon_exporter.domain.money import ZERO, product


class Terms(TypedDict, total=False):
    """What may be said of a trade; what is not said is the usual.

    ``order_id``: an open order fills so far, or a new one has this identifier. ``leg``: needed in hedge mode, and only
    there. ``fee``: positive is paid, negative a rebate, by the market's rate where it is left out; ``fee_asset``: what
    is received on spot, what settles a contract. ``at``: now.
    """

    order_id: str
    client_id: str
    trade_id: str
    leg: Leg
    fee: Amount
    fee_asset: str
    maker: bool
    kind: Kind
    at: datetime


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key to one account, and what it may; ``allowed_addresses`` empty: from anywhere."""

    key: str
    secret: str
    passphrase: str = ""
    can_read: bool = True
    can_trade: bool = False
    can_withdraw: bool = False
    allowed_addresses: frozenset[str] = frozenset()


class Account:
    """Safe to call from any thread. Quantities are positive to buy, negative to sell; contracts where it is one."""

    def __init__(self, floor: Floor, credentials: Credentials, profile: Profile) -> None:
        self.credentials = credentials
        self.profile = profile
        self._floor = floor
        self._ledger = Ledger(floor, unified=profile.unified)
        self._positions: dict[tuple[str, Leg], Position] = {}
        self._orders: dict[str, Order] = {}
        self._executions: list[Execution] = []
        self._book: Book | None = None

    def open_with(self, credentials: Credentials) -> None:
        """Another key in the place of the one before, with rights of its own."""
        with self._floor.lock:
            self._book = None
            self.credentials = credentials
            self.profile = replace(self.profile, can_trade=credentials.can_trade, can_withdraw=credentials.can_withdraw)

    def book(self) -> Book:
        """All of it as of now; the same object until something happens."""
        with self._floor.lock:
            if self._book is None:
                orders = tuple(sorted(self._orders.values(), key=lambda order: order.created_at))
                self._book = Book(
                    profile=self.profile,
                    funds=self._ledger.funds(order for order in orders if order.is_open),
                    positions=tuple(held for held in self._positions.values() if held.quantity),
                    orders=orders,
                    executions=tuple(sorted(self._executions, key=lambda execution: execution.at)),
                    bookings=self._ledger.bookings(),
                )
            return self._book

    def deposit(self, asset: str, amount: Amount, wallet: str = SPOT, at: datetime | None = None) -> Booking:
        """Money comes in; a negative amount goes out."""
        came = Decimal(amount)
        cause = Cause.WITHDRAWAL if came < ZERO else Cause.DEPOSIT
        with self._floor.lock:
            self._book = None
            return self._ledger.book(wallet, asset, came, cause, at)

    def transfer(
        self, asset: str, amount: Amount, source: str, target: str, at: datetime | None = None
    ) -> tuple[Booking, Booking]:
        """Money moves from one wallet to another."""
        moved = Decimal(amount)
        with self._floor.lock:
            self._book = None
            out = self._ledger.book(source, asset, moved.copy_negate(), Cause.TRANSFER, at, other_wallet=target)
            return out, self._ledger.book(target, asset, moved, Cause.TRANSFER, at, other_wallet=source)

    def fund(self, symbol: str, amount: Amount, at: datetime | None = None) -> Booking:
        """Funding of a contract is paid: a positive amount is received."""
        market = self._floor.market(symbol)
        with self._floor.lock:
            self._book = None
            settle = market.settle or market.quote
            return self._ledger.book(market.wallet, settle, Decimal(amount), Cause.FUNDING, at, market=market)

    def order(self, symbol: str, quantity: Amount, price: Amount | None = None, **terms: Unpack[Terms]) -> Order:
        """An order is there and has not filled; without a price it is a market order."""
        limit = None if price is None else Decimal(price)
        with self._floor.lock:
            order = self._new_order(self._floor.market(symbol), Decimal(quantity), limit, terms)
            self._book = None
            self._orders[order.order_id] = order
            return order

    def cancel(self, order_id: str, at: datetime | None = None) -> Order:
        """The order ends with what it has filled."""
        with self._floor.lock:
            self._book = None
            ended = replace(self._orders[order_id], status=Status.CANCELED, updated_at=at or self._floor.clock.now())
            self._orders[order_id] = ended
            return ended

    def trade(self, symbol: str, quantity: Amount, price: Amount, **terms: Unpack[Terms]) -> Execution:
        """So much is bought or sold at this price: money, position and order move; raises ValueError."""
        with self._floor.lock:
            order = self._orders.get(terms.get("order_id", ""))
            if order is None:
                order = self._new_order(self._floor.market(symbol), Decimal(quantity), None, terms)
            execution = self._execution(order, Decimal(quantity), Decimal(price), terms)
            if execution.market.is_contract:
                execution = self._hold(execution)
            self._book = None
            self._ledger.settle(execution)
            self._executions.append(execution)
            self._orders[order.order_id] = order.executed(execution)
            self._floor.price_once(symbol, execution.price)
            return execution

    def liquidate(
        self, symbol: str, price: Amount, leg: Leg = Leg.NET, at: datetime | None = None, fee: Amount = 0
    ) -> Execution:
        """The venue closes the position, by an order of its own."""
        with self._floor.lock:
            held = self._positions[symbol, leg]
            when = at or self._floor.clock.now()
            client_id = f"liquidation-{self._floor.identify(symbol, when)}"
            terms: Terms = {"kind": Kind.LIQUIDATION, "client_id": client_id, "leg": leg, "fee": fee, "at": when}
            return self.trade(symbol, held.quantity.copy_negate(), price, **terms)

    def _new_order(self, market: Market, wanted: Decimal, price: Decimal | None, terms: Terms) -> Order:
        at = terms.get("at") or self._floor.clock.now()
        order_id = terms.get("order_id") or self._floor.identify(market.symbol, at)
        return Order(
            order_id=order_id,
            client_id=terms.get("client_id") or f"c{order_id}",
            market=market,
            side="buy" if wanted > ZERO else "sell",
            leg=self._leg(market, terms),
            quantity=wanted.copy_abs(),
            price=price,
            created_at=at,
            updated_at=at,
            kind=terms.get("kind", Kind.TRADE),
        )

    def _leg(self, market: Market, terms: Mapping[str, object]) -> Leg:
        told = Leg(str(terms.get("leg", Leg.NET)))
        if (told is not Leg.NET) != (self.profile.hedge and market.is_contract):
            mode = "hedge" if self.profile.hedge else "one-way"
            raise ValueError(f"{market.symbol} in {mode} mode has no leg {told}")
        return told

    def _execution(self, order: Order, quantity: Decimal, price: Decimal, terms: Terms) -> Execution:
        at = terms.get("at") or self._floor.clock.now()
        fee, fee_asset = _fee(order.market, quantity, price, terms)
        return Execution(
            trade_id=terms.get("trade_id") or self._floor.identify(order.market.symbol, at),
            order_id=order.order_id,
            client_id=order.client_id,
            market=order.market,
            side="buy" if quantity > ZERO else "sell",
            leg=order.leg,
            quantity=quantity.copy_abs(),
            price=price,
            fee=fee,
            fee_asset=fee_asset,
            maker=terms.get("maker", False),
            kind=terms.get("kind", Kind.TRADE),
            at=at,
        )

    def _hold(self, execution: Execution) -> Execution:
        market, leg, at = execution.market, execution.leg, execution.at
        signed = execution.quantity if execution.side == "buy" else execution.quantity.copy_negate()
        before = self._positions.get((market.symbol, leg)) or Position(market, leg, ZERO, ZERO, at, at)
        after, closed, realised = before.traded(signed, execution.price, at)
        if (leg is Leg.LONG and after.quantity < ZERO) or (leg is Leg.SHORT and after.quantity > ZERO):
            raise ValueError(f"the {leg} leg of {market.symbol} is {before.quantity}: it cannot move by {signed}")
        self._positions[market.symbol, leg] = after
        return replace(execution, closed=closed, realised=realised)


def _fee(market: Market, quantity: Decimal, price: Decimal, terms: Terms) -> tuple[Decimal, str]:
    bought = quantity > ZERO and not market.is_contract
    usual = market.settle or (market.base if bought else market.quote)
    asset = terms.get("fee_asset", usual)
    if "fee" in terms:
        return Decimal(terms["fee"]), asset
    if asset != usual:
        raise ValueError(f"a fee in {asset} on {market.symbol} has no usual amount: say it")
    rate = market.maker_rate if terms.get("maker") else market.taker_rate
    base = quantity if bought else market.worth(quantity.copy_abs(), price)
    return product(base, rate), asset
