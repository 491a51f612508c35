"""A true history of trades, of which records are removed or distorted: exactly those are found again."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import assume, given
from hypothesis import strategies as st

from recon_exporter.domain.bookkeeping import Account, Entry, book_all
from recon_exporter.domain.breaks import BreakType
from recon_exporter.domain.executions import matched
from recon_exporter.domain.explanation import explain
from recon_exporter.domain.movements import Cause
from support.positions import (
    HOUR,
    MINUTE,
    NOW,
    compared,
    make_break,
    make_fill,
    make_order,
    make_position,
    make_records,
    make_terms,
)

if TYPE_CHECKING:
    from random import Random

    from recon_exporter.domain.breaks import Break
    from recon_exporter.domain.positions import Fill, Order
    from recon_exporter.domain.statement import Position

TERMS = make_terms(stale_after=None)
QUANTITIES = (BreakType.MISSING_AT_BROKER, BreakType.MISSING_IN_DB, BreakType.QUANTITY_MISMATCH)

quantities = st.integers(-500, 500).filter(bool)
prices = st.integers(1, 10**4)
parts = st.lists(st.tuples(st.integers(1, 200), prices), min_size=1, max_size=3)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Fill, ...]:
    """Orders of one symbol, each executed in one direction in one part or several, an hour and more before the run."""
    fills = []
    for number, order in enumerate(draw(st.lists(st.tuples(st.sampled_from((1, -1)), parts), min_size=1, max_size=6))):
        for place, (quantity, price) in enumerate(order[1]):
            at = NOW - 20 * HOUR + number * HOUR + place * MINUTE
            fills.append(make_fill(str(order[0] * quantity), str(price), order_id=f"order-{number}", at=at))
    return tuple(fills)


def orders_of(fills: tuple[Fill, ...], foreign: str | None = None) -> tuple[Order, ...]:
    """The venue's orders of these executions, all of the bot but one."""
    ids = sorted({fill.order_id or "" for fill in fills})
    return tuple(make_order(name, client_order_id="by-hand" if name == foreign else f"bot-{name}") for name in ids)


def account(fills: tuple[Fill, ...]) -> Account:
    return book_all(Account(), [Entry(fill.at, fill.quantity, fill.price) for fill in fills])


def breaks(ledger: tuple[Fill, ...], venue: tuple[Fill, ...]) -> list[Break]:
    """The breaks in quantity between the positions that these executions make."""
    comparison = compared(book(account(ledger)), book(account(venue)), TERMS)
    return [make_break(found) for found in comparison.discrepancies if found.type in QUANTITIES]


def book(side: Account) -> list[Position]:
    if not side.quantity:
        return []
    return [replace(make_position("AAPL", "1"), quantity=side.quantity, average_price=side.average)]


@given(histories(), st.data())
def test_removed_order_is_found_again_with_its_effect_on_profit(fills: tuple[Fill, ...], data: st.DataObject) -> None:
    order = data.draw(st.sampled_from(fills)).order_id
    kept = tuple(fill for fill in fills if fill.order_id != order)
    foreign = data.draw(st.sampled_from([order, None]))

    (one,) = breaks(kept, fills)
    why = explain(one, make_records(ledger=kept, venue=fills, orders=orders_of(fills, foreign)), TERMS)

    assert (why.cause, why.remainder) == (Cause.MANUAL_ORDER if foreign else Cause.MISSED_FILL, Decimal(0))
    assert f"order {order} " in why.evidence[0]
    assert why.pnl is not None
    assert (why.pnl.before, why.pnl.after) == (account(kept).realised, account(fills).realised)


@given(histories(), st.data())
def test_removed_part_of_an_order_is_found_again(fills: tuple[Fill, ...], data: st.DataObject) -> None:
    lost = data.draw(st.sampled_from(fills))
    assume(sum(fill.order_id == lost.order_id for fill in fills) > 1)
    kept = tuple(fill for fill in fills if fill != lost)

    (one,) = breaks(kept, fills)
    why = explain(one, make_records(ledger=kept, venue=fills, orders=orders_of(fills)), TERMS)

    assert (why.cause, why.remainder) == (Cause.PARTIAL_FILLS, Decimal(0))
    assert why.pnl is not None
    assert why.pnl.after == account(fills).realised


@given(histories(), quantities, prices)
def test_invented_execution_is_found_again_as_phantom(fills: tuple[Fill, ...], quantity: int, price: int) -> None:
    invented = make_fill(str(quantity), str(price), order_id="nobody", at=NOW - 90 * MINUTE)
    ledger = (*fills, invented)

    (one,) = breaks(ledger, fills)
    why = explain(one, make_records(ledger=ledger, venue=fills, orders=orders_of(fills)), TERMS)

    assert (why.cause, why.remainder) == (Cause.PHANTOM, Decimal(0))
    assert why.pnl is not None
    assert (why.pnl.before, why.pnl.after) == (account(ledger).realised, account(fills).realised)


@given(histories(), st.randoms(use_true_random=False))
def test_order_of_records_is_irrelevant(fills: tuple[Fill, ...], random: Random) -> None:
    kept, orders = fills[1:], orders_of(fills)
    mixed = [tuple(random.sample(rows, len(rows))) for rows in (kept, fills)]

    for one in breaks(kept, fills):
        ordered = explain(one, make_records(ledger=kept, venue=fills, orders=orders), TERMS)
        assert explain(one, make_records(ledger=mixed[0], venue=mixed[1], orders=orders), TERMS) == ordered


@given(histories())
def test_equal_records_differ_in_nothing(fills: tuple[Fill, ...]) -> None:
    assert all(match.gap == 0 and match.cost_gap == 0 for match in matched(fills, fills, ()))


@given(histories())
def test_explained_and_remaining_add_up_to_the_difference(fills: tuple[Fill, ...]) -> None:
    for one in breaks(fills[1:], fills[:-1]):
        why = explain(one, make_records(ledger=fills[2:], venue=fills, orders=orders_of(fills)), TERMS)
        assert why.explained is not None
        assert why.remainder is not None
        assert why.explained + why.remainder == one.discrepancy.difference
