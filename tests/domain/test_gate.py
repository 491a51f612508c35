"""Promotion goes on only where a fresh report says of everything that it is in order."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from recon_exporter.domain.breaks import BreakType, Halt
from recon_exporter.domain.document import DocumentContext, report_document, to_json
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.gate import eod_refusals, report_refusals
from recon_exporter.domain.report import BlindFleet, Status
from support.eod_views import DOWN
from support.evidence import NOW
from support.positions import BOT, HOUR, make_break, make_discrepancy, make_missing
from support.reports import broken_report, healthy_report, make_finding, make_report, make_result, make_verdict

if TYPE_CHECKING:
    from recon_exporter.domain.report import Report

MAX_AGE = timedelta(minutes=20)
CONTEXT = DocumentContext(
    exchange_source_enabled=True, exchange_snapshot_path="", thresholds_path="", exporter_version="1"
)


def read_back(report: Report) -> dict[str, Any]:
    document = json.loads(to_json(report_document(report, CONTEXT)), parse_float=Decimal)
    assert isinstance(document, dict)
    return document


def refusals(document: object, age: timedelta = timedelta(0)) -> tuple[str, ...]:
    return report_refusals(document, NOW + age, MAX_AGE)


def test_fresh_clean_report_allows() -> None:
    assert refusals(read_back(healthy_report())) == ()


def test_warning_allows() -> None:
    drifting = make_verdict("bot1", make_result("inventory", make_finding("inventory", "inventory_drift_warning")))

    assert refusals(read_back(make_report(drifting))) == ()


def test_fleet_in_which_no_bot_was_found_refuses() -> None:
    blind = BlindFleet("second", Reason.SOURCE_MISSING, "data root nodata: No such file or directory")
    drifting = make_verdict("bot1", make_result("inventory", make_finding("inventory", "inventory_drift_warning")))
    report = replace(make_report(drifting, status=Status.WARNING), blind_fleets=(blind,))

    assert refusals(read_back(report)) == ("no bot found: second source_missing",)


def test_report_may_be_as_old_as_allowed_and_no_older() -> None:
    document = read_back(healthy_report())

    assert refusals(document, MAX_AGE) == ()
    assert refusals(document, MAX_AGE + timedelta(seconds=1)) == ("it is 1201 s old, allowed are 1200 s",)


def test_report_from_the_future_refuses() -> None:
    document = read_back(healthy_report())

    assert refusals(document, -timedelta(minutes=2)) == ()
    assert refusals(document, -timedelta(minutes=3)) == ("ts_utc 2026-03-06T12:00:00.000000+00:00 lies in the future",)


def test_every_critical_finding_and_blind_spot_is_named() -> None:
    told = refusals(read_back(broken_report()))

    assert "critical finding: bot1 inventory inventory_drift_critical" in told
    assert "critical finding: bot4 coverage expected_bot_missing" in told
    assert "unverified: bot2 inventory source_stale" in told


def test_missed_canary_refuses() -> None:
    document = read_back(replace(healthy_report(), canaries_missed=("inventory",)))

    assert refusals(document) == ("canary missed: inventory",)


def test_synthetic_report_refuses() -> None:
    document = read_back(replace(healthy_report(), synthetic=True))

    assert refusals(document) == ("it is not marked as a real report (synthetic is not false)",)


@pytest.mark.parametrize(
    "key", ["ts_utc", "synthetic", "findings", "checks", "critical_count", "unverified_count", "status"]
)
def test_report_that_leaves_out_what_counts_refuses(key: str) -> None:
    document = read_back(healthy_report())
    del document[key]

    assert len(refusals(document)) >= 1


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ts_utc", "yesterday"),
        ("ts_utc", "2026-03-06T12:00:00"),
        ("ts_utc", None),
        ("findings", {}),
        ("findings", [None]),
        ("findings", [{"severity": "dreadful"}]),
        ("checks", []),
        ("checks", [None]),
        ("checks", [{"bot": "bot1", "check": "balance", "status": "perhaps"}]),
        ("critical_count", 1),
        ("unverified_count", 1),
        ("status", "unknown"),
        ("status", "critical"),
        ("status", "splendid"),
        ("synthetic", "false"),
    ],
)
def test_report_that_contradicts_itself_or_is_odd_refuses(key: str, value: object) -> None:
    assert len(refusals({**read_back(healthy_report()), key: value})) >= 1


@pytest.mark.parametrize("document", [[], None, "ok", 3])
def test_what_is_no_object_refuses(document: object) -> None:
    assert refusals(document) == ("it is not a JSON object",)


def test_open_break_refuses_whatever_its_severity_and_an_accepted_one_does_not() -> None:
    warning = make_break(make_discrepancy(BreakType.PRICE_MISMATCH))
    accepted = replace(make_missing("MSFT"), accepted_until=NOW + HOUR)

    assert eod_refusals((warning, accepted), (), {}, NOW) == (f"{BOT}: 1 breaks are open and not accepted",)
    assert eod_refusals((accepted,), (), {}, NOW) == ()
    assert len(eod_refusals((accepted,), (), {}, NOW + HOUR)) == 1


def test_every_halt_refuses() -> None:
    halts = (Halt(BOT, "exposure", NOW, "too much", "confirmed"),)

    assert eod_refusals((), halts, {}, NOW) == (f"{BOT}: a halt is active (exposure)",)


def test_latest_run_without_verdict_refuses() -> None:
    assert eod_refusals((), (), {BOT: DOWN, "other": None}, NOW) == (f"{BOT}: unverified: venue_unreachable",)
