"""Orders that have ended and filled at least in part: Alpaca has no status ``filled`` to ask for."""

from datetime import datetime

from recon_exporter.domain.money import ZERO
from recon_exporter.domain.positions import Order
from recon_exporter.venues.alpaca.answers import Row, signed
from recon_exporter.venues.alpaca.client import Ask
from recon_exporter.venues.alpaca.paging import walk_orders
from recon_exporter.venues.alpaca.symbols import symbol_of


def read_orders(ask: Ask, since: datetime) -> tuple[Order, ...]:
    """Those submitted since, oldest first; one that was submitted before and filled since shows in the fills alone."""
    rows = walk_orders(ask, since, status="closed").values()
    # The head of an order of several legs has neither symbol nor side; its legs are orders of their own.
    orders = [_order(row) for row in rows if row.maybe_number("filled_qty") and row.maybe_text("symbol") is not None]
    kept = (order for order in orders if order.submitted_at >= since)
    return tuple(sorted(kept, key=lambda order: (order.submitted_at, order.order_id)))


def _order(row: Row) -> Order:
    """An order for an amount of money tells no quantity: it is what was filled."""
    filled = row.number("filled_qty")
    ordered = row.maybe_number("qty")
    average = row.maybe_number("filled_avg_price")
    return Order(
        order_id=row.text("id"),
        client_order_id=row.maybe_text("client_order_id"),
        symbol=symbol_of(row.text("symbol"), row.maybe_text("asset_class")),
        quantity=signed(row, filled if ordered is None else ordered),
        filled_quantity=signed(row, filled),
        average_price=average if average != ZERO else None,
        status=row.text("status"),
        submitted_at=row.time("submitted_at"),
        filled_at=row.maybe_time("filled_at"),
    )
