"""Coverage: bots that are expected and not there, and bots that are there twice."""

from __future__ import annotations

import pytest

from recon_exporter.checks import CHECKS
from recon_exporter.checks.coverage import judge
from recon_exporter.domain.finding import CheckStatus, Reason
from recon_exporter.domain.statement import Variant
from support.evidence import MISSING, NOW, UNREADABLE, make_book, make_evidence, only, reason


def test_bot_with_one_folder_is_ok() -> None:
    assert judge(make_evidence()).status is CheckStatus.OK


def test_expected_bot_that_is_not_there_is_critical() -> None:
    result = judge(make_evidence(MISSING))

    assert result.status is CheckStatus.CRITICAL
    assert only(result).message == "expected_bot_missing"
    assert only(result).details == {"detail": "it is not there"}


@pytest.mark.parametrize(
    "name", sorted(name for name in CHECKS if name != "coverage" and not CHECKS[name].compares_sides)
)
def test_every_other_check_of_a_missing_bot_is_unverified(name: str) -> None:
    result = CHECKS[name].judge(make_evidence(MISSING))

    assert (result.status, reason(result), result.findings) == (CheckStatus.UNVERIFIED, Reason.SOURCE_MISSING, ())


def test_second_folder_of_a_bot_is_said_once_with_the_one_that_speaks() -> None:
    variants = (Variant("bot1/a", NOW), Variant("bot1/b", None), Variant("bot1/c", NOW))
    finding = only(judge(make_evidence(make_book(variants=variants))))

    assert (finding.severity, finding.message) == ("warning", "duplicate_bot_variants")
    assert finding.details == {
        "variant_count": 3,
        "speaking": "bot1/a",
        "others": ({"path": "bot1/b", "newest_at": None}, {"path": "bot1/c", "newest_at": NOW}),
    }


def test_unreadable_book_tells_nothing_about_coverage() -> None:
    result = judge(make_evidence(UNREADABLE))

    assert (result.findings, reason(result)) == ((), Reason.SOURCE_UNREADABLE)
