"""Which of the orders whose two sides differ count: past their grace, and not merely waiting for the ledger's writer.

The ledger's writer flushes only on its next write. So an execution that the events have, and that is of the same burst
as the last row of the ledger or newer, is *pending*, until the next row is written or the bot's own counter contradicts
it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from recon_exporter.checks._inputs import known
from recon_exporter.domain.statement import Book, FillBook, OpenOrder

GRACE = timedelta(minutes=2)
BURST = timedelta(seconds=1)
"""Both sides tell the time of one execution, the events in milliseconds or whole seconds, the rows in microseconds: of
two executions in one second the unwritten one may seem the older."""

Orders = tuple[OpenOrder, ...]


@dataclass(frozen=True, slots=True)
class Sorting:
    """The open orders, oldest first: ``settled`` ones differ for good, the others may yet agree."""

    settled: Orders
    in_grace: Orders
    pending: Orders

    @property
    def pending_count(self) -> int:
        """Executions that the events have and the ledger is still to write."""
        return _missing_in_ledger(self.pending)

    @property
    def excess_in_grace(self) -> int:
        """Executions that only the ledger has and that are still in grace."""
        return sum(max(0, order.count_difference) for order in self.in_grace)

    def explains(self, difference: int) -> bool:
        """Whether a difference of the day's totals may come from what is in grace or pending alone."""
        waiting = (*self.in_grace, *self.pending)
        return -_missing_in_ledger(waiting) <= difference <= self.excess_in_grace


def sort_open(book: Book, now: datetime) -> Sorting:
    """Sort the open orders; their order in the book does not matter."""
    if not book.fills.open:
        return Sorting((), (), ())
    orders = tuple(sorted(book.fills.open, key=lambda order: (order.last_at, order.order_id)))
    pending = _pending(book, orders)
    others = tuple(order for order in orders if order not in pending)
    return Sorting(
        settled=tuple(order for order in others if now - order.last_at > GRACE),
        in_grace=tuple(order for order in others if now - order.last_at <= GRACE),
        pending=pending,
    )


def _pending(book: Book, orders: Orders) -> Orders:
    candidates = tuple(order for order in orders if _may_be_unwritten(book.fills, order))
    contradicted = _contradicted(book, candidates)
    return tuple(order for order in candidates if order not in contradicted)


def _may_be_unwritten(fills: FillBook, order: OpenOrder) -> bool:
    last_row_at = fills.newest_ledger_at
    return order.count_difference < 0 and (last_row_at is None or last_row_at - order.last_at <= BURST)


def _contradicted(book: Book, candidates: Orders) -> Orders:
    """Those that the bot's own counter of the day knew nothing of when it should have."""
    row = book.newest
    if row is None or row.at.date() != book.fills.day:
        return ()
    counter = known(row, "fills_count_today")
    due = tuple(
        order for order in candidates if order.last_at.date() == book.fills.day and row.at - order.last_at > GRACE
    )
    if counter is None or counter >= Decimal(book.fills.ledger_count + _missing_in_ledger(due)):
        return ()
    return due


def _missing_in_ledger(orders: Orders) -> int:
    return sum(max(0, -order.count_difference) for order in orders)
