"""What the check of fills makes of what the matcher found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter.checks.fills import CHECK, differences_of
from recon_exporter.domain.breaks import BreakType, Discrepancy
from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.fill_matching import FillMatcher
from recon_exporter.domain.finding import CheckResult, CheckStatus, Reason, Severity, Unverified
from recon_exporter.domain.positions import Fee, Fill, Grain
from support.evidence import make_evidence
from support.sides import BOT, HOUR, MINUTE, NOW, fed, make_fill, make_fills, make_side_terms, make_sides, match

if TYPE_CHECKING:
    from recon_exporter.domain.fill_match import FillMatch

ONE, TWO = make_fill("t1"), make_fill("t2", "-0.25")


def judged(found: FillMatch | UnverifiedSide | None, **changes: object) -> CheckResult:
    sides = replace(make_sides(fills=found), terms=make_side_terms(**changes))
    return CHECK.judge(replace(make_evidence(), sides=sides))


def discrepancy(ours: Fill, theirs: Fill) -> Discrepancy:
    (found,) = differences_of(match(make_fills(ours), make_fills(theirs)), make_side_terms()).discrepancies
    return found


def test_missing_fill_is_a_critical_break_that_names_it() -> None:
    result = judged(match(make_fills(ONE), make_fills(ONE, TWO)))

    assert result.differences is not None
    (found,) = result.differences.discrepancies
    assert (found.type, found.check, found.item, found.happened_at) == (
        BreakType.FILL_MISSING_IN_LEDGER,
        "fills",
        "t2",
        TWO.at,
    )
    assert (found.ledger_quantity, found.venue_quantity, found.difference) == (None, TWO.quantity, Decimal("0.25"))
    assert (found.exposure, found.severity, found.auto_halt) == (Decimal(15000), Severity.CRITICAL, False)
    assert [(one.message, one.severity) for one in result.findings] == [("fill_missing_in_ledger", Severity.CRITICAL)]
    assert "t2" in str(result.findings[0].details["examples"])


@pytest.mark.parametrize(
    ("changes", "gap", "exposure", "severity"),
    [
        ({"quantity": Decimal("0.51")}, "0.01", "600", Severity.WARNING),
        ({"quantity": Decimal("0.6")}, "0.1", "6000", Severity.CRITICAL),
        ({"quantity": Decimal("-0.5")}, "-1.0", "60000", Severity.CRITICAL),
        ({"price": Decimal(60010)}, "10", "5", Severity.WARNING),
        ({"price": Decimal(63000)}, "3000", "1500", Severity.CRITICAL),
        ({"fees": (Fee("USDT", Decimal("0.15")),)}, "0.10", "0.10", Severity.WARNING),
        ({"fees": (Fee("BTC", Decimal("0.1")), Fee("USDT", Decimal("0.05")))}, "0.1", "6000", Severity.CRITICAL),
    ],
)
def test_break_tells_difference_exposure_and_severity(
    changes: dict[str, object], gap: str, exposure: str, severity: Severity
) -> None:
    found = discrepancy(replace(ONE, **changes), ONE)  # type: ignore[arg-type]

    assert (found.difference, found.exposure, found.severity) == (Decimal(gap), Decimal(exposure), severity)


def test_fees_of_two_assets_have_no_one_difference_and_unknown_worth_is_told_as_unknown() -> None:
    found = discrepancy(replace(ONE, fees=(Fee("BGB", Decimal(1)),)), ONE)

    assert (found.type, found.difference, found.exposure, found.severity) == (
        BreakType.FILL_FEE,
        None,
        None,
        Severity.WARNING,
    )


def test_quantity_of_unknown_worth_is_critical() -> None:
    odd = replace(ONE, symbol="BTC-PERPETUAL")

    found = discrepancy(replace(odd, quantity=Decimal("0.51")), odd)

    assert (found.exposure, found.severity) == (None, Severity.CRITICAL)


def test_other_leg_counts_as_lacking_all_of_it() -> None:
    found = discrepancy(replace(ONE, leg="long"), replace(ONE, leg="short"))

    assert (found.leg, found.difference, found.severity) == ("short", Decimal("-0.5"), Severity.CRITICAL)


def test_size_of_a_price_break_is_what_it_comes_to() -> None:
    assert discrepancy(replace(ONE, price=Decimal(60010)), ONE).size == Decimal("5.0")


def test_break_is_the_same_whatever_its_amount_and_another_for_another_fill() -> None:
    first, larger = (discrepancy(replace(ONE, quantity=Decimal(text)), ONE) for text in ("0.6", "0.7"))
    other = discrepancy(replace(TWO, quantity=Decimal(1)), TWO)

    assert first.identity == larger.identity != other.identity


def test_side_that_could_not_be_read_is_unverified_and_says_nothing_of_breaks() -> None:
    result = judged(UnverifiedSide("venue", Unverified(Reason.RATE_LIMITED, "asked too often")))

    assert (result.status, result.differences) == (CheckStatus.UNVERIFIED, None)


def test_check_is_off_where_no_source_tells_fills() -> None:
    assert judged(None).status is CheckStatus.DISABLED


def test_mass_of_differences_is_a_source_gone_wrong() -> None:
    found = match(make_fills(), make_fills(ONE, TWO))

    result = judged(found, mass_limit=1)

    assert (result.unverified is not None and result.unverified.reason, result.differences) == (Reason.MASS_BREAK, None)
    assert judged(found, mass_limit=2).status is CheckStatus.CRITICAL


def test_standing_break_outside_the_window_is_not_judged() -> None:
    standing = discrepancy(replace(ONE, quantity=Decimal(1)), ONE)
    clean = differences_of(match(make_fills(ONE), make_fills(ONE)), make_side_terms())
    span = {"since": NOW, "until": NOW + HOUR}
    later = differences_of(match(make_fills(**span), make_fills(**span)), make_side_terms())

    assert clean.has_judged(standing)
    assert not later.has_judged(standing)
    assert not clean.has_judged(replace(standing, happened_at=None))


def test_standing_break_of_a_fee_is_not_judged_by_a_side_that_tells_none() -> None:
    standing = discrepancy(replace(ONE, fees=()), ONE)
    without = differences_of(match(make_fills(replace(ONE, fees=None)), make_fills(ONE)), make_side_terms())

    assert not without.has_judged(standing)
    assert without.fills is not None
    assert without.fills.without_fees == 1


def test_standing_break_of_a_price_is_not_judged_while_the_quantity_of_the_order_differs() -> None:
    ours, theirs = make_fill("row", order_id="o1"), make_fill("t1", order_id="o1")
    priced = match(make_fills(replace(ours, price=Decimal(1)), grain=Grain.ORDER), make_fills(theirs))
    short = match(make_fills(replace(ours, quantity=Decimal(1)), grain=Grain.ORDER), make_fills(theirs))
    (standing,) = differences_of(priced, make_side_terms()).discrepancies

    assert standing.type is BreakType.FILL_PRICE
    assert not differences_of(short, make_side_terms()).has_judged(standing)


def test_break_that_the_ledger_repairs_hours_later_is_judged_though_the_window_has_passed() -> None:
    matcher = FillMatcher(BOT, make_side_terms())
    (standing,) = differences_of(fed(matcher, make_fills(), make_fills(ONE)), make_side_terms()).discrepancies
    since, until = NOW + HOUR, NOW + 3 * HOUR
    booked = replace(ONE, at=NOW + 2 * HOUR)

    late = fed(matcher, make_fills(booked, since=since, until=until), make_fills(since=since, until=until))

    assert differences_of(late, make_side_terms()).has_judged(standing)


def test_fills_that_nobody_can_judge_are_a_warning_and_no_break() -> None:
    bare = replace(ONE, fill_id="", order_id=None, client_order_id=None)

    result = judged(match(make_fills(bare), make_fills()))

    assert [(one.message, one.severity) for one in result.findings] == [("fills_not_comparable", Severity.WARNING)]
    assert result.differences is not None
    assert result.differences.discrepancies == ()


def test_span_that_was_never_read_is_told_until_the_end_of_the_day() -> None:
    matcher = FillMatcher(BOT, make_side_terms(), judged_until=NOW - 5 * HOUR)

    (finding,) = judged(fed(matcher, make_fills(), make_fills())).findings

    assert (finding.message, finding.step_at) == ("fills_not_judged", NOW - 3 * HOUR + 1 * MINUTE)


def test_counts_are_of_the_window_that_was_judged() -> None:
    young = make_fill("t9", at=NOW)

    differences = differences_of(match(make_fills(ONE), make_fills(ONE, young)), make_side_terms())

    assert differences.fills is not None
    assert (differences.fills.ledger, differences.fills.venue, differences.fills.deferred) == (1, 1, 1)


def test_canary_is_found_with_both_its_kinds() -> None:
    result = CHECK.judge(CHECK.canary(datetime(2026, 3, 6, 23, tzinfo=UTC)).evidence)  # type: ignore[union-attr]

    assert {one.message for one in result.findings} == {"fill_missing_in_ledger", "fill_price_differs"}
