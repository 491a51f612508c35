"""Status of bots and reports, and who is expected."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.domain.decision import bot_status, expected_bots, is_checked, report_status
from recon_exporter.domain.finding import CheckResult, Finding, Reason, Severity, Unverified
from recon_exporter.domain.report import ExpectedBot, Status

CLEAN = CheckResult("inventory", "bot1")
WARNING = CheckResult("inventory", "bot1", (Finding(Severity.WARNING, "inventory", "code", "bot1"),))
CRITICAL = CheckResult("balance", "bot1", (Finding(Severity.CRITICAL, "balance", "code", "bot1"),))
UNVERIFIED = CheckResult("accounting", "bot1", unverified=Unverified(Reason.INPUT_MISSING, "no column"))
DISABLED = CheckResult("accounting", "bot1", enabled=False, unverified=Unverified(Reason.INPUT_MISSING, "no column"))


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([CLEAN], Status.OK),
        ([CLEAN, DISABLED], Status.OK),
        ([CLEAN, UNVERIFIED], Status.UNKNOWN),
        ([UNVERIFIED, WARNING], Status.WARNING),
        ([UNVERIFIED, WARNING, CRITICAL], Status.CRITICAL),
    ],
)
def test_status_is_the_worst_of_the_checks(results: list[CheckResult], expected: Status) -> None:
    assert bot_status(results) is expected


@given(st.permutations([CLEAN, WARNING, CRITICAL, UNVERIFIED, DISABLED]))
def test_order_of_the_checks_is_irrelevant(results: list[CheckResult]) -> None:
    assert bot_status(results) is Status.CRITICAL


@given(st.lists(st.sampled_from([CLEAN, WARNING, CRITICAL, DISABLED]), max_size=4))
def test_unverified_check_never_leaves_a_bot_ok(others: list[CheckResult]) -> None:
    assert bot_status([*others, UNVERIFIED]) is not Status.OK


def test_report_without_bots_is_unknown() -> None:
    assert report_status([]) is Status.UNKNOWN


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([Status.OK, Status.OK], Status.OK),
        ([Status.OK, Status.UNKNOWN], Status.UNKNOWN),
        ([Status.UNKNOWN, Status.WARNING], Status.WARNING),
        ([Status.CRITICAL, Status.WARNING, Status.OK], Status.CRITICAL),
    ],
)
def test_report_has_the_status_of_its_worst_bot(statuses: list[Status], expected: Status) -> None:
    assert report_status(statuses) is expected


def test_expected_bot_says_all_its_reasons() -> None:
    named = [ExpectedBot("bot1", ("thresholds",))]

    assert expected_bots(["bot1"], named, ["bot1"], [], []) == (ExpectedBot("bot1", ("found", "thresholds")),)
    assert expected_bots([], named, ["bot1"], [], []) == (ExpectedBot("bot1", ("thresholds", "seen")),)


@pytest.mark.parametrize(
    ("found", "named", "expected"), [([], [], 0), (["bot1"], [], 1), ([], [ExpectedBot("bot1", ("account_map",))], 1)]
)
def test_forgetting_ends_only_what_rests_on_memory(found: list[str], named: list[ExpectedBot], expected: int) -> None:
    assert len(expected_bots(found, named, ["bot1"], ["bot1"], [])) == expected


def test_bot_taken_out_by_a_person_is_not_expected_though_it_is_found() -> None:
    assert expected_bots(["bot1"], [], ["bot1"], [], ["bot1"]) == ()


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([CheckResult("coverage", "bot1"), CheckResult("freshness", "bot1")], False),
        ([CheckResult("coverage", "bot1"), UNVERIFIED], False),
        ([DISABLED], False),
        ([WARNING], True),
    ],
)
def test_bot_is_checked_where_a_comparison_of_its_money_was_made(results: list[CheckResult], expected: bool) -> None:  # noqa: FBT001
    assert is_checked(results) is expected
