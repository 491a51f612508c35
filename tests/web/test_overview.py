"""The status page's numbers and words, before they become HTML."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter.domain.breaks import Halt
from recon_exporter.domain.finding import Detail, Finding, Reason, Severity
from recon_exporter.domain.report import BlindFleet
from recon_exporter.web.marks import LISTED_AT_MOST, age
from recon_exporter.web.overview import Overview, overview
from support.eod_views import make_bot
from support.eod_views import report as eod_report_of
from support.evidence import NOW
from support.reports import (
    HOSTILE,
    broken_report,
    healthy_report,
    large_report,
    make_finding,
    make_report,
    make_result,
    make_verdict,
)

if TYPE_CHECKING:
    from recon_exporter.domain.report import Report

MINUTE = timedelta(minutes=1)


def shown(report: Report, after: timedelta = timedelta(seconds=42)) -> Overview:
    return overview(report, NOW + after, MINUTE, lambda check, code: f"{check}/{code}")


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(seconds=-1), "in the future"),
        (timedelta(), "0 s"),
        (timedelta(seconds=59.9), "59 s"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(minutes=1, seconds=42), "1 min 42 s"),
        (timedelta(hours=2, minutes=5, seconds=59), "2 h 5 min"),
        (timedelta(days=4), "4 d"),
        (timedelta(days=4, hours=3, minutes=2), "4 d 3 h"),
    ],
)
def test_age_is_told_in_two_units(span: timedelta, text: str) -> None:
    assert age(span) == text


def test_worst_bots_come_first_and_those_taken_out_last() -> None:
    rows = shown(broken_report()).rows

    assert [row.bot for row in rows] == ["bot1", "bot4", "bot2", HOSTILE, "bot5"]
    assert [row.status.word for row in rows] == ["critical", "critical", "warning", "UNKNOWN", "taken out"]


def test_every_state_of_a_check_has_its_own_word() -> None:
    marks = {mark.word for row in shown(broken_report()).rows for mark in row.marks if mark is not None}

    assert marks == {"ok", "warning", "critical", "UNKNOWN", "off"}


def test_unverified_check_tells_its_reason_and_the_finding_beside_it() -> None:
    page = shown(broken_report())
    blind = next(row for row in page.rows if row.bot == "bot2")
    mark = blind.marks[page.checks.index("freshness")]

    assert mark is not None
    assert (mark.tone, mark.word, mark.notes) == ("unknown", "UNKNOWN", ("source_stale", "ledger_stale"))


def test_one_cause_of_blindness_is_one_line() -> None:
    page = shown(broken_report())

    assert [(row.bot, row.check) for row in page.blindness.rows if row.bot == "bot2"] == [
        ("bot2", "exchange_snapshot"),
        ("bot2", "freshness, inventory"),
    ]
    assert page.blindness.checks == 10


def test_source_that_is_down_is_not_usable_and_one_without_data_says_so() -> None:
    page = shown(broken_report())
    sources = {row.bot: dict(zip(page.sources, row.sources, strict=True)) for row in page.rows}

    stale, nothing, absent = sources["bot2"]["minute"], sources["bot4"]["exchange_snapshot"], sources["bot4"]["fills"]
    assert stale is not None
    assert (stale.tone, stale.word, stale.notes) == ("unknown", "4 d", ("not usable",))
    assert nothing is not None
    assert (nothing.tone, nothing.word) == ("unknown", "no data")
    assert absent is None


@pytest.mark.parametrize(("after", "is_stale"), [(4 * MINUTE, False), (4 * MINUTE + timedelta(seconds=1), True)])
def test_report_is_stale_once_three_cycles_should_have_followed(after: timedelta, is_stale: bool) -> None:  # noqa: FBT001
    assert shown(healthy_report(), after).is_stale is is_stale


def test_stale_report_proves_nothing() -> None:
    page = shown(broken_report(), timedelta(hours=1))

    words = {mark.word for row in page.rows for mark in (*row.marks, row.status, page.status) if mark is not None}
    assert words == {"UNKNOWN", "off", "taken out"}
    assert page.rows[0].status.notes == ("was critical",)
    assert {mark.tone for row in page.rows for mark in row.sources if mark is not None} == {"unknown"}


def test_findings_come_critical_first_with_age_details_and_runbook() -> None:
    listed = shown(broken_report()).findings

    assert [row.mark.word for row in listed] == ["critical", "critical", "warning", "warning", "warning"]
    assert (listed[0].since, listed[0].details, listed[0].runbook) == (
        "42 s",
        (("drift", "0.5"),),
        "inventory/inventory_drift_critical",
    )


def test_details_of_every_type_are_told_in_words() -> None:
    details: dict[str, Detail] = {
        "amount": Decimal("1E+3"),
        "at": NOW,
        "none": None,
        "flag": True,
        "orders": ("a", "b"),
        "nothing": (),
        "threshold": {"value": Decimal("0.50"), "origin": "bot"},
    }
    finding = Finding(Severity.WARNING, "inventory", "inventory_drift_warning", "bot1", details)
    listed = shown(make_report(make_verdict("bot1", make_result("inventory", finding)))).findings[0]

    assert dict(listed.details) == {
        "amount": "1000",
        "at": "2026-03-06T12:00:00+00:00",
        "none": "–",
        "flag": "True",
        "orders": "a, b",
        "nothing": "–",
        "threshold": "value=0.5, origin=bot",
    }


def test_long_lists_are_cut_and_the_rest_is_counted() -> None:
    page = shown(large_report((LISTED_AT_MOST + 5) * 10))

    assert (len(page.findings), page.findings_left_out) == (LISTED_AT_MOST, 5)


def test_missed_canaries_and_coverage_are_told() -> None:
    page = shown(replace(make_report(make_verdict("bot1")), canaries_missed=("inventory",), checked=()))

    assert (page.canaries_missed, page.expected, page.checked) == (("inventory",), 1, 0)


def test_fleet_in_which_no_bot_was_found_is_told() -> None:
    blind = BlindFleet("second", Reason.SOURCE_MISSING, "it holds no bot")
    page = shown(replace(make_report(make_verdict("bot1")), blind_fleets=(blind,)))

    assert page.blind_fleets == ("second (source_missing: it holds no bot)",)


def test_every_halt_that_stands_says_whether_anything_was_stopped() -> None:
    by_hand = Halt("swing-us", "exposure", NOW, "exposure 1200 USD is above 1000 USD", "none configured")
    by_action = replace(by_hand, reason="MISSING_IN_DB", detail="MISSING_IN_DB: MSFT", action="confirmed")

    page = shown(eod_report_of(make_bot(halts=(by_hand, by_action))))

    assert page.halts == (
        "swing-us: HALT REQUESTED (exposure), nothing was stopped: exposure 1200 USD is above 1000 USD",
        "swing-us: HALT REQUESTED (MISSING_IN_DB), the bot was told to stop: MISSING_IN_DB: MSFT",
    )
    assert shown(healthy_report()).halts == ()


@pytest.mark.parametrize("action", ["none configured", "pending", "failed: the address answered 500"])
def test_halt_of_which_no_action_was_confirmed_stopped_nothing(action: str) -> None:
    halt = Halt("swing-us", "exposure", NOW, "too much", action)

    assert halt.told == "HALT REQUESTED (exposure), nothing was stopped"


def test_finding_of_unknown_age_is_as_old_as_the_report() -> None:
    verdict = make_verdict("bot1", make_result("inventory", make_finding("inventory", "inventory_drift_warning")))

    assert shown(replace(make_report(verdict), first_seen={})).findings[0].since == "42 s"
