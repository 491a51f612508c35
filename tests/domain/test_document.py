"""The report as JSON: every key of the original, exact digits, nothing unknown shown as a number."""

from __future__ import annotations

import json
import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.domain.document import DocumentContext, report_document, to_json
from recon_exporter.domain.finding import Finding, Reason, Severity, Unverified
from recon_exporter.domain.report import Status
from recon_exporter.domain.statement import Malformed
from support.evidence import NOW, make_row
from support.reports import (
    CHECKS,
    broken_report,
    healthy_report,
    make_finding,
    make_report,
    make_result,
    make_verdict,
)

CONTEXT = DocumentContext(
    exchange_source_enabled=True,
    exchange_snapshot_path="reports/exchange_snapshots/latest.json",
    thresholds_path="config/reconciliation_thresholds.json",
    exporter_version="1.2.3",
)
ORIGINAL_KEYS = [
    "ts_utc",
    "checked_bots",
    "status",
    "critical_count",
    "warning_count",
    "exchange_source_enabled",
    "exchange_snapshot_path",
    "thresholds_path",
    "accounting_snapshots",
    "findings",
]
ORIGINAL_SNAPSHOT_KEYS = [
    "bot",
    "exchange",
    "trading_pair",
    "mid",
    "equity_quote",
    "base_balance",
    "quote_balance",
    "fees_paid_today_quote",
    "funding_paid_today_quote",
    "daily_loss_pct",
    "drawdown_pct",
    "fee_source",
]

decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


def read_back(text: str) -> dict[str, object]:
    document = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    assert isinstance(document, dict)
    return document


@given(json_values)
def test_text_is_laid_out_as_the_standard_library_does(value: object) -> None:
    assert to_json(value) == json.dumps(value, indent=2)


@given(decimals)
def test_decimals_keep_every_digit(value: Decimal) -> None:
    assert json.loads(to_json(value), parse_float=Decimal, parse_int=Decimal) == value


@given(st.datetimes(timezones=st.timezones()))
def test_times_are_utc_with_microseconds(at: datetime) -> None:
    text = json.loads(to_json(at))

    assert text.endswith("+00:00")
    assert len(text) == len("2026-03-06T12:00:00.000000+00:00")
    assert datetime.fromisoformat(text) == at.astimezone(UTC)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("-Infinity"), float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_refused(value: Decimal | float) -> None:
    with pytest.raises(ValueError, match="not a finite number"):
        to_json({"drift": value})


def test_word_of_an_enumeration_is_written_as_its_text() -> None:
    assert to_json({"origin": Status.OK}) == '{\n  "origin": "ok"\n}'


def test_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        to_json(NOW.replace(tzinfo=None))


def test_type_that_json_does_not_know_is_refused() -> None:
    with pytest.raises(TypeError, match="timedelta"):
        to_json([timedelta(1)])


def test_every_key_of_the_original_report_is_kept_and_comes_first() -> None:
    document = report_document(healthy_report(), CONTEXT)

    assert list(document)[: len(ORIGINAL_KEYS)] == ORIGINAL_KEYS


def test_counts_and_status_of_a_report_with_findings() -> None:
    document = report_document(broken_report(), CONTEXT)

    assert document["status"] == "critical"
    assert (document["critical_count"], document["warning_count"]) == (2, 3)
    assert (document["checked_bots"], document["expected_bots"]) == (4, 4)


def test_finding_has_the_keys_of_the_original_and_when_it_was_first_seen() -> None:
    finding = Finding(Severity.WARNING, "inventory", "inventory_drift_warning", "bot1", {"drift": Decimal("0.30")})
    report = make_report(make_verdict("bot1", make_result("inventory", finding)), at=NOW)
    earlier = NOW - timedelta(hours=2)
    report = replace(report, first_seen={finding.identity: earlier})

    assert read_back(to_json(report_document(report, CONTEXT)))["findings"] == [
        {
            "severity": "warning",
            "check": "inventory",
            "message": "inventory_drift_warning",
            "bot": "bot1",
            "details": {"drift": Decimal("0.3")},
            "first_seen": "2026-03-06T10:00:00.000000+00:00",
        }
    ]


def test_findings_are_sorted_by_bot_check_and_code() -> None:
    document = report_document(broken_report(), CONTEXT)
    order = [(found["bot"], found["check"], found["message"]) for found in document["findings"]]

    assert order == sorted(order)
    assert len(order) == 5


def test_every_bot_and_check_has_its_line() -> None:
    document = report_document(broken_report(), CONTEXT)

    assert len(document["checks"]) == 5 * len(CHECKS)
    assert {check["status"] for check in document["checks"]} == {"ok", "warning", "critical", "unverified", "disabled"}


