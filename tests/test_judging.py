"""Checks that raise, and checks that are blind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn

import pytest
from structlog.testing import capture_logs

from recon_exporter.checks import CHECKS
from recon_exporter.domain.finding import CheckStatus, Reason, Unverified
from recon_exporter.judging import Judge
from support.evidence import NOW, make_evidence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from recon_exporter.domain.check import Evidence


def broken(evidence: Evidence) -> NoReturn:
    raise ZeroDivisionError(f"no luck with {evidence.bot}")


@dataclass
class Missing:
    """Canaries of which these are missed."""

    told: Mapping[str, str]
    is_closed: bool = False

    def missed(self, now: datetime) -> Mapping[str, str]:
        del now
        return self.told

    def close(self) -> None:
        self.is_closed = True


def test_check_that_raises_is_unverified_and_the_others_judge() -> None:
    judge = Judge({**CHECKS, "inventory": replace(CHECKS["inventory"], judge=broken)})

    results = {result.check: result for result in judge.results(make_evidence(), {})}

    unverified = results.pop("inventory").unverified
    assert unverified is not None
    assert unverified.reason is Reason.CHECK_FAILED
    assert {result.status for result in results.values() if result.enabled} == {CheckStatus.OK}


def test_check_that_raises_is_logged_once_with_its_traceback() -> None:
    judge = Judge({**CHECKS, "inventory": replace(CHECKS["inventory"], judge=broken)})
    with capture_logs() as lines:
        judge.results(make_evidence(), {})
        judge.results(make_evidence(), {})

    assert [line["check"] for line in lines] == ["inventory"]
    assert isinstance(lines[0]["exc_info"], ZeroDivisionError)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_check_that_missed_its_canary_counts_as_unverified_and_the_others_judge(name: str) -> None:
    judge = Judge(CHECKS, Missing({name: "it was not found"}))

    results = {result.check: result for result in judge.results(make_evidence(), judge.missed_canaries(NOW))}

    assert results.pop(name).unverified == Unverified(Reason.CANARY_MISSED, "it was not found")
    assert {result.status for result in results.values() if result.enabled} == {CheckStatus.OK}


def test_canaries_are_given_up_with_the_judge() -> None:
    canaries = Missing({})

    Judge(CHECKS, canaries).close()

    assert canaries.is_closed


@pytest.mark.parametrize(("name", "lost"), [("accounting", ["rows_not_judged"]), ("inventory", [])])
def test_rows_that_pass_while_a_check_of_steps_is_broken_are_told(name: str, lost: list[str]) -> None:
    judge = Judge({**CHECKS, name: replace(CHECKS[name], judge=broken)})

    results = {result.check: result for result in judge.results(make_evidence(), {})}

    assert [finding.message for finding in results[name].findings] == lost
    assert results[name].status is CheckStatus.UNVERIFIED
