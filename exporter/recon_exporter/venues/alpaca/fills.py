"""Every execution since a moment, proven complete: by the running totals of its order, and by the orders themselves."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from recon_exporter.domain.money import difference, plain, total
from recon_exporter.domain.positions import Fill
from recon_exporter.venues.alpaca.activity_times import activity_time
from recon_exporter.venues.alpaca.answers import Row, signed
from recon_exporter.venues.alpaca.client import Ask, Question
from recon_exporter.venues.alpaca.failures import incomplete
from recon_exporter.venues.alpaca.market import days_around
from recon_exporter.venues.alpaca.paging import Activities, walk_orders

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Gap:
    """Executions that must be somewhere between two moments, and were not told."""

    order_id: str
    missing: Decimal
    begin: datetime
    end: datetime

    def days(self) -> Iterator[date]:
        """The days on which they may be found."""
        at = self.begin
        while at < self.end:
            yield from days_around(at)
            at += _DAY
        yield from days_around(self.end)


def read_fills(ask: Ask, since: datetime) -> tuple[Fill, ...]:
    """Oldest first; raises VenueFailure where one that must be there cannot be had.

    The orders are read before: what has filled in between makes the fills more than they say, never less.
    """
    orders = walk_orders(ask, since, status="all")
    activities = Activities(ask, Question.FILLS, {"activity_type": "FILL"})
    activities.walk(since)
    gaps = list(_gaps(activities.rows, orders))
    if gaps:
        activities.ask_days(day for gap in gaps for day in gap.days())
        gaps = list(_gaps(activities.rows, orders))
    if gaps:
        raise incomplete(
            f"Alpaca does not tell all fills of order {gaps[0].order_id}: {plain(gaps[0].missing)} missing"
        )
    fills = (_fill(row, orders) for row in activities.rows.values())
    return tuple(sorted((fill for fill in fills if fill.at >= since), key=lambda fill: (fill.at, fill.fill_id)))


def _fill(row: Row, orders: Mapping[str, Row]) -> Fill:
    order_id = row.text("order_id")
    order = orders.get(order_id)
    return Fill(
        fill_id=row.text("id"),
        order_id=order_id,
        client_order_id=None if order is None else order.maybe_text("client_order_id"),
        symbol=row.text("symbol"),
        quantity=signed(row, row.number("qty")),
        price=row.number("price"),
        fees=None,
        at=activity_time(row),
    )


def _gaps(rows: Mapping[str, Row], orders: Mapping[str, Row]) -> Iterator[Gap]:
    by_order: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows.values():
        by_order[row.text("order_id")].append(row)
    for order_id, told in by_order.items():
        yield from _gaps_between(order_id, told)
    for order_id, order in orders.items():
        yield from _gap_in_order(order_id, order, by_order[order_id])


def _gaps_between(order_id: str, rows: Sequence[Row]) -> Iterator[Gap]:
    """Where a running total does not follow from the one before; executions of one millisecond come in any order."""
    told = [(row.number("cum_qty"), row) for row in rows if row.maybe_number("cum_qty") is not None]
    told.sort(key=lambda pair: pair[0])
    for (before, left), (after, right) in pairwise(told):
        missing = difference(difference(after, before), right.number("qty"))
        if missing:
            yield Gap(order_id, missing, activity_time(left), activity_time(right))


def _gap_in_order(order_id: str, order: Row, rows: Sequence[Row]) -> Iterator[Gap]:
    """What the order has filled beyond its fills.

    An order of several legs has its fills on the legs, and one that replaces another may count that one's fills.
    """
    if order.maybe_text("symbol") is None or order.maybe_text("replaces") is not None:
        return
    missing = difference(order.maybe_number("filled_qty") or Decimal(0), total(row.number("qty") for row in rows))
    if missing > 0:
        begin = order.time("submitted_at")
        yield Gap(order_id, missing, begin, order.maybe_time("filled_at") or order.maybe_time("updated_at") or begin)