def test_unverified_check_says_why_also_beside_a_finding() -> None:
    stale = Unverified(Reason.SOURCE_STALE, "4 days old")
    freshness = make_result("freshness", make_finding("freshness", "ledger_stale"), unverified=stale)
    document = report_document(make_report(make_verdict("bot1", freshness)), CONTEXT)

    lines = [check for check in document["checks"] if check["check"] == "freshness"]

    assert lines == [
        {
            "bot": "bot1",
            "check": "freshness",
            "status": "unverified",
            "reason": "source_stale",
            "detail": "4 days old",
        }
    ]
    assert document["unverified_count"] == 1


def test_disabled_check_is_not_counted_as_unverified() -> None:
    off = make_result("inventory", unverified=Unverified(Reason.SOURCE_MISSING, "gone"), enabled=False)
    document = report_document(make_report(make_verdict("bot1", off)), CONTEXT)

    assert document["unverified_count"] == 0
    assert {"bot": "bot1", "check": "inventory", "status": "disabled", "reason": None, "detail": None} in document[
        "checks"
    ]


def test_accounting_snapshot_has_the_keys_of_the_original() -> None:
    document = report_document(healthy_report(), CONTEXT)

    assert list(document["accounting_snapshots"][0])[: len(ORIGINAL_SNAPSHOT_KEYS)] == ORIGINAL_SNAPSHOT_KEYS


def test_number_that_is_missing_or_malformed_is_null_and_never_zero() -> None:
    row = make_row(mid=None, equity_quote=Malformed("abc", "minute.csv line 3"))
    verdict = replace(make_verdict("bot1"), newest=row)
    snapshot = report_document(make_report(verdict), CONTEXT)["accounting_snapshots"][0]

    assert (snapshot["mid"], snapshot["equity_quote"]) == (None, None)
    assert snapshot["funding_paid_today_quote"] is None


def test_funding_is_read_from_the_column_that_bots_write() -> None:
    verdict = replace(make_verdict("bot1"), newest=make_row(funding_cost_today_quote="-1.25"))
    snapshot = report_document(make_report(verdict), CONTEXT)["accounting_snapshots"][0]

    assert snapshot["funding_paid_today_quote"] == Decimal("-1.25")


def test_bot_taken_out_by_a_person_is_listed_as_disabled_without_accounting() -> None:
    document = report_document(broken_report(), CONTEXT)
    statuses = {bot["bot"]: bot["status"] for bot in document["bots"]}

    assert statuses["bot5"] == "disabled"
    assert "bot5" not in document["expected_bot_names"]
    assert "bot5" not in {snapshot["bot"] for snapshot in document["accounting_snapshots"]}


def test_effective_thresholds_stand_with_their_origin() -> None:
    document = report_document(broken_report(), CONTEXT)
    thresholds = {bot["bot"]: bot["thresholds"] for bot in document["bots"]}

    assert thresholds["bot1"]["inventory_critical"] == {"value": Decimal("0.55"), "origin": "bot"}
    assert thresholds["bot2"]["enabled"]["value"] is True
    assert len(thresholds["bot1"]) == 12


def test_synthetic_report_is_marked() -> None:
    assert report_document(replace(healthy_report(), synthetic=True), CONTEXT)["synthetic"] is True
    assert report_document(healthy_report(), CONTEXT)["synthetic"] is False


def test_status_unknown_is_written_as_such() -> None:
    blind = make_verdict("bot1", status=Status.UNKNOWN)
    document = report_document(make_report(blind, status=Status.UNKNOWN), CONTEXT)

    assert (document["status"], document["bots"][0]["status"]) == ("unknown", "unknown")


@given(st.text(alphabet=string.printable + "\u2028\x85é😀\ud800"))
def test_names_and_words_from_outside_are_read_back_unchanged(words: str) -> None:
    verdict = make_verdict(words, make_result("inventory", make_finding("inventory", "x", bot=words, why=words)))
    document = read_back(to_json(report_document(make_report(verdict), CONTEXT)))

    assert document["checked_bot_names"] == [words]


def test_text_is_plain_ascii_so_that_any_reader_can_take_it() -> None:
    assert to_json({"é": "\ud800 😀"}).isascii()


def test_zone_of_a_time_is_converted_not_dropped() -> None:
    at = datetime(2026, 3, 6, 14, 0, tzinfo=timezone(timedelta(hours=2)))

    assert to_json(at) == '"2026-03-06T12:00:00.000000+00:00"'
