"""Balance: ranges, the identity of equity and balances, and equity that jumps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from recon_exporter.checks.balance import judge
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
    make_rowless_book,
    make_rows,
    only,
    reason,
)

BOT3 = {
    "mid": "68064.865",
    "base_balance": "1.0",
    "quote_balance": "10000.0",
    "equity_quote": "78064.865",
    "base_pct": "0.8719013989199879",
}
BOT1 = {
    "equity_quote": "500.0",
    "base_balance": "0",
    "quote_balance": "1.0",
    "mid": "64089.65",
    "base_pct": "0",
}
COLUMNS = ("equity_quote", "base_pct", "mid", "base_balance", "quote_balance")


def test_equity_that_its_balances_are_worth_is_ok() -> None:
    result = judge(make_evidence(make_book(*make_rows(BOT3))))

    assert result.status is CheckStatus.OK
    assert result.measures == {
        Measure.EQUITY: Decimal("78064.865"),
        Measure.BASE_LEDGER: Decimal("0.8719013989199879"),
        Measure.IDENTITY_ERROR: Decimal(0),
    }


@pytest.mark.parametrize("connector", ["bitget_perpetual", "bitget"])
def test_equity_of_500_beside_balances_worth_1_breaks_the_identity(connector: str) -> None:
    (row,) = make_rows(BOT1)
    result = judge(make_evidence(make_book(replace(row, connector=connector))))

    assert codes(result) == ["balance_identity_broken"]
    assert only(result).details["balances_worth"] == Decimal("1.0")
    assert result.measures[Measure.IDENTITY_ERROR] == Decimal("0.998")


@pytest.mark.parametrize(
    ("equity", "expected"), [("0", ["equity_non_positive"]), ("-1", ["equity_non_positive"]), ("0.01", [])]
)
def test_equity_must_be_positive(equity: str, expected: list[str]) -> None:
    row = make_row(equity_quote=equity, base_balance="0", quote_balance=equity, base_pct="0")

    assert codes(judge(make_evidence(make_book(row)))) == expected


@pytest.mark.parametrize(
    ("connector", "base_pct", "expected"),
    [
        ("bitget", "0", []),
        ("bitget", "1", []),
        ("bitget", "1.0001", ["base_pct_out_of_range"]),
        ("bitget", "-0.0001", ["base_pct_out_of_range"]),
        ("bitget_perpetual", "3.5", []),
        ("binance_perpetual_testnet", "3.5", []),
        ("bitget_perpetual", "-0.0001", ["base_pct_out_of_range"]),
    ],
)
def test_base_share_stays_in_its_range_and_only_a_perpetual_may_exceed_one(
    connector: str, base_pct: str, expected: list[str]
) -> None:
    book = make_book(make_row(connector=connector, base_pct=base_pct))

    assert codes(judge(make_evidence(book))) == expected


@pytest.mark.parametrize(("equity", "expected"), [("100100", []), ("100100.2", ["balance_identity_broken"])])
def test_identity_is_broken_only_beyond_its_tolerance(equity: str, expected: list[str]) -> None:
    policy = make_policy(identity_tolerance="0.001")
    row = make_row(equity_quote=equity, base_pct="0.5")

    assert codes(judge(make_evidence(make_book(row), policy=policy))) == expected


def test_identity_error_exactly_at_the_tolerance_is_allowed() -> None:
    policy = make_policy(identity_tolerance="0.5")
    row = make_row(equity_quote="200000")

    assert judge(make_evidence(make_book(row), policy=policy)).status is CheckStatus.OK


@pytest.mark.parametrize("equity", ["50000", "100000"])
def test_open_perpetual_position_may_show_either_form_of_equity(equity: str) -> None:
    result = judge(make_evidence(make_book(make_row(connector="bitget_perpetual", equity_quote=equity))))

    assert result.status is CheckStatus.OK
    assert result.measures[Measure.IDENTITY_ERROR] == 0


def test_unrealised_profit_of_an_open_perpetual_position_is_not_judged() -> None:
    result = judge(make_evidence(make_book(make_row(connector="bitget_perpetual", equity_quote="51234"))))

    assert result.status is CheckStatus.OK
    assert Measure.IDENTITY_ERROR not in result.measures


def test_empty_account_keeps_its_identity() -> None:
    row = make_row(equity_quote="0", base_balance="0", quote_balance="0", base_pct="0")
    result = judge(make_evidence(make_book(row)))

    assert codes(result) == ["equity_non_positive"]
    assert result.measures[Measure.IDENTITY_ERROR] == 0


@pytest.mark.parametrize("column", COLUMNS)
def test_missing_number_is_unverified_and_no_false_critical(column: str) -> None:
    result = judge(make_evidence(make_book(*make_rows({column: None}))))

    assert (codes(result), reason(result)) == ([], Reason.INPUT_MISSING)
    assert Measure.IDENTITY_ERROR not in result.measures


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("text", ["nan", "inf", "abc"])
def test_malformed_number_is_unverified(column: str, text: str) -> None:
    result = judge(make_evidence(make_book(*make_rows({column: Malformed(text, "minute.csv line 9")}))))

    assert (codes(result), reason(result)) == ([], Reason.SOURCE_MALFORMED)


def test_number_out_of_range_is_found_beside_a_missing_one() -> None:
    result = judge(make_evidence(make_book(make_row(equity_quote="-5", mid=None))))

    assert (codes(result), reason(result)) == (["equity_non_positive"], Reason.INPUT_MISSING)


def test_file_without_a_readable_row_is_a_finding_and_unverified() -> None:
    result = judge(make_evidence(make_rowless_book()))

    assert only(result).message == "missing_minute_snapshot"
    assert only(result).severity == "warning"
    assert result.status is CheckStatus.UNVERIFIED


def test_file_of_rows_in_the_future_is_not_without_rows() -> None:
    result = judge(make_evidence(make_rowless_book(future_at=NOW + timedelta(days=1))))

    assert (codes(result), reason(result)) == ([], Reason.TIME_IN_FUTURE)


def test_fall_on_a_switch_of_connector_is_a_discontinuity() -> None:
    before = make_row(
        NOW - MINUTE, connector="bitget_paper_trade", equity_quote="7879", quote_balance="7879", base_balance="0"
    )
    after = make_row(
        NOW, connector="bitget_perpetual", equity_quote="1.0", quote_balance="1.0", base_balance="0", base_pct="0"
    )
    finding = only(judge(make_evidence(make_book(before, after))))

    assert (finding.severity, finding.message, finding.step_at) == ("critical", "equity_discontinuity", NOW)
    assert finding.details["jump"] == Decimal("-7878.0")
    assert finding.details["connector_changed"] is True
    assert finding.details["previous_at"] == NOW - MINUTE


def test_equity_of_1_that_becomes_500_is_a_discontinuity() -> None:
    rows = make_rows({**BOT1, "equity_quote": "1.0"}, BOT1)

    assert "equity_discontinuity" in codes(judge(make_evidence(make_book(*rows))))


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ({"equity_quote": "105000", "quote_balance": "55000"}, []),
        ({"equity_quote": "105000.01", "quote_balance": "55000.01"}, ["equity_discontinuity"]),
        ({"equity_quote": "94999.99", "quote_balance": "44999.99"}, ["equity_discontinuity"]),
        ({"equity_quote": "120000", "mid": "70000"}, []),
        ({"equity_quote": "126000.01", "mid": "70000", "quote_balance": "56000.01"}, ["equity_discontinuity"]),
        ({"equity_quote": "94000", "quote_balance": "44000", "fees_paid_today_quote": "1010"}, []),
        ({"equity_quote": "94000", "quote_balance": "44000", "funding_cost_today_quote": "1000"}, []),
        ({"equity_quote": "120000", "quote_balance": "70000", "mid": None}, ["equity_discontinuity"]),
    ],
)
def test_equity_may_move_as_far_as_price_fees_and_funding_explain(
    later: dict[str, Number], expected: list[str]
) -> None:
    rows = make_rows({"funding_cost_today_quote": "0"}, {"funding_cost_today_quote": "0", **later})

    assert codes(judge(make_evidence(make_book(*rows)))) == expected


def test_price_moves_the_whole_position_of_a_perpetual() -> None:
    account = {"base_balance": "0", "equity_quote": "10000", "quote_balance": "10000", "base_pct": "5"}
    after = {**account, "mid": "40000", "equity_quote": "800", "quote_balance": "800", "base_pct": "50"}
    rows = make_rows(account, after)
    spot = judge(make_evidence(make_book(*rows)))
    perpetual = judge(make_evidence(make_book(*(replace(row, connector="bitget_perpetual") for row in rows))))

    assert "equity_discontinuity" in codes(spot)
    assert "equity_discontinuity" not in codes(perpetual)


def test_prices_of_two_trading_pairs_explain_nothing() -> None:
    rows = (
        make_row(NOW - MINUTE, trading_pair="BTC-USDT"),
        make_row(NOW, trading_pair="ETH-USDT", mid="2500", equity_quote="52500"),
    )
    finding = only(judge(make_evidence(make_book(*rows))))

    assert finding.message == "equity_discontinuity"
    assert finding.details["trading_pair_changed"] is True


def test_counter_that_begins_anew_explains_only_what_it_shows() -> None:
    rows = make_rows(
        {"fees_paid_today_quote": "9000"},
        {"fees_paid_today_quote": "0", "equity_quote": "94000", "quote_balance": "44000"},
    )

    assert codes(judge(make_evidence(make_book(*rows)))) == ["equity_discontinuity"]


def test_step_across_midnight_is_examined() -> None:
    midnight = NOW.replace(hour=0)
    book = make_book(
        make_row(midnight, equity_quote="1", base_balance="0", quote_balance="1", base_pct="0"),
        previous=make_row(midnight - MINUTE),
    )

    assert codes(judge(make_evidence(book, now=midnight))) == ["equity_discontinuity"]


def test_every_new_row_is_examined_and_rows_without_equity_are_bridged() -> None:
    low = {"equity_quote": "10000", "quote_balance": "10000", "base_balance": "0", "base_pct": "0"}
    rows = make_rows({}, low, {"equity_quote": None}, {}, {})
    findings = judge(make_evidence(make_book(*rows))).findings

    assert [finding.step_at for finding in findings] == [rows[1].at, rows[3].at]
    assert findings[1].details["previous_at"] == rows[1].at


def test_first_row_ever_has_no_step() -> None:
    assert judge(make_evidence(make_book(make_row()))).status is CheckStatus.OK


def test_row_before_without_equity_gives_no_step() -> None:
    book = make_book(make_row(), previous=make_row(NOW - MINUTE, equity_quote=None))

    assert judge(make_evidence(book)).status is CheckStatus.OK


def test_stale_row_withholds_its_verdict_but_not_what_happened_between_rows() -> None:
    rows = make_rows({}, {"equity_quote": "-5"}, until=NOW - 10 * MINUTE)
    result = judge(make_evidence(make_book(*rows)))

    assert (codes(result), reason(result)) == (["equity_discontinuity"], Reason.SOURCE_STALE)
    assert result.measures == {}


def test_damage_of_today_leaves_the_check_unverified_beside_what_it_sees() -> None:
    damage = (Damage("minute", "equity_quote", "minute.csv line 3", "nan"),)
    result = judge(make_evidence(make_book(make_row(base_pct="2"), damage=damage)))

    assert (codes(result), reason(result)) == (["base_pct_out_of_range"], Reason.SOURCE_MALFORMED)


def test_unreadable_book_is_unverified() -> None:
    assert reason(judge(make_evidence(UNREADABLE))) is Reason.SOURCE_UNREADABLE
