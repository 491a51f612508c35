"""The contract that every ledger and every venue of positions keeps, whatever it reads."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recon_exporter.domain.positions import PositionStatement
from recon_exporter.domain.statement import Unavailable
from support.stages import LEGS, LOTS, ZEROS, Held

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recon_exporter.ports import PositionLedger, PositionVenue
    from support.stages import Stage

    AnyStage = Stage[PositionLedger] | Stage[PositionVenue]

LONG_AGO = timedelta(days=3650)
SOME_EXAMPLES = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def book(stage: AnyStage) -> PositionStatement:
    """What the adapter says, which has to be a statement."""
    statement = stage.adapter.positions(stage.now)
    assert isinstance(statement, PositionStatement), statement
    return statement


def one_each(stage: AnyStage) -> list[Held]:
    """A row for each symbol, long and short in turn, in the least orderly order."""
    quantities = [f"{'-' if number % 2 else ''}{number + 10}" for number, _ in enumerate(stage.symbols)]
    rows = [Held(symbol, quantity, "150.25") for symbol, quantity in zip(stage.symbols, quantities, strict=True)]
    return sorted(rows, key=lambda row: row.symbol, reverse=True)


def held(statement: PositionStatement) -> dict[tuple[str, str], Decimal]:
    return {position.key: position.quantity for position in statement.positions}


def test_statement_says_whose_and_of_what_it_is(stage: AnyStage) -> None:
    stage.hold(one_each(stage))

    statement = book(stage)

    assert statement.bot == stage.bot
    assert statement.source == stage.adapter.name
    assert statement.proof


def test_amounts_are_exact(stage: AnyStage) -> None:
    quantity = f"0.{'3' * stage.digits}" if stage.digits else "3"
    stage.hold([Held(stage.symbols[0], quantity, "64123.45")])

    (position,) = book(stage).positions

    assert type(position.quantity) is Decimal
    assert position.quantity == Decimal(quantity)
    assert type(position.average_price) is Decimal
    assert position.average_price == Decimal("64123.45")


def test_times_are_aware_utc_and_not_in_the_future(stage: AnyStage) -> None:
    stage.hold(one_each(stage))

    statement = book(stage)

    written = [position.written_at for position in statement.positions if position.written_at is not None]
    for at in (statement.as_of, *written):
        assert at.tzinfo is UTC
        assert at <= stage.now
    assert len(written) == (len(statement.positions) if statement.has_write_times else 0)


def test_positions_are_sorted_and_signed_with_each_key_once(stage: AnyStage) -> None:
    rows = one_each(stage)
    stage.hold(rows)

    keys = [position.key for position in book(stage).positions]

    assert keys == sorted(set(keys))
    assert held(book(stage)) == {(row.symbol, "net"): Decimal(row.quantity) for row in rows}


def test_order_of_the_source_does_not_matter(stage: AnyStage) -> None:
    stage.hold(one_each(stage))
    first = book(stage).positions
    stage.hold(one_each(stage)[::-1])

    assert book(stage).positions == first


@pytest.mark.where_it_holds(ZEROS)
def test_position_of_quantity_zero_is_absent(stage: AnyStage) -> None:
    stage.hold([Held(stage.symbols[0], "0", None)])

    assert book(stage).positions == ()


@pytest.mark.where_it_holds(LOTS)
def test_lots_of_one_symbol_are_one_position_at_the_weighted_price(stage: AnyStage) -> None:
    stage.hold([Held(stage.symbols[0], "1", "100"), Held(stage.symbols[0], "3", "200")])

    (position,) = book(stage).positions

    assert (position.quantity, position.average_price) == (Decimal(4), Decimal(175))


@pytest.mark.where_it_holds(LEGS)
def test_legs_of_one_symbol_are_two_positions(stage: AnyStage) -> None:
    stage.hold([Held(stage.symbols[0], "-2", "100", "short"), Held(stage.symbols[0], "5", "90", "long")])

    assert held(book(stage)) == {
        (stage.symbols[0], "long"): Decimal(5),
        (stage.symbols[0], "short"): Decimal(-2),
    }


def test_empty_book_is_a_statement_with_proof(stage: AnyStage) -> None:
    stage.hold([])

    statement = book(stage)

    assert statement.positions == ()
    assert statement.proof


def test_source_that_is_gone_is_not_an_empty_book(stage: AnyStage) -> None:
    stage.hold(one_each(stage))
    stage.vanish()

    answer = stage.adapter.positions(stage.now)

    assert isinstance(answer, Unavailable)
    assert answer.detail


def test_bad_value_is_named_with_source_and_place(stage: AnyStage) -> None:
    stage.hold(one_each(stage))
    named = stage.damage()

    answer = stage.adapter.positions(stage.now)

    assert isinstance(answer, Unavailable)
    assert [text for text in named if text not in answer.detail] == [], answer.detail


def test_reading_again_says_the_same(stage: AnyStage) -> None:
    stage.hold(one_each(stage))

    assert book(stage) == book(stage)


def test_fills_are_in_order_or_unavailable(stage: AnyStage) -> None:
    stage.hold(one_each(stage))

    told = stage.adapter.fills(stage.now - LONG_AGO, stage.now)

    if isinstance(told, Unavailable):
        assert told.detail
    else:
        assert [fill.at for fill in told.fills] == sorted(fill.at for fill in told.fills)
        assert all(fill.quantity and fill.at.tzinfo is UTC for fill in told.fills)
        assert told.since <= told.until <= stage.now


def test_balances_are_finite_or_unavailable(stage: AnyStage) -> None:
    stage.hold(one_each(stage))

    told = stage.adapter.balances(stage.now)

    if isinstance(told, Unavailable):
        assert told.detail
    else:
        assert all(balance.total.is_finite() for balance in told.balances.values())


def test_fills_of_a_source_that_is_gone_are_unavailable(stage: AnyStage) -> None:
    stage.hold(one_each(stage))
    stage.vanish()

    assert isinstance(stage.adapter.fills(stage.now - LONG_AGO, stage.now), Unavailable)


@given(st.data())
@SOME_EXAMPLES
def test_every_book_is_told_as_it_is(stage: AnyStage, data: st.DataObject) -> None:
    rows = data.draw(
        st.lists(any_row(stage).filter(lambda row: Decimal(row.quantity)), unique_by=lambda row: row.symbol)
    )
    stage.hold(rows)

    assert held(book(stage)) == sums(rows)


@pytest.mark.where_it_holds(LOTS)
@given(st.data())
@SOME_EXAMPLES
def test_every_table_of_lots_adds_up(stage: AnyStage, data: st.DataObject) -> None:
    rows = data.draw(st.lists(any_row(stage), max_size=8))
    stage.hold(rows)

    assert held(book(stage)) == sums(rows)


def any_row(stage: AnyStage) -> st.SearchStrategy[Held]:
    quantities = st.decimals("-1e9", "1e9", places=min(stage.digits, 9)).map(str)
    return st.builds(Held, st.sampled_from(list(stage.symbols)), quantities)


def sums(rows: Sequence[Held]) -> dict[tuple[str, str], Decimal]:
    found: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        found[row.symbol, row.leg] += Decimal(row.quantity)
    return {key: quantity for key, quantity in found.items() if quantity}
