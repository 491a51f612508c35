"""When the webhook is told: once for each change, again after a while, *resolved* only on fresh and complete proof."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.domain.finding import CheckResult, Reason, Severity, Unverified
from recon_exporter.domain.memory import Notice, NoticeKind
from recon_exporter.domain.notice import decide_notice, notice_payload
from recon_exporter.domain.report import BlindFleet, Report, Status
from support.evidence import NOW
from support.reports import make_finding, make_report, make_result, make_verdict

if TYPE_CHECKING:
    from datetime import datetime

REPEAT = timedelta(hours=4)
MINUTE = timedelta(minutes=1)
DRIFT = make_finding("inventory", "inventory_drift_critical", Severity.CRITICAL, drift="0.6")
WARNING = make_finding("fill_parity", "fill_count_mismatch")
STALE = Unverified(Reason.SOURCE_STALE, "old")


def report(*results: CheckResult, at: datetime = NOW, status: Status = Status.OK) -> Report:
    return make_report(make_verdict("bot1", *results, status=status), status=status, at=at)


def critical(at: datetime = NOW) -> Report:
    return report(make_result("inventory", DRIFT), at=at, status=Status.CRITICAL)


def without_bots(at: datetime = NOW) -> Report:
    """A sound bot, beside a fleet in which none was found."""
    empty = BlindFleet("second", Reason.SOURCE_MISSING, "no bot")
    return replace(report(make_result("inventory"), at=at, status=Status.UNKNOWN), blind_fleets=(empty,))


def warning(at: datetime = NOW) -> Report:
    return report(make_result("fill_parity", WARNING), at=at, status=Status.WARNING)


def blind(check: str = "inventory", at: datetime = NOW) -> Report:
    return report(make_result(check, unverified=STALE), at=at, status=Status.UNKNOWN)


def decide(current: Report, previous: Notice | None = None, least: Severity = Severity.CRITICAL) -> Notice | None:
    return decide_notice(current, previous, least, REPEAT)


def told(current: Report, previous: Notice | None = None, least: Severity = Severity.CRITICAL) -> Notice:
    notice = decide(current, previous, least)
    assert notice is not None
    return notice


def test_clean_report_says_nothing() -> None:
    assert decide(report()) is None


def test_finding_at_the_threshold_is_told_once() -> None:
    first = told(critical())

    assert first.kind is NoticeKind.FIRING
    assert first.involved == {("bot1", "inventory")}
    assert decide(critical(NOW + MINUTE), first) is None


def test_finding_below_the_threshold_says_nothing() -> None:
    assert decide(warning()) is None
    assert told(warning(), least=Severity.WARNING).kind is NoticeKind.FIRING


def test_unknown_ranks_as_a_warning() -> None:
    assert decide(blind()) is None
    assert told(blind(), least=Severity.WARNING).involved == {("bot1", "inventory")}


def test_another_amount_is_no_change() -> None:
    worse = report(make_result("inventory", replace(DRIFT, details={"drift": "0.9"})), status=Status.CRITICAL)

    assert decide(worse, told(critical())) is None


def test_another_finding_is_a_change() -> None:
    equity = make_finding("balance", "equity_non_positive", Severity.CRITICAL)
    both = report(make_result("inventory", DRIFT), make_result("balance", equity), status=Status.CRITICAL)

    changed = told(both, told(critical()))

    assert changed.kind is NoticeKind.FIRING
    assert changed.involved == {("bot1", "balance"), ("bot1", "inventory")}


def test_finding_below_the_threshold_is_no_change() -> None:
    both = report(make_result("inventory", DRIFT), make_result("fill_parity", WARNING), status=Status.CRITICAL)

    assert decide(both, told(critical())) is None
    assert decide(both, told(critical(), least=Severity.WARNING), Severity.WARNING) is not None


def test_another_reason_of_unverified_is_a_change_where_unknown_counts() -> None:
    first = told(blind(), least=Severity.WARNING)
    other = report(make_result("inventory", unverified=Unverified(Reason.SOURCE_MISSING, "")), status=Status.UNKNOWN)

    assert decide(other, first, Severity.WARNING) is not None


def test_what_stands_is_repeated_after_the_interval() -> None:
    first = told(critical())

    assert decide(critical(NOW + REPEAT - MINUTE), first) is None
    again = told(critical(NOW + REPEAT), first)
    assert again.kind is NoticeKind.REPEAT
    assert decide(critical(NOW + REPEAT + MINUTE), again) is None


def test_clock_that_was_set_back_does_not_silence_the_repetition() -> None:
    assert told(critical(NOW - timedelta(days=1)), told(critical())).kind is NoticeKind.REPEAT


def test_resolved_is_told_once_when_all_is_evaluated_clean() -> None:
    resolved = told(report(at=NOW + MINUTE), told(critical()))

    assert resolved.kind is NoticeKind.RESOLVED
    assert resolved.involved == {("bot1", "inventory")}
    assert decide(report(at=NOW + 2 * MINUTE), resolved) is None


def test_finding_that_comes_back_after_resolved_is_told_anew() -> None:
    resolved = told(report(at=NOW + MINUTE), told(critical()))

    assert told(critical(NOW + 2 * MINUTE), resolved).kind is NoticeKind.FIRING


def test_check_that_became_unverified_resolves_nothing() -> None:
    assert decide(blind(at=NOW + MINUTE), told(critical())) is None


def test_finding_that_became_milder_resolves_nothing() -> None:
    milder = make_result("inventory", make_finding("inventory", "inventory_drift_warning"))

    assert decide(report(milder, status=Status.WARNING), told(critical())) is None


def test_unverified_check_that_was_not_involved_does_not_hold_back_resolved() -> None:
    assert told(blind("accounting", NOW + MINUTE), told(critical())).kind is NoticeKind.RESOLVED


def test_resolved_waits_for_what_was_involved_in_an_earlier_notice_too() -> None:
    equity = make_finding("balance", "equity_non_positive", Severity.CRITICAL)
    instead = report(make_result("inventory", unverified=STALE), make_result("balance", equity), status=Status.CRITICAL)
    second = told(instead, told(critical()))

    assert decide(blind("inventory", NOW + 2 * MINUTE), second) is None
    assert told(report(at=NOW + 3 * MINUTE), second).kind is NoticeKind.RESOLVED


def test_involved_check_that_was_evaluated_clean_is_no_longer_waited_for() -> None:
    equity = make_finding("balance", "equity_non_positive", Severity.CRITICAL)
    second = told(report(make_result("balance", equity), status=Status.CRITICAL), told(critical()))

    assert second.involved == {("bot1", "balance")}


def test_bot_that_a_person_took_out_is_resolved_and_the_payload_says_so() -> None:
    off = make_result("inventory", enabled=False)
    current = report(off, at=NOW + MINUTE)
    resolved = told(current, told(critical()))

    assert resolved.kind is NoticeKind.RESOLVED
    assert notice_payload(current, resolved, "")["taken_out"] == [{"bot": "bot1", "check": "inventory"}]


def test_bot_that_was_forgotten_is_resolved_as_taken_out() -> None:
    current = make_report(make_verdict("bot2"), at=NOW + MINUTE)
    resolved = told(current, told(critical()))

    assert notice_payload(current, resolved, "")["taken_out"] == [{"bot": "bot1", "check": "inventory"}]


def test_switched_off_check_that_still_has_a_finding_is_not_taken_out() -> None:
    off = make_result("exchange_snapshot", replace(DRIFT, check="exchange_snapshot"), enabled=False)
    first = told(report(off, status=Status.CRITICAL))

    assert first.involved == {("bot1", "exchange_snapshot")}
    assert notice_payload(report(off, status=Status.CRITICAL), first, "")["taken_out"] == []


def test_clean_evaluation_is_not_called_taken_out() -> None:
    current = report(at=NOW + MINUTE)

    assert notice_payload(current, told(current, told(critical())), "")["taken_out"] == []


@pytest.mark.parametrize("least", list(Severity))
def test_critical_reaches_every_threshold(least: Severity) -> None:
    assert told(critical(), least=least).kind is NoticeKind.FIRING


def test_payload_has_the_keys_of_the_original_first() -> None:
    payload = notice_payload(critical(), told(critical()), "http://recon:9811")

    assert list(payload)[:6] == ["source", "status", "critical_count", "warning_count", "ts_utc", "findings"]
    assert (payload["source"], payload["status"], payload["critical_count"]) == (
        "reconciliation_service",
        "critical",
        1,
    )
    assert payload["findings"][0]["message"] == "inventory_drift_critical"
    assert (payload["kind"], payload["external_url"], payload["synthetic"]) == ("firing", "http://recon:9811", False)


def test_payload_names_what_could_not_be_seen() -> None:
    payload = notice_payload(blind(), told(blind(), least=Severity.WARNING), "")

    assert payload["unverified"] == [{"bot": "bot1", "check": "inventory", "reason": "source_stale", "detail": "old"}]


def test_payload_of_a_synthetic_report_is_marked() -> None:
    assert notice_payload(replace(critical(), synthetic=True), told(critical()), "")["synthetic"] is True


CHECKED = ("balance", "inventory")
STATES = ("ok", "warning", "critical", "unverified", "disabled")


def seen_as(check: str, state: str) -> CheckResult:
    """The result of a check that is in this state."""
    if state in {"warning", "critical"}:
        return make_result(check, make_finding(check, "code", Severity(state)))
    return make_result(check, unverified=STALE if state == "unverified" else None, enabled=state != "disabled")


@given(st.lists(st.tuples(*(st.sampled_from(STATES) for _ in CHECKED)), max_size=12), st.sampled_from(Severity))
def test_resolved_never_comes_before_all_that_was_bad_is_seen_clean(
    course: list[tuple[str, ...]], least: Severity
) -> None:
    bad = {"critical"} if least is Severity.CRITICAL else {"critical", "warning", "unverified"}
    latest: Notice | None = None
    suspects: set[str] = set()
    for minute, states in enumerate(course):
        results = [seen_as(check, state) for check, state in zip(CHECKED, states, strict=True)]
        for check, state in zip(CHECKED, states, strict=True):
            suspects |= {check} if state in bad else set()
            suspects -= {check} if state in {"ok", "disabled"} else set()
        notice = decide(report(*results, at=NOW + minute * MINUTE), latest, least)
        if notice is not None and notice.kind is NoticeKind.RESOLVED:
            assert suspects == set()
        latest = notice or latest
        if set(states) <= {"ok", "disabled"}:
            assert latest is None or latest.kind is NoticeKind.RESOLVED


def test_fleet_without_any_bot_is_told_at_warning_and_over_when_it_is_seen() -> None:
    first = told(without_bots(), least=Severity.WARNING)

    assert decide(without_bots()) is None
    assert first.involved == {("second", "coverage")}
    assert decide(without_bots(NOW + MINUTE), first, least=Severity.WARNING) is None
    assert told(report(make_result("inventory")), first, least=Severity.WARNING).kind is NoticeKind.RESOLVED
