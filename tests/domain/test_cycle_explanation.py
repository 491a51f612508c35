"""Breaks that cycles find in single fills and balances name their records themselves."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from recon_exporter.domain.attributed import Attribution, Line, Source
from recon_exporter.domain.breaks import CYCLE_TYPES, EOD_TYPES, Break, BreakType
from recon_exporter.domain.cycle_explanation import advice_on, explain_of_cycle, explains_itself, with_records
from recon_exporter.domain.explanation import Explanation
from recon_exporter.domain.money import ZERO
from recon_exporter.domain.movements import Cause
from support.positions import NOW, make_break, make_discrepancy


def found(kind: BreakType, check: str = "fills") -> Break:
    return make_break(replace(make_discrepancy(kind), check=check, item="trade-1", detail="what differs"))


@pytest.mark.parametrize("kind", sorted(set(CYCLE_TYPES) - set(EOD_TYPES)))
def test_every_type_of_fills_and_balances_has_advice_and_the_command_that_looks_again(kind: BreakType) -> None:
    one = found(kind)

    assert advice_on(kind)
    if explains_itself(one):
        told = explain_of_cycle(one)
        assert told.summary == "what differs"
        assert told.steps[0] == advice_on(kind)
        assert told.steps[-1] == "Run it again: recon-exporter once"


def test_fee_of_a_fill_is_no_phantom_and_no_execution_is_to_be_struck_out() -> None:
    told = explain_of_cycle(found(BreakType.FILL_FEE))

    assert told.cause == "unknown"
    assert not [step for step in told.steps if "never executed" in step]


def test_balance_is_explained_by_what_it_is_made_of() -> None:
    line = Line(Source.FUNDING, "f1", NOW, Decimal("-0.5"), "funding of 0.5 at the venue")
    made_of = Attribution(Decimal("-0.75"), (line,), Decimal("-0.25"), ())
    told = explain_of_cycle(replace(found(BreakType.BALANCE_MISMATCH, "venue_balances"), explanation=made_of))

    assert told.evidence == ("funding of 0.5 at the venue",)
    assert (told.explained, told.remainder) == (Decimal("-0.5"), Decimal("-0.25"))


@pytest.mark.parametrize("kind", EOD_TYPES)
def test_breaks_of_runs_are_looked_into(kind: BreakType) -> None:
    assert not explains_itself(make_break(make_discrepancy(kind)))


def test_cause_is_that_of_the_records_where_the_executions_tell_none() -> None:
    line = Line(Source.TRANSFER, "d1", NOW, Decimal("-0.5"), "transfer deposit of 0.5 at the venue")
    one = replace(
        found(BreakType.QUANTITY_MISMATCH, "positions"),
        explanation=Attribution(Decimal("-0.5"), (line,), Decimal(0), ()),
    )
    blind = Explanation(
        one.identifier, Cause.UNKNOWN, "nothing", ("0 other movements",), (), None, ZERO, Decimal("-0.5")
    )
    told = with_records(blind, one)

    assert (told.cause, told.explained, told.remainder) == (Cause.OTHER_MOVEMENT, Decimal("-0.5"), Decimal(0))
    assert told.evidence[0] == "transfer deposit of 0.5 at the venue"
    assert with_records(replace(blind, remainder=ZERO), one).cause is Cause.UNKNOWN
