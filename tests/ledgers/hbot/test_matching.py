"""Fills of the ledger against fill events."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.domain.statement import OpenOrder
from recon_exporter.ledgers.hbot.matching import EVENTS, LEDGER, BotFills, DayCounts, midnight
from support.hbot import MIDNIGHT, MINUTE, NOON, SECOND

TODAY = NOON.date()
Told = tuple[int, str, Decimal, int]


def told(*fills: Told) -> BotFills:
    bot = BotFills()
    for side, order_id, quantity, seconds in fills:
        bot.add(side, order_id, quantity, NOON + seconds * SECOND)
    return bot


FILLS = st.lists(
    st.tuples(st.sampled_from(["order-1", "order-2"]), st.sampled_from(["0.1", "0.10", "0.25"]), st.integers(0, 600)),
    max_size=12,
)


@given(FILLS, st.randoms(use_true_random=False))
def test_fills_told_by_both_sides_agree_in_any_order(fills: list[tuple[str, str, int]], random: st.randoms) -> None:  # type: ignore[valid-type]
    both = [(side, order, Decimal(text), at) for order, text, at in fills for side in (LEDGER, EVENTS)]
    random.shuffle(both)  # type: ignore[attr-defined]
    bot = told(*both)

    assert bot.unmatched == {}
    assert bot.counts.get(TODAY, DayCounts()) == DayCounts(len(fills), len(fills))


@given(FILLS, FILLS)
def test_open_orders_hold_exactly_the_difference(
    ledger: list[tuple[str, str, int]], events: list[tuple[str, str, int]]
) -> None:
    sides = ((LEDGER, ledger), (EVENTS, events))
    bot = told(*[(side, order, Decimal(text), at) for side, fills in sides for order, text, at in fills])
    differences: dict[str, tuple[int, Decimal]] = {}
    for side, fills in sides:
        for order, text, _ in fills:
            count, quantity = differences.get(order, (0, Decimal(0)))
            differences[order] = (count + side, quantity + side * Decimal(text))
    open_orders = bot.open_orders(midnight(TODAY))

    assert {of.order_id: (of.count_difference, of.quantity_difference) for of in open_orders} == {
        order: difference for order, difference in differences.items() if any(difference)
    }
    counts = bot.counts.get(TODAY, DayCounts())
    assert (counts.ledger, counts.events) == (len(ledger), len(events))
    assert sum(of.count_difference for of in open_orders) == len(ledger) - len(events)


def test_order_that_is_filled_in_other_pieces_is_not_open() -> None:
    bot = told(
        (LEDGER, "a", Decimal("0.3"), 0),
        (LEDGER, "a", Decimal("0.7"), 1),
        (EVENTS, "a", Decimal("0.5"), 2),
        (EVENTS, "a", Decimal("0.5"), 3),
    )

    assert bot.open_orders(midnight(TODAY)) == ()


def test_quantity_that_differs_leaves_the_count_equal() -> None:
    bot = told((LEDGER, "a", Decimal("0.5"), 0), (EVENTS, "a", Decimal("0.4"), 2))

    assert bot.open_orders(midnight(TODAY)) == (OpenOrder("a", 0, Decimal("0.1"), NOON + 2 * SECOND),)


def test_time_of_an_open_order_is_that_of_what_is_missing() -> None:
    bot = told((LEDGER, "a", Decimal(1), 0), (LEDGER, "a", Decimal(2), 100), (EVENTS, "a", Decimal(2), 100))

    assert bot.open_orders(midnight(TODAY)) == (OpenOrder("a", 1, Decimal(1), NOON),)


def test_pair_told_on_both_sides_of_midnight_counts_on_the_day_of_the_ledger() -> None:
    bot = BotFills()
    bot.add(EVENTS, "a", Decimal(1), MIDNIGHT + SECOND)
    bot.add(LEDGER, "a", Decimal(1), MIDNIGHT - SECOND)

    assert bot.counts == {TODAY: DayCounts(1, 1), MIDNIGHT.date(): DayCounts(0, 0)}
    assert bot.unmatched == {}


def test_unmatched_fill_is_forgotten_when_no_day_needs_it() -> None:
    bot = told((LEDGER, "a", Decimal(1), 0))
    bot.add(LEDGER, "b", Decimal(1), MIDNIGHT - 30 * MINUTE)
    bot.forget_before(MIDNIGHT.date())

    assert [order for order, _ in bot.unmatched] == ["b"]
    assert bot.open_orders(MIDNIGHT - 2 * MINUTE) == ()
    bot.forget_before(MIDNIGHT.date() + timedelta(days=1))
    assert (bot.unmatched, bot.counts) == ({}, {})


def test_copy_can_be_changed_without_touching_the_original() -> None:
    bot = told((LEDGER, "a", Decimal(1), 0))
    copy = bot.copy()
    copy.add(LEDGER, "a", Decimal(1), NOON)
    copy.add(EVENTS, "b", Decimal(1), NOON)

    assert bot == told((LEDGER, "a", Decimal(1), 0))
