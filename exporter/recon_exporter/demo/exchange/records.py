"""What an account's books are made of: orders, executions, positions, bookings; all frozen, quantities in contracts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from recon_exporter.demo.exchange.markets import Market
from recon_exporter.domain.money import ZERO, difference, product, total


class Leg(StrEnum):
    """One net position, or in hedge mode one of two."""

    NET = "net"
    LONG = "long"
    SHORT = "short"


def reduces(side: str, leg: Leg) -> bool:
    """Whether trading on this side makes this leg of hedge mode smaller; of a net position nobody can tell."""
    return (leg, side) in {(Leg.LONG, "sell"), (Leg.SHORT, "buy")}


class Kind(StrEnum):
    """Who made an execution: the account's owner, or the venue."""

    TRADE = "trade"
    LIQUIDATION = "liquidation"
    DELEVERAGING = "deleveraging"
    DELIVERY = "delivery"


class Cause(StrEnum):
    """Why a balance moved."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"
    FUNDING = "funding"
    TRADE = "trade"
    FEE = "fee"


class Status(StrEnum):
    """Where an order is in its life."""

    NEW = "new"
    PARTLY_FILLED = "partly_filled"
    FILLED = "filled"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Order:
    """One order, quantities without a sign; ``turnover`` is what was exchanged so far, ``fee`` what that cost."""

    order_id: str
    client_id: str
    market: Market
    side: str
    leg: Leg
    quantity: Decimal
    price: Decimal | None
    created_at: datetime
    updated_at: datetime
    status: Status = Status.NEW
    filled: Decimal = ZERO
    turnover: Decimal = ZERO
    fee: Decimal = ZERO
    fee_asset: str = ""
    realised: Decimal = ZERO
    kind: Kind = Kind.TRADE

    @property
    def is_open(self) -> bool:
        """Whether it can still fill."""
        return self.status in {Status.NEW, Status.PARTLY_FILLED}

    @property
    def remaining(self) -> Decimal:
        """What has not filled."""
        return difference(self.quantity, self.filled)

    @property
    def average(self) -> Decimal:
        """The price of what has filled, zero where nothing has."""
        return self.market.average(self.filled, self.turnover) if self.filled else ZERO

    def executed(self, execution: "Execution") -> "Order":
        """After one more execution."""
        filled = total((self.filled, execution.quantity))
        return replace(
            self,
            filled=filled,
            turnover=total((self.turnover, self.market.turnover(execution.quantity, execution.price))),
            status=Status.FILLED if filled >= self.quantity else Status.PARTLY_FILLED,
            fee=total((self.fee, execution.fee)),
            fee_asset=execution.fee_asset,
            realised=total((self.realised, execution.realised)),
            updated_at=max(self.updated_at, execution.at),
        )


@dataclass(frozen=True, slots=True)
class Execution:
    """One fill: ``side`` is the economic one, ``fee`` positive where it was paid, ``closed`` how much it reduced."""

    trade_id: str
    order_id: str
    client_id: str
    market: Market
    side: str
    leg: Leg
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_asset: str
    maker: bool
    kind: Kind
    at: datetime
    closed: Decimal = ZERO
    realised: Decimal = ZERO

    @property
    def deducted(self) -> bool:
        """Whether the fee was taken in a coin that neither was traded nor settles: BGB, BNB."""
        return self.fee_asset not in {self.market.base, self.market.quote, self.market.settle}


@dataclass(frozen=True, slots=True)
class Position:
    """What is held of a contract: a signed quantity and its average price of entry."""

    market: Market
    leg: Leg
    quantity: Decimal
    entry: Decimal
    opened_at: datetime
    updated_at: datetime
    realised: Decimal = ZERO

    @property
    def side(self) -> str:
        """``long`` or ``short``."""
        return str(Leg.SHORT if self.quantity < ZERO else Leg.LONG)

    def traded(self, quantity: Decimal, price: Decimal, at: datetime) -> tuple["Position", Decimal, Decimal]:
        """After so much more, signed; with how much of it closed, and what that gained."""
        left = total((self.quantity, quantity))
        turns = product(self.quantity, left) < ZERO
        closes = product(self.quantity, quantity) < ZERO
        closed = min(abs(self.quantity), abs(quantity)) if closes else ZERO
        gained = self.market.profit(closed.copy_sign(self.quantity), self.entry, price)
        opened_at = at if turns or not self.quantity else self.opened_at
        entry = price if turns else self.entry if closes else self._average(quantity, price, left)
        realised = ZERO if turns or not self.quantity else total((self.realised, gained))
        return Position(self.market, self.leg, left, entry, opened_at, at, realised), closed, gained

    def _average(self, quantity: Decimal, price: Decimal, left: Decimal) -> Decimal:
        before = self.market.turnover(self.quantity, self.entry) if self.quantity else ZERO
        return self.market.average(left, total((before, self.market.turnover(quantity, price))))


@dataclass(frozen=True, slots=True)
class Booking:
    """One movement of a balance: ``amount`` signed and without the fee, ``balance`` after both."""

    booking_id: str
    wallet: str
    asset: str
    cause: Cause
    amount: Decimal
    fee: Decimal
    balance: Decimal
    at: datetime
    market: Market | None = None
    execution: Execution | None = None
    other_wallet: str = ""


@dataclass(frozen=True, slots=True)
class Funds:
    """What lies in a wallet of one asset, and how much of it open orders hold."""

    wallet: str
    asset: str
    total: Decimal
    locked: Decimal
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Profile:
    """Whose books they are. ``unified``: one wallet for everything."""

    number: str
    name: str
    hedge: bool
    unified: bool
    can_trade: bool
    can_withdraw: bool
    leverage: Decimal
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Book:
    """All of one account at one moment; orders, executions and bookings oldest first."""

    profile: Profile
    funds: tuple[Funds, ...]
    positions: tuple[Position, ...]
    orders: tuple[Order, ...]
    executions: tuple[Execution, ...]
    bookings: tuple[Booking, ...]


@dataclass(frozen=True, slots=True)
class View:
    """What a request is answered from; ``book`` is None for a question of nobody's.

    ``one_page``: whatever is asked, no list has more than its first page.
    """

    at: datetime
    book: Book | None
    markets: Mapping[str, Market]
    prices: Mapping[str, Decimal]
    one_page: bool = False
