"""Whole books of positions as one side states them, and what explains them: fills, orders, other activities."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from recon_exporter.domain.statement import Position


@dataclass(frozen=True, slots=True)
class PositionStatement:
    """One side's positions of one bot, all of them: sorted by symbol and leg, each key once, none of quantity zero.

    ``source`` is the adapter's name. ``as_of`` is the moment described: a statement's own time, else that of the read.
    ``has_write_times`` says whether the source tells when each position was written. ``proof`` says in words why the
    book is complete, also where it is empty.
    """

    bot: str
    source: str
    as_of: datetime
    positions: tuple[Position, ...]
    has_write_times: bool
    proof: str


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution: ``quantity`` is signed, positive for a buy; ``fee`` positive where it was paid."""

    fill_id: str
    order_id: str | None
    client_order_id: str | None
    symbol: str
    quantity: Decimal
    price: Decimal
    fee: Decimal | None
    fee_currency: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """One order at the venue; quantities are signed, positive for a buy."""

    order_id: str
    client_order_id: str | None
    symbol: str
    quantity: Decimal
    filled_quantity: Decimal
    average_price: Decimal | None
    status: str
    submitted_at: datetime
    filled_at: datetime | None


class ActivityKind(StrEnum):
    """What moved a book other than a fill that the bot asked for."""

    SPLIT = "split"
    REORGANISATION = "reorganisation"
    OPTION_EVENT = "option_event"
    LIQUIDATION = "liquidation"
    TRANSFER = "transfer"
    DIVIDEND = "dividend"
    FEE = "fee"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Activity:
    """One movement that is no fill. ``code`` is the venue's own word; ``quantity`` signed, in shares or base units."""

    activity_id: str
    kind: ActivityKind
    code: str
    symbol: str | None
    quantity: Decimal | None
    price: Decimal | None
    amount: Decimal | None
    at: datetime
