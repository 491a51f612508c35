"""What both sides recorded within the span that both cover: of what lies outside, no side's silence says anything."""

from datetime import datetime

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import Activity, Fill, FillStatement, Order
from recon_exporter.domain.statement import Unavailable
from recon_exporter.domain.symbols import Symbols
from recon_exporter.domain.trail import Records

Told = FillStatement | Unavailable


def covered_records(
    symbol: str,
    asked_since: datetime,
    fills: tuple[Told, Told],
    orders: tuple[Order, ...] | Unavailable,
    activities: tuple[Activity, ...] | Unavailable,
    symbols: Symbols,
) -> Records:
    """The records that may explain a break in this symbol; ``fills`` are those of ledger and venue.

    A side that does not tell the symbol's fills has told none of it; a venue then tells none of its orders either.
    """
    since = max([asked_since, *(one.since for one in fills if isinstance(one, FillStatement))])
    ledger, venue = (_covered(one, symbol, since, symbols) for one in fills)
    if isinstance(venue, Unavailable) and not isinstance(fills[1], Unavailable):
        orders = venue
    if not isinstance(orders, Unavailable):
        orders = tuple(one for one in orders if (one.filled_at or one.submitted_at) >= since)
    if not isinstance(activities, Unavailable):
        activities = tuple(one for one in activities if one.at >= since)
    return Records(since, ledger, venue, orders, activities)


def _covered(told: Told, symbol: str, since: datetime, symbols: Symbols) -> tuple[Fill, ...] | Unavailable:
    if isinstance(told, Unavailable):
        return told
    if told.symbols is not None and symbol not in {symbols.canonical(name) for name in told.symbols}:
        return Unavailable(Reason.SOURCE_INCOMPLETE, f"it tells no executions of {symbol}, only of other symbols")
    return tuple(fill for fill in told.fills if fill.at >= since)
