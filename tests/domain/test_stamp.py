"""A report is kept under a name of its own when something changed, else every five minutes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.domain.finding import Reason, Unverified
from recon_exporter.domain.fingerprint import fingerprint
from recon_exporter.domain.memory import Memory
from recon_exporter.domain.report import Report, Status
from recon_exporter.domain.stamp import is_stamp_due, report_fingerprint, stamp_name
from support.evidence import NOW
from support.reports import healthy_report, make_finding, make_report, make_result, make_verdict

MINUTE = timedelta(minutes=1)
facts = st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), max_size=6)


def stamped(report: Report) -> Memory:
    return Memory(stamped_at=report.at, stamped_fingerprint=report_fingerprint(report))


def with_inventory(*codes: str, unverified: Unverified | None = None, amount: str = "1") -> Report:
    findings = [make_finding("inventory", code, amount=amount) for code in codes]
    result = make_result("inventory", *findings, unverified=unverified)
    return make_report(make_verdict("bot1", result, status=Status.WARNING), status=Status.WARNING)


def test_first_report_is_stamped() -> None:
    assert is_stamp_due(healthy_report(), Memory())


def test_unchanged_report_is_stamped_every_five_minutes() -> None:
    memory = stamped(healthy_report())

    assert not is_stamp_due(replace(healthy_report(), at=NOW + 5 * MINUTE - timedelta(microseconds=1)), memory)
    assert is_stamp_due(replace(healthy_report(), at=NOW + 5 * MINUTE), memory)


def test_clock_that_was_set_back_does_not_stop_the_reports() -> None:
    assert is_stamp_due(replace(healthy_report(), at=NOW - MINUTE), stamped(healthy_report()))


def test_every_change_of_a_status_or_finding_is_stamped() -> None:
    stale, missing = Unverified(Reason.SOURCE_STALE, ""), Unverified(Reason.SOURCE_MISSING, "")
    reports = [
        make_report(make_verdict("bot1")),
        make_report(make_verdict("bot1"), make_verdict("bot2")),
        with_inventory("a"),
        with_inventory("a", "b"),
        with_inventory(unverified=stale),
        with_inventory(unverified=missing),
        make_report(make_verdict("bot1", status=None)),
    ]

    assert len({report_fingerprint(report) for report in reports}) == len(reports)


def test_another_amount_is_no_change() -> None:
    assert report_fingerprint(with_inventory("a")) == report_fingerprint(with_inventory("a", amount="2"))


@given(facts)
def test_fingerprint_is_that_of_the_set(items: list[tuple[str, str]]) -> None:
    assert fingerprint(items) == fingerprint([*reversed(items), *items])


def test_fingerprint_takes_names_that_are_no_valid_text() -> None:
    assert fingerprint([("\ud800", "\udcff")]) != fingerprint([("", "")])


def test_two_reports_of_one_second_have_two_names() -> None:
    assert stamp_name(NOW) == "20260306T120000.000000Z"
    assert stamp_name(NOW + timedelta(microseconds=1)) != stamp_name(NOW)
