"""Each thing that the runbook's resolution section has a person do, as a step with the names and numbers filled in."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import product
from shlex import split
from typing import TYPE_CHECKING

import pytest

from recon_exporter.domain.movements import Cause
from recon_exporter.domain.remedies import steps
from runbooks.pages import our_command
from support.positions import break_of, make_position

if TYPE_CHECKING:
    from recon_exporter.domain.breaks import Break

AT_BROKER_MISSING = break_of([make_position("AAPL", "10", "100")], [])
IN_DB_MISSING = break_of([], [make_position("AAPL", "10", "100")])
QUANTITY_DIFFERS = break_of([make_position("AAPL", "6", "100")], [make_position("AAPL", "10", "100")])
BREAKS = (AT_BROKER_MISSING, IN_DB_MISSING, QUANTITY_DIFFERS)
FULL = Decimal("-101.5")


def step(one: Break, cause: Cause, begins: str, effect: Decimal | None = FULL) -> str:
    """The only step that begins so."""
    (found,) = [text for text in steps(one, cause, effect) if text.startswith(begins)]
    return found


# Missing at broker


def test_missing_at_broker_query_broker_for_recent_fills() -> None:
    asked = step(AT_BROKER_MISSING, Cause.MISSED_FILL, "Query the broker")

    assert asked.endswith(": recon-exporter venue fills --bot swing-us --after DATE")


def test_missing_at_broker_closed_by_broker_update_db_to_reflect_closure() -> None:
    assert step(AT_BROKER_MISSING, Cause.CLOSED_BY_BROKER, "Book the closure").endswith(": AAPL from 10 to none")


def test_missing_at_broker_closed_by_broker_record_the_pnl_impact() -> None:
    assert " --pnl=-101.5" in step(AT_BROKER_MISSING, Cause.CLOSED_BY_BROKER, "Record the correction")


def test_missing_at_broker_phantom_remove_from_db() -> None:
    assert step(AT_BROKER_MISSING, Cause.PHANTOM, "Take out of the ledger").endswith(": AAPL from 10 to none")


def test_missing_at_broker_phantom_investigate_how_it_was_created() -> None:
    assert step(AT_BROKER_MISSING, Cause.PHANTOM, "Investigate how it came to be")


# Missing in DB


def test_missing_in_db_check_if_an_order_was_placed_outside_the_system() -> None:
    assert step(IN_DB_MISSING, Cause.MANUAL_ORDER, "Ask who placed the order")


def test_missing_in_db_query_broker_for_the_order_that_created_the_position() -> None:
    asked = step(IN_DB_MISSING, Cause.MANUAL_ORDER, "Look at the order")

    assert asked.endswith(": recon-exporter venue orders --bot swing-us --after DATE")


def test_missing_in_db_add_position_to_db_with_correct_entry_price() -> None:
    booked = step(IN_DB_MISSING, Cause.MANUAL_ORDER, "Book it in the ledger at its own price, as the entry")

    assert booked.endswith(": AAPL from none to 10")


def test_missing_in_db_flag_for_review() -> None:
    flagged = step(IN_DB_MISSING, Cause.MANUAL_ORDER, "Flag it for review")

    assert flagged.endswith(f": recon-exporter breaks review {IN_DB_MISSING.identifier} --by NAME --reason WHY")


# One execution during the day


def test_missing_execution_is_booked_by_its_own_number_and_not_as_the_whole_position() -> None:
    found = replace(IN_DB_MISSING.discrepancy, check="fills", item="t3")
    booked = step(replace(IN_DB_MISSING, discrepancy=found), Cause.MISSED_FILL, "Book the executions")

    assert booked.endswith(": t3 of AAPL from none to 10")


# Quantity mismatch


def test_quantity_mismatch_check_partial_fills_that_may_not_have_been_recorded() -> None:
    assert step(QUANTITY_DIFFERS, Cause.PARTIAL_FILLS, "Compare the parts of the order")


def test_quantity_mismatch_verify_split_and_reverse_split_adjustments() -> None:
    assert step(QUANTITY_DIFFERS, Cause.SPLIT, "Verify ratio and date of the split")


@pytest.mark.parametrize(
    "cause", [cause for cause in Cause if cause not in {Cause.IN_FLIGHT, Cause.NOT_WRITTEN, Cause.WRONG_PRICE}]
)
def test_quantity_mismatch_correct_the_db_quantity_to_match_broker(cause: Cause) -> None:
    assert [text for text in steps(QUANTITY_DIFFERS, cause, None) if text.endswith(": AAPL from 6 to 10")]


@pytest.mark.parametrize("cause", [Cause.PARTIAL_FILLS, Cause.MISSED_FILL, Cause.SPLIT, Cause.PHANTOM])
def test_quantity_mismatch_rerun_pnl_calculations(cause: Cause) -> None:
    assert step(QUANTITY_DIFFERS, cause, "Run the profit and loss of this position again")


# All of them


@pytest.mark.parametrize(("one", "cause"), [*product(BREAKS, sorted(set(Cause) - {Cause.IN_FLIGHT}))])
def test_document_all_corrections_in_the_audit_log_and_run_again(one: Break, cause: Cause) -> None:
    *_, record, again = steps(one, cause, None)

    assert record.endswith(f": recon-exporter audit add --break {one.identifier} --by NAME --what WHAT")
    assert again == "Run it again: recon-exporter eod --bot swing-us"


@pytest.mark.parametrize("one", BREAKS)
def test_execution_in_flight_needs_nothing_but_another_look(one: Break) -> None:
    (only,) = steps(one, Cause.IN_FLIGHT, FULL)

    assert only.endswith(": recon-exporter eod --bot swing-us")


@pytest.mark.parametrize(("one", "cause"), [*product(BREAKS, Cause)])
def test_every_command_in_a_step_is_one_of_ours_with_its_options(one: Break, cause: Cause) -> None:
    for text in steps(one, cause, FULL):
        for written in text.split("recon-exporter ")[1:]:
            command, rest = our_command(split(written.partition(" and ")[0]))
            assert command.make_context("recon-exporter", rest)
