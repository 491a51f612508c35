"""What venues promise beyond the book itself: orders and activities, in order or not at all."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from recon_exporter.domain.statement import Unavailable
from support.stages import Held

if TYPE_CHECKING:
    from recon_exporter.ports import PositionVenue
    from support.stages import Stage

LONG_AGO = timedelta(days=3650)


def test_orders_are_in_order_or_unavailable(venue_stage: Stage[PositionVenue]) -> None:
    venue_stage.hold([Held(venue_stage.symbols[0], "10", "150")])

    orders = venue_stage.adapter.orders(venue_stage.now - LONG_AGO)

    if isinstance(orders, Unavailable):
        assert orders.detail
    else:
        times = [order.submitted_at for order in orders]
        assert times == sorted(times)
        assert all(at.tzinfo is UTC for at in times)


def test_activities_are_in_order_or_unavailable(venue_stage: Stage[PositionVenue]) -> None:
    venue_stage.hold([Held(venue_stage.symbols[0], "10", "150")])

    activities = venue_stage.adapter.activities(venue_stage.now - LONG_AGO)

    if isinstance(activities, Unavailable):
        assert activities.detail
    else:
        times = [activity.at for activity in activities]
        assert times == sorted(times)
        assert all(at.tzinfo is UTC for at in times)


def test_source_that_is_gone_tells_neither_orders_nor_activities(venue_stage: Stage[PositionVenue]) -> None:
    venue_stage.hold([Held(venue_stage.symbols[0], "10", "150")])
    venue_stage.vanish()

    assert isinstance(venue_stage.adapter.orders(venue_stage.now - LONG_AGO), Unavailable)
    assert isinstance(venue_stage.adapter.activities(venue_stage.now - LONG_AGO), Unavailable)
