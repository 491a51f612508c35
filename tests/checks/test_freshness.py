"""Freshness: rows too old for their cadence, and times ahead of the clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recon_exporter.checks.freshness import judge
from recon_exporter.domain.finding import CheckStatus, Reason
from recon_exporter.domain.statement import Unavailable
from support.evidence import (
    MINUTE,
    MISSING,
    NOW,
    UNREADABLE,
    codes,
    make_account,
    make_book,
    make_evidence,
    make_policy,
    make_row,
    make_rowless_book,
    only,
    reason,
)

TICK = timedelta(microseconds=1)


def test_recent_row_is_ok() -> None:
    assert judge(make_evidence()).status is CheckStatus.OK


def test_bot_frozen_for_days_is_stale() -> None:
    finding = only(judge(make_evidence(make_book(make_row(NOW - timedelta(days=4))))))

    assert (finding.severity, finding.message) == ("warning", "ledger_stale")
    assert finding.details["newest_at"] == NOW - timedelta(days=4)
    assert finding.details["age_seconds"] == 4 * 86400


@pytest.mark.parametrize(("age", "expected"), [(3 * MINUTE, []), (3 * MINUTE + TICK, ["ledger_stale"])])
def test_row_is_stale_only_beyond_its_age(age: timedelta, expected: list[str]) -> None:
    assert codes(judge(make_evidence(make_book(make_row(NOW - age))))) == expected


@pytest.mark.parametrize(
    ("cadence", "minute_rows", "age", "expected"),
    [
        (5 * MINUTE, "3", 15 * MINUTE, []),
        (5 * MINUTE, "3", 16 * MINUTE, ["ledger_stale"]),
        (MINUTE, "2.5", timedelta(seconds=150), []),
        (MINUTE, "2.5", timedelta(seconds=151), ["ledger_stale"]),
    ],
)
def test_age_allowed_follows_cadence_and_policy(
    cadence: timedelta, minute_rows: str, age: timedelta, expected: list[str]
) -> None:
    book = make_book(make_row(NOW - age), cadence=cadence)

    assert codes(judge(make_evidence(book, policy=make_policy(minute_rows=minute_rows)))) == expected


def test_row_within_the_skew_is_not_in_the_future() -> None:
    assert judge(make_evidence(make_book(make_row(NOW + 2 * MINUTE)))).status is CheckStatus.OK


def test_newest_row_ahead_of_the_clock_is_found() -> None:
    finding = only(judge(make_evidence(make_book(make_row(NOW + 2 * MINUTE + TICK)))))

    assert (finding.severity, finding.message) == ("warning", "timestamp_in_future")
    assert finding.details == {"minute_at": NOW + 2 * MINUTE + TICK, "future_skew_seconds": 120}


def test_row_set_aside_for_its_time_is_found_beside_a_fresh_one() -> None:
    finding = only(judge(make_evidence(make_book(future_at=NOW + timedelta(hours=1)))))

    assert finding.message == "timestamp_in_future"
    assert finding.details["minute_at"] == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    "venue",
    [
        Unavailable(Reason.TIME_IN_FUTURE, "ts_utc is an hour ahead"),
        make_account(taken_at=NOW + timedelta(hours=1)),
    ],
)
def test_snapshot_ahead_of_the_clock_is_found(venue: Unavailable) -> None:
    finding = only(judge(make_evidence(venue=venue)))

    assert finding.message == "timestamp_in_future"
    assert "ahead" in str(finding.details["exchange_snapshot"])


def test_snapshot_ahead_of_the_clock_is_nobodys_business_where_none_is_configured() -> None:
    venue = Unavailable(Reason.TIME_IN_FUTURE, "ts_utc is an hour ahead")
    result = judge(make_evidence(venue=venue, policy=make_policy(exchange_source=False)))

    assert result.status is CheckStatus.OK


def test_missing_snapshot_is_not_a_matter_of_time() -> None:
    assert judge(make_evidence(venue=MISSING)).status is CheckStatus.OK


def test_ledger_and_snapshot_in_the_future_are_one_finding() -> None:
    venue = Unavailable(Reason.TIME_IN_FUTURE, "ts_utc is an hour ahead")
    finding = only(judge(make_evidence(make_book(future_at=NOW + timedelta(hours=1)), venue=venue)))

    assert set(finding.details) == {"minute_at", "exchange_snapshot", "future_skew_seconds"}


def test_stale_ledger_and_future_row_are_two_findings() -> None:
    book = make_book(make_row(NOW - timedelta(days=1)), future_at=NOW + timedelta(days=1))

    assert codes(judge(make_evidence(book))) == ["ledger_stale", "timestamp_in_future"]


def test_file_without_rows_is_unverified() -> None:
    assert reason(judge(make_evidence(make_rowless_book()))) is Reason.INPUT_MISSING


def test_file_with_only_future_rows_is_unverified_and_says_so() -> None:
    result = judge(make_evidence(make_rowless_book(future_at=NOW + timedelta(days=1))))

    assert (codes(result), reason(result)) == (["timestamp_in_future"], Reason.INPUT_MISSING)


def test_unreadable_book_is_unverified() -> None:
    assert reason(judge(make_evidence(UNREADABLE))) is Reason.SOURCE_UNREADABLE
