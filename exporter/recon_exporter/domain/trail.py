"""What both sides recorded about the instrument of one break, as far as it could be read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from recon_exporter.domain.breaks import Break
from recon_exporter.domain.positions import Activity, Fee, Fill, Order
from recon_exporter.domain.statement import Unavailable
from recon_exporter.domain.symbols import DOLLARS, Symbols, quote_currency
from recon_exporter.domain.terms import Terms
from recon_exporter.domain.words import one_line

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Records:
    """What ledger and venue recorded since a moment, of any symbol; Unavailable where it could not be read."""

    since: datetime
    ledger_fills: tuple[Fill, ...] | Unavailable
    venue_fills: tuple[Fill, ...] | Unavailable
    orders: tuple[Order, ...] | Unavailable
    activities: tuple[Activity, ...] | Unavailable


@dataclass(frozen=True, slots=True)
class Trail:
    """The records of one symbol.

    ``venue_fills`` are made of the orders where executions could not be read. Fees in another currency than the price
    are taken off the fills and named in ``left_out_fees``; ``currency`` is that of the price where known. ``unread``
    tells in words what could not be read; ``is_venue_complete`` whether the venue told executions, orders and
    activities, ``has_venue_orders`` whether executions or orders, so that it shows which orders it has.
    """

    since: datetime
    currency: str | None
    ledger_fills: tuple[Fill, ...]
    venue_fills: tuple[Fill, ...]
    orders: Mapping[str, Order]
    activities: tuple[Activity, ...]
    has_ledger_fills: bool
    has_venue_fills: bool
    has_venue_orders: bool
    has_activities: bool
    is_venue_complete: bool
    left_out_fees: tuple[str, ...]
    unread: tuple[str, ...]


def trail_of(one: Break, records: Records, terms: Terms) -> Trail:
    """The part of the records that concerns the break's symbol."""
    symbol = one.discrepancy.symbol
    currency = quote_currency(symbol) or terms.currency
    ours = _names(symbol, (_told(records.ledger_fills),), terms.symbols)
    theirs = _names(
        symbol, (_told(records.venue_fills), _told(records.orders), _told(records.activities)), terms.symbols
    )
    orders = [order for order in _told(records.orders) if order.symbol in theirs]
    fills = [fill for fill in _told(records.venue_fills) if fill.symbol in theirs]
    if isinstance(records.venue_fills, Unavailable):
        fills = [fill for order in orders for fill in _as_fill(order)]
    left_out = {fee.asset for fill in fills for fee in fill.fees or () if not _is_in(fee, currency)}
    return Trail(
        since=records.since,
        currency=currency,
        ledger_fills=tuple(
            _with_fees_in(fill, currency) for fill in _told(records.ledger_fills) if fill.symbol in ours
        ),
        venue_fills=tuple(_with_fees_in(fill, currency) for fill in fills),
        orders={order.order_id: order for order in orders},
        activities=tuple(activity for activity in _told(records.activities) if activity.symbol in theirs),
        has_ledger_fills=not isinstance(records.ledger_fills, Unavailable),
        has_venue_fills=not isinstance(records.venue_fills, Unavailable),
        has_venue_orders=not all(isinstance(part, Unavailable) for part in (records.venue_fills, records.orders)),
        has_activities=not isinstance(records.activities, Unavailable),
        is_venue_complete=not any(isinstance(part, Unavailable) for part in _venue_parts(records)),
        left_out_fees=tuple(sorted(one_line(name) for name in left_out if name)),
        unread=_unread(records),
    )


def _names(symbol: str, parts: Iterable[Iterable[Fill | Order | Activity]], symbols: Symbols) -> frozenset[str]:
    """What one side calls the symbol in its records: in whatever case, unless it tells two apart by their case."""
    names = {item.symbol for part in parts for item in part if item.symbol is not None}
    alike = {name for name in names if symbols.folded(symbols.canonical(name)) == symbols.folded(symbol)}
    spellings = {symbols.canonical(name) for name in alike}
    if len(spellings) > 1:
        alike = {name for name in names if symbols.canonical(name) == symbol}
    return frozenset(alike)


def _venue_parts(records: Records) -> tuple[Sequence[object] | Unavailable, ...]:
    return (records.venue_fills, records.orders, records.activities)


def _unread(records: Records) -> tuple[str, ...]:
    names = ("the ledger's executions", "the venue's executions", "the venue's orders", "the venue's other movements")
    parts = (records.ledger_fills, *_venue_parts(records))
    return tuple(
        f"{name} could not be read: {part.detail}"
        for name, part in zip(names, parts, strict=True)
        if isinstance(part, Unavailable)
    )


def _told(part: tuple[Item, ...] | Unavailable) -> tuple[Item, ...]:
    return () if isinstance(part, Unavailable) else part


def _as_fill(order: Order) -> Iterator[Fill]:
    """An order's executions as one, where it was executed at a price that is told."""
    if not order.filled_quantity or order.average_price is None:
        return
    yield Fill(
        fill_id=f"order {order.order_id}",
        order_id=order.order_id,
        client_order_id=order.client_order_id,
        symbol=order.symbol,
        quantity=order.filled_quantity,
        price=order.average_price,
        fees=None,
        at=order.filled_at or order.submitted_at,
    )


def _is_in(fee: Fee, currency: str | None) -> bool:
    """Whether the fee can be taken off the profit as it is."""
    return not fee.amount or not fee.asset or fee.asset == currency or {fee.asset, currency or "USD"} <= DOLLARS


def _with_fees_in(fill: Fill, currency: str | None) -> Fill:
    if fill.fees is None:
        return fill
    return replace(fill, fees=tuple(fee for fee in fill.fees if _is_in(fee, currency)))
