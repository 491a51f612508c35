"""What the check of positions makes of both books within a cycle."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter.checks.positions import CHECK
from recon_exporter.domain.breaks import BreakType
from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.finding import CheckResult, CheckStatus, Reason, Severity, Unverified
from recon_exporter.domain.sides import AccountUse, PositionSides
from recon_exporter.domain.statement import Position
from recon_exporter.domain.terms import Tolerance
from support.evidence import make_evidence
from support.sides import PAIR, make_positions, make_side_terms, make_sides, make_terms

if TYPE_CHECKING:
    from recon_exporter.domain.differences import Differences

ZERO = Decimal(0)


def holding(quantity: str, price: str | None = "100", *, symbol: str = PAIR, **changes: object) -> Position:
    position = Position(symbol, Decimal(quantity), None if price is None else Decimal(price))
    return replace(position, **changes)  # type: ignore[arg-type]  # names and types are those of Position


def judged(ours: Position | None, theirs: Position | None, **changes: object) -> CheckResult:
    books = [make_positions(*(() if one is None else (one,))) for one in (ours, theirs)]
    sides = replace(make_sides(positions=PositionSides(*books)), terms=make_side_terms(**changes))
    return CHECK.judge(replace(make_evidence(), sides=sides))


def differences(result: CheckResult) -> Differences:
    assert result.differences is not None
    return result.differences


def tolerating(**limits: str) -> object:
    allowed = {name: Decimal(text) for name, text in limits.items()}
    return make_terms(tolerance=replace(Tolerance(ZERO, ZERO, ZERO), **allowed))


@pytest.mark.parametrize(
    ("ours", "theirs", "kind", "severity"),
    [
        (holding("1"), None, BreakType.MISSING_AT_BROKER, Severity.CRITICAL),
        (None, holding("1"), BreakType.MISSING_IN_DB, Severity.CRITICAL),
        (holding("1"), holding("-1"), BreakType.QUANTITY_MISMATCH, Severity.CRITICAL),
        (holding("20"), holding("10.01"), BreakType.QUANTITY_MISMATCH, Severity.WARNING),
        (holding("20"), holding("10"), BreakType.QUANTITY_MISMATCH, Severity.CRITICAL),
        (holding("1", None), holding("1.1", None), BreakType.QUANTITY_MISMATCH, Severity.CRITICAL),
    ],
)
def test_difference_is_a_break_of_its_type_that_asks_for_no_halt(
    ours: Position | None, theirs: Position | None, kind: BreakType, severity: Severity
) -> None:
    result = judged(ours, theirs)

    (found,) = differences(result).discrepancies
    assert (found.type, found.severity, found.auto_halt, found.check) == (kind, severity, False, "positions")
    assert result.status.value == severity.value
    assert differences(result).positions == {(PAIR, "net"): found.difference}


def test_prices_and_ages_are_none_of_its_business() -> None:
    ours, theirs = holding("1", average_price=Decimal(1)), holding("1", average_price=Decimal(2))

    assert judged(ours, theirs).status is CheckStatus.OK


@pytest.mark.parametrize(
    ("limits", "ours"),
    [
        ({"quantity": "0.5"}, holding("10.5")),
        ({"quantity_relative": "0.05"}, holding("10.5")),
        ({"steps": "5"}, holding("10.5", step=Decimal("0.1"))),
        ({"dust_usd": "50"}, holding("10.5")),
        ({}, holding("10.5", uncertainty=Decimal("0.5"))),
    ],
)
def test_any_limit_tolerates_what_it_covers_and_no_more(limits: dict[str, str], ours: Position) -> None:
    terms = tolerating(**limits)
    within = judged(ours, holding("10"), comparison=terms)
    beyond = judged(replace(ours, quantity=Decimal("10.6")), holding("10"), comparison=terms)

    assert (within.status, beyond.status) == (CheckStatus.OK, CheckStatus.WARNING)
    assert differences(within).tolerated_sums == (Decimal("0.5"), ZERO)
    assert differences(within).positions == {(PAIR, "net"): Decimal("0.5")}


def test_flip_is_critical_within_any_tolerance() -> None:
    result = judged(holding("0.001"), holding("-0.001"), comparison=tolerating(quantity="5", dust_usd="99"))

    assert result.status is CheckStatus.CRITICAL


def test_dust_needs_a_price() -> None:
    assert judged(holding("1", None), None, comparison=tolerating(dust_usd="500")).status is CheckStatus.CRITICAL


class TestSharedAccount:
    @pytest.mark.parametrize(("ours", "theirs", "more"), [("1", "3", "2"), ("-1", "-3", "-2")])
    def test_more_in_the_ledgers_direction_is_somebody_elses(self, ours: str, theirs: str, more: str) -> None:
        result = judged(holding(ours), holding(theirs), use=AccountUse.SHARED)

        assert (result.status, differences(result).unattributed) == (CheckStatus.OK, {PAIR: Decimal(more)})

    def test_what_the_ledger_does_not_hold_is_somebody_elses(self) -> None:
        assert judged(None, holding("3"), use=AccountUse.SHARED).status is CheckStatus.OK

    @pytest.mark.parametrize("theirs", ["0.5", "-3"])
    def test_less_or_the_opposite_is_a_break(self, theirs: str) -> None:
        assert differences(judged(holding("1"), holding(theirs), use=AccountUse.SHARED)).discrepancies


def test_side_that_could_not_be_read_is_unverified() -> None:
    why = Unverified(Reason.VENUE_UNREACHABLE, "no route")
    sides = make_sides(positions=UnverifiedSide("venue", why))

    result = CHECK.judge(replace(make_evidence(), sides=sides))

    assert (result.unverified, result.differences) == (why, None)
