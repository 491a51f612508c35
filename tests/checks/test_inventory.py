"""Inventory: drift of base_pct from its target, at, above and below the thresholds."""

from __future__ import annotations

from decimal import Decimal

import pytest

from recon_exporter.checks.inventory import judge
from recon_exporter.domain.finding import CheckStatus, Measure, Reason
from recon_exporter.domain.policy import BotPolicy, Origin
from recon_exporter.domain.statement import Damage, Malformed
from support.evidence import (
    MINUTE,
    MISSING,
    NOW,
    codes,
    make_book,
    make_evidence,
    make_policy,
    make_row,
    make_rowless_book,
    make_rows,
    only,
    reason,
)


def wide(origin: Origin = Origin.DEFAULTS) -> BotPolicy:
    return make_policy(origin=origin, inventory_warn="0.40", inventory_critical="0.55")


def test_share_at_its_target_is_ok() -> None:
    result = judge(make_evidence())

    assert result.status is CheckStatus.OK
    assert result.measures == {Measure.INVENTORY_DRIFT: Decimal(0), Measure.BASE_TARGET: Decimal("0.5")}


@pytest.mark.parametrize(
    ("base", "target", "code"),
    [
        ("1.15", "0.5", "inventory_drift_critical"),
        ("1.0295828112042212", "0.5", "inventory_drift_warning"),
        ("1299.127935", "0.5", "inventory_drift_critical"),
    ],
)
def test_drift_beyond_a_threshold_is_found(base: str, target: str, code: str) -> None:
    book = make_book(make_row(base_pct=base, target_base_pct=target))
    result = judge(make_evidence(book, policy=wide()))

    assert codes(result) == [code]
    assert result.measures[Measure.INVENTORY_DRIFT] == Decimal(base) - Decimal(target)


def test_finding_shows_the_drift_and_the_thresholds_with_their_origin() -> None:
    book = make_book(make_row(base_pct="1299.127935"))
    finding = only(judge(make_evidence(book, policy=wide(Origin.BOT))))

    assert finding.details == {
        "drift": Decimal("1298.627935"),
        "base_pct": Decimal("1299.127935"),
        "target_base_pct": Decimal("0.5"),
        "warn_threshold": Decimal("0.40"),
        "critical_threshold": Decimal("0.55"),
        "warn_origin": "bot",
        "critical_origin": "bot",
    }
    assert finding.step_at is None


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("0.7499999999", []),
        ("0.75", ["inventory_drift_warning"]),
        ("0.9499999999", ["inventory_drift_warning"]),
        ("0.95", ["inventory_drift_critical"]),
    ],
)
def test_drift_equal_to_a_threshold_counts(base: str, expected: list[str]) -> None:
    assert codes(judge(make_evidence(make_book(make_row(base_pct=base))))) == expected


@pytest.mark.parametrize("column", ["base_pct", "target_base_pct"])
def test_missing_number_is_unverified_and_never_drift_zero(column: str) -> None:
    result = judge(make_evidence(make_book(*make_rows({column: None}))))

    assert (result.status, reason(result)) == (CheckStatus.UNVERIFIED, Reason.INPUT_MISSING)
    assert result.measures == {}


@pytest.mark.parametrize("column", ["base_pct", "target_base_pct"])
def test_malformed_number_is_unverified_and_names_its_place(column: str) -> None:
    rows = make_rows({column: Malformed("nan", "minute.csv line 7")})
    result = judge(make_evidence(make_book(*rows)))

    assert result.unverified is not None
    assert result.unverified.reason is Reason.SOURCE_MALFORMED
    assert result.unverified.detail == f"minute.csv line 7: {column} is 'nan'"


def test_drift_below_the_target_counts_as_much_as_above() -> None:
    assert codes(judge(make_evidence(make_book(make_row(base_pct="0"))))) == ["inventory_drift_critical"]


def test_number_missing_in_an_older_row_is_no_obstacle() -> None:
    rows = (make_row(NOW - MINUTE, target_base_pct=None), make_row(NOW))

    assert judge(make_evidence(make_book(*rows))).status is CheckStatus.OK


def test_switched_off_check_is_disabled() -> None:
    book = make_book(make_row(base_pct="0"))
    result = judge(make_evidence(book, policy=make_policy(inventory_check_enabled=False)))

    assert (result.status, result.findings) == (CheckStatus.DISABLED, ())


def test_missing_bot_is_unverified() -> None:
    assert reason(judge(make_evidence(MISSING))) is Reason.SOURCE_MISSING


def test_file_without_rows_is_unverified() -> None:
    assert reason(judge(make_evidence(make_rowless_book()))) is Reason.INPUT_MISSING


def test_file_of_which_every_line_is_damaged_is_unverified() -> None:
    damage = (Damage("minute", None, "minute.csv line 2", "garbage"),)

    assert reason(judge(make_evidence(make_rowless_book(damage=damage)))) is Reason.SOURCE_MALFORMED


def test_stale_row_withholds_the_verdict_even_for_a_critical_drift() -> None:
    book = make_book(make_row(NOW - 4 * MINUTE, base_pct="0"))
    result = judge(make_evidence(book))

    assert (reason(result), result.findings, result.measures) == (Reason.SOURCE_STALE, (), {})


def test_row_ahead_of_the_clock_withholds_the_verdict() -> None:
    result = judge(make_evidence(make_book(make_row(base_pct="0"), future_at=NOW + 5 * MINUTE)))

    assert (reason(result), result.findings) == (Reason.TIME_IN_FUTURE, ())


@pytest.mark.parametrize("field", [None, "base_pct", "target_base_pct"])
def test_damage_of_today_leaves_the_check_unverified_beside_what_it_sees(field: str | None) -> None:
    damage = (Damage("minute", field, "minute.csv line 3", "inf"),)
    result = judge(make_evidence(make_book(make_row(base_pct="0"), damage=damage)))

    assert (result.status, reason(result)) == (CheckStatus.UNVERIFIED, Reason.SOURCE_MALFORMED)
    assert codes(result) == ["inventory_drift_critical"]


@pytest.mark.parametrize(("source", "field"), [("minute", "mid"), ("fills", None), ("events", None)])
def test_damage_elsewhere_is_no_obstacle(source: str, field: str | None) -> None:
    damage = (Damage(source, field, "somewhere", "inf"),)

    assert judge(make_evidence(make_book(damage=damage))).status is CheckStatus.OK
