"""Accounting: the fee counter between rows, across midnight and under rebates, and the rate that was paid."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from recon_exporter.checks.accounting import judge
from recon_exporter.domain.finding import CheckStatus, Measure, Reason
from recon_exporter.domain.statement import Damage, Malformed
from support.evidence import (
    MINUTE,
    NOW,
    UNREADABLE,
    Number,
    codes,
    make_book,
    make_evidence,
    make_policy,
    make_row,
    make_rows,
    only,
    reason,
)

MIDNIGHT = NOW.replace(hour=0)
DAY_FEES = "2.79500741191964"
COLUMNS = ("fees_paid_today_quote", "turnover_today_x", "equity_quote", "maker_fee_pct", "taker_fee_pct")


def fees(text: str, turnover: str = "0.1", fills: str = "2") -> dict[str, Number]:
    return {"fees_paid_today_quote": text, "turnover_today_x": turnover, "fills_count_today": fills}


def test_fees_that_grow_with_turnover_are_ok() -> None:
    result = judge(make_evidence(make_book(*make_rows(fees("10"), fees("20", "0.2")))))

    assert result.status is CheckStatus.OK
    assert result.measures == {Measure.FEES_PAID: 20, Measure.TURNOVER: Decimal("0.2")}


def test_negative_fees_are_critical() -> None:
    finding = only(judge(make_evidence(make_book(make_row(fees_paid_today_quote="-0.5")))))

    assert (finding.severity, finding.message, finding.step_at) == ("critical", "fees_paid_negative", None)


@pytest.mark.parametrize(("text", "expected"), [("-0.000001", []), ("-0.0000011", ["fees_paid_negative"])])
def test_fees_are_negative_only_beyond_rounding(text: str, expected: list[str]) -> None:
    assert codes(judge(make_evidence(make_book(make_row(fees_paid_today_quote=text))))) == expected


def test_negative_fees_of_a_paid_maker_are_ok() -> None:
    row = make_row(fees_paid_today_quote="-5", maker_fee_pct="-0.0001")

    assert judge(make_evidence(make_book(row))).status is CheckStatus.OK


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (DAY_FEES, "0.0", ["fees_counter_decreased_critical"]),
        ("10", "9.9", ["fees_counter_decreased_warning"]),
        ("10", "9.949", ["fees_counter_decreased_warning"]),
        ("10", "9.95", []),
        ("10", "9.80", ["fees_counter_decreased_warning"]),
        ("10", "9.7999", ["fees_counter_decreased_critical"]),
        ("10", "10", []),
    ],
)
def test_falling_fee_counter_is_found_strictly_beyond_its_thresholds(
    before: str, after: str, expected: list[str]
) -> None:
    assert codes(judge(make_evidence(make_book(*make_rows(fees(before), fees(after)))))) == expected


def test_finding_shows_the_step_and_the_thresholds_with_their_origin() -> None:
    rows = make_rows(fees("10"), fees("9"))
    finding = only(judge(make_evidence(make_book(*rows))))

    assert finding.step_at == rows[1].at
    assert finding.details == {
        "prev_fee": Decimal(10),
        "curr_fee": Decimal(9),
        "fee_delta": Decimal(-1),
        "previous_at": rows[0].at,
        "row_at": rows[1].at,
        "warn_threshold": Decimal("0.05"),
        "critical_threshold": Decimal("0.20"),
        "warn_origin": "defaults",
        "critical_origin": "defaults",
        "fee_drop_relative_floor": Decimal(0),
        "rebate_allowance": Decimal(0),
    }


@pytest.mark.parametrize(("after", "expected"), [("9", []), ("8.9", ["fees_counter_decreased_critical"]), ("9.7", [])])
def test_relative_floor_lifts_the_absolute_thresholds(after: str, expected: list[str]) -> None:
    policy = make_policy(fee_drop_relative_floor="0.1")

    assert codes(judge(make_evidence(make_book(*make_rows(fees("10"), fees(after))), policy=policy))) == expected


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ({"fees_paid_today_quote": "8.95", "turnover_today_x": "0.2"}, []),
        ({"fees_paid_today_quote": "8.94", "turnover_today_x": "0.2"}, ["fees_counter_decreased_warning"]),
        ({"fees_paid_today_quote": "8.79", "turnover_today_x": "0.2"}, ["fees_counter_decreased_critical"]),
        ({"fees_paid_today_quote": "9", "turnover_today_x": "0.1"}, ["fees_counter_decreased_critical"]),
        ({"fees_paid_today_quote": "9", "turnover_today_x": "0"}, ["fees_counter_decreased_critical"]),
    ],
)
def test_rebate_may_lower_the_counter_by_what_turnover_earned(after: dict[str, Number], expected: list[str]) -> None:
    paid: dict[str, Number] = {"maker_fee_pct": "-0.0001"}
    rows = make_rows({**fees("10"), **paid}, {**paid, **after})

    assert codes(judge(make_evidence(make_book(*rows)))) == expected


def test_same_fall_at_midnight_is_no_finding() -> None:
    before = make_row(MIDNIGHT - MINUTE, fees_paid_today_quote=DAY_FEES)
    book = make_book(make_row(MIDNIGHT, fees_paid_today_quote="0.0"), previous=before, closing=before)

    assert judge(make_evidence(book, now=MIDNIGHT)).status is CheckStatus.OK


def test_fall_on_a_switch_of_connector_is_another_counter() -> None:
    rows = (
        make_row(NOW - MINUTE, connector="bitget_paper_trade", fees_paid_today_quote="10"),
        make_row(NOW, connector="bitget", fees_paid_today_quote="1"),
    )

    assert judge(make_evidence(make_book(*rows))).status is CheckStatus.OK


@pytest.mark.parametrize(
    ("minutes", "late", "reset", "closing", "expected"),
    [
        (5, fees("5", "0.5", "9"), fees("0", "0", "0"), fees("5", "0.5", "9"), []),
        (30, fees("5.1", "0.6", "9"), fees("0.1", "0.1", "1"), fees("5", "0.5", "9"), []),
        (31, fees("5", "0.5", "9"), fees("0", "0", "0"), fees("5", "0.5", "9"), ["fees_counter_decreased_critical"]),
        (5, fees("4", "0.5", "9"), fees("0", "0", "0"), fees("5", "0.5", "9"), ["fees_counter_decreased_critical"]),
        (5, fees("5", "0.4", "9"), fees("0", "0", "0"), fees("5", "0.5", "9"), ["fees_counter_decreased_critical"]),
        (5, fees("5", "0.1", "9"), fees("0", "0.1", "9"), fees("5", "0.1", "9"), ["fees_counter_decreased_critical"]),
        (5, fees("5", "0.5", "9"), fees("0", "0", "0"), None, []),
        (5, fees("5", "0.5", "9"), fees("0", "0", "9"), None, ["fees_counter_decreased_critical"]),
        (
            5,
            fees("5", "0.5", "9"),
            fees("0", "0", "0"),
            {"turnover_today_x": None},
            ["fees_counter_decreased_critical"],
        ),
    ],
)
def test_deferred_rollover_is_tolerated_only_where_the_counters_went_on(
    minutes: int,
    late: dict[str, Number],
    reset: dict[str, Number],
    closing: dict[str, Number] | None,
    expected: list[str],
) -> None:
    now = MIDNIGHT + minutes * MINUTE
    rows = make_rows(late, reset, until=now)
    last = None if closing is None else make_rows(closing, until=MIDNIGHT - MINUTE)[0]
    book = make_book(*rows, closing=last)

    assert codes(judge(make_evidence(book, now=now))) == expected


@pytest.mark.parametrize(
    ("before", "after", "fee_source", "expected"),
    [
        (fees("10", "0.1"), fees("10", "0.1500001"), "profile", ["turnover_without_fee_accrual"]),
        (fees("10", "0.1"), fees("10", "0.15"), "profile", []),
        (fees("10", "0.1"), fees("10.01", "0.2"), "profile", []),
        (fees("10", "0.1"), fees("10", "0.2"), "", []),
        (fees("10", "0.1"), {**fees("10", "0.2"), "maker_fee_pct": "0"}, "profile", ["turnover_without_fee_accrual"]),
        (
            fees("10", "0.1"),
            {**fees("10", "0.2"), "maker_fee_pct": "0", "taker_fee_pct": "0"},
            "profile",
            [],
        ),
        (fees("10", "0.1"), {**fees("10", "0.2"), "maker_fee_pct": "-0.0001"}, "profile", []),
        (
            fees("10", "0.1"),
            fees("9.9", "0.2"),
            "profile",
            ["fees_counter_decreased_warning", "turnover_without_fee_accrual"],
        ),
        ({**fees("10"), "turnover_today_x": None}, fees("10", "0.2"), "profile", []),
    ],
)
def test_turnover_that_accrues_no_fees_is_found(
    before: dict[str, Number], after: dict[str, Number], fee_source: str, expected: list[str]
) -> None:
    rows = [replace(row, fee_source=fee_source) for row in make_rows(before, after)]

    assert codes(judge(make_evidence(make_book(*rows)))) == expected


def test_finding_on_turnover_shows_its_threshold() -> None:
    finding = only(judge(make_evidence(make_book(*make_rows(fees("10", "0.1"), fees("10", "0.2"))))))

    assert finding.severity == "warning"
    assert finding.step_at == NOW - MINUTE / 2
    assert finding.details["turnover_delta"] == Decimal("0.1")
    assert finding.details["warn_threshold"] == Decimal("0.05")
    assert finding.details["warn_origin"] == "defaults"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (fees("100", "1"), []),
        (fees("250", "1"), []),
        (fees("250.01", "1"), ["fee_rate_out_of_expected_band"]),
        (fees("40", "1"), []),
        (fees("39.99", "1"), ["fee_rate_out_of_expected_band"]),
        (fees("0", "0.25"), ["fee_rate_out_of_expected_band"]),
        (fees("0", "0.2499"), []),
        ({**fees("0", "1"), "maker_fee_pct": "0"}, []),
        ({**fees("-0.0000001", "1"), "maker_fee_pct": "0"}, []),
        ({**fees("100", "1"), "equity_quote": "-5"}, []),
    ],
)
def test_rate_paid_lies_within_the_band_around_maker_and_taker(changes: dict[str, Number], expected: list[str]) -> None:
    assert codes(judge(make_evidence(make_book(*make_rows(changes))))) == expected


def test_every_new_row_is_examined_against_the_row_before() -> None:
    rows = make_rows(fees("10"), fees("5"), fees("6"), fees("1"), fees("2"))
    findings = judge(make_evidence(make_book(*rows, previous=make_row(rows[0].at - MINUTE)))).findings

    assert [finding.step_at for finding in findings] == [rows[1].at, rows[3].at]


def test_row_without_fees_is_bridged() -> None:
    rows = make_rows(fees("10"), {"fees_paid_today_quote": None}, fees("5"))
    finding = only(judge(make_evidence(make_book(*rows))))

    assert (finding.details["previous_at"], finding.step_at) == (rows[0].at, rows[2].at)


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize(
    ("value", "why"), [(None, Reason.INPUT_MISSING), (Malformed("nan", "line 4"), Reason.SOURCE_MALFORMED)]
)
def test_number_that_is_not_known_is_unverified(column: str, value: Number, why: Reason) -> None:
    rows = make_rows({"fees_paid_today_quote": "-1", "turnover_today_x": "0.1", "maker_fee_pct": "-1", column: value})
    result = judge(make_evidence(make_book(*rows)))

    assert (codes(result), reason(result)) == ([], why)


def test_negative_fees_are_not_judged_while_the_makers_rate_is_unknown() -> None:
    row = make_row(fees_paid_today_quote="-5", maker_fee_pct=None)

    assert codes(judge(make_evidence(make_book(row)))) == []


def test_stale_bot_withholds_its_newest_row_but_not_what_happened_between_rows() -> None:
    rows = make_rows(fees("10"), fees("-1"), until=NOW - timedelta(hours=1))
    result = judge(make_evidence(make_book(*rows)))

    assert (codes(result), reason(result)) == (["fees_counter_decreased_critical"], Reason.SOURCE_STALE)
    assert result.measures == {}


def test_damage_of_today_leaves_the_check_unverified_beside_what_it_sees() -> None:
    damage = (Damage("minute", "fees_paid_today_quote", "minute.csv line 3", "nan"),)
    result = judge(make_evidence(make_book(*make_rows(fees("10"), fees("5")), damage=damage)))

    assert (codes(result), reason(result)) == (["fees_counter_decreased_critical"], Reason.SOURCE_MALFORMED)


def test_switched_off_check_is_disabled() -> None:
    book = make_book(*make_rows(fees("10"), fees("5")))
    result = judge(make_evidence(book, policy=make_policy(accounting_check_enabled=False)))

    assert (result.status, result.findings) == (CheckStatus.DISABLED, ())


def test_unreadable_book_is_unverified() -> None:
    assert reason(judge(make_evidence(UNREADABLE))) is Reason.SOURCE_UNREADABLE
