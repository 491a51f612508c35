"""How much two quantities may differ, in end-of-day runs as within cycles."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.domain.breaks import BreakType
from recon_exporter.domain.comparison import Comparison, compare
from recon_exporter.domain.lots import summed
from recon_exporter.domain.statement import Position
from recon_exporter.domain.terms import Terms, Tolerance
from support.sides import NOW, PAIR, make_positions, make_terms

ZERO = Decimal(0)
NONE = Tolerance(ZERO, ZERO, ZERO)
amounts = st.decimals(0, 100, places=3)


def holding(quantity: Decimal | str, **changes: object) -> Position:
    position = Position(PAIR, Decimal(quantity), Decimal(10), average_price=Decimal(10))
    return replace(position, **changes)  # type: ignore[arg-type]  # names and types are those of Position


def compared(ours: Position, theirs: Position, terms: Terms) -> Comparison:
    return compare(make_positions(ours), make_positions(theirs), terms, NOW)


@pytest.mark.parametrize(
    ("tolerance", "ours"),
    [
        (replace(NONE, quantity=Decimal("0.3")), holding("10.3")),
        (replace(NONE, quantity_relative=Decimal("0.03")), holding("10.3")),
        (replace(NONE, steps=Decimal(3)), holding("10.3", step=Decimal("0.1"))),
        (replace(NONE, dust_usd=Decimal(3)), holding("10.3")),
        (NONE, holding("10.3", uncertainty=Decimal("0.3"))),
    ],
)
def test_each_limit_alone_is_enough(tolerance: Tolerance, ours: Position) -> None:
    within = compared(ours, holding("10"), make_terms(tolerance=tolerance))
    beyond = compared(replace(ours, quantity=Decimal("10.4")), holding("10"), make_terms(tolerance=tolerance))

    assert (within.discrepancies, within.tolerated_sums) == ((), (Decimal("0.3"), ZERO))
    assert [one.type for one in beyond.discrepancies] == [BreakType.QUANTITY_MISMATCH]


def test_what_both_sides_may_be_off_by_adds_up() -> None:
    ours, theirs = holding("10.3", uncertainty=Decimal("0.2")), holding("10", uncertainty=Decimal("0.1"))

    assert compared(ours, theirs, make_terms(tolerance=NONE)).discrepancies == ()


@given(ours=amounts, theirs=amounts, limits=st.tuples(*[st.decimals(0, 5, places=2)] * 4))
def test_wider_limit_never_finds_more(ours: Decimal, theirs: Decimal, limits: tuple[Decimal, ...]) -> None:
    tight = Tolerance(limits[0], ZERO, ZERO, dust_usd=limits[1])
    wide = replace(tight, quantity=limits[0] + limits[2], dust_usd=limits[1] + limits[3])
    books = (holding(ours), holding(theirs))

    found = [compared(*books, make_terms(tolerance=limit)).discrepancies for limit in (tight, wide)]

    assert len(found[1]) <= len(found[0])


def test_positions_that_meet_under_one_name_add_up_what_they_may_be_off_by() -> None:
    lots = [holding("1", uncertainty=Decimal("0.1"), step=Decimal("0.01")), holding("2", uncertainty=Decimal("0.2"))]

    together = summed(lots)

    assert together is not None
    assert (together.uncertainty, together.step) == (Decimal("0.3"), Decimal("0.01"))
