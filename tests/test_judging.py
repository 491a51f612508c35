"""Checks that raise, and checks that are blind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import pytest
from structlog.testing import capture_logs

from recon_exporter.checks import CHECKS
from recon_exporter.domain.finding import CheckResult, CheckStatus, Reason
from recon_exporter.judging import Judge
from support.evidence import NOW, make_evidence

if TYPE_CHECKING:
    from recon_exporter.domain.check import Evidence


def broken(evidence: Evidence) -> NoReturn:
    raise ZeroDivisionError(f"no luck with {evidence.bot}")


def blind(name: str) -> Judge:
    """A judge one of whose checks finds nothing, ever."""
    check = replace(CHECKS[name], judge=lambda evidence: CheckResult(name, evidence.bot))
    return Judge({**CHECKS, name: check})


def test_check_that_raises_is_unverified_and_the_others_judge() -> None:
    judge = Judge({**CHECKS, "inventory": replace(CHECKS["inventory"], judge=broken)})

    results = {result.check: result for result in judge.results(make_evidence(), ())}

    unverified = results.pop("inventory").unverified
    assert unverified is not None
    assert unverified.reason is Reason.CHECK_FAILED
    assert {result.status for result in results.values()} == {CheckStatus.OK}


def test_check_that_raises_is_logged_once_with_its_traceback() -> None:
    judge = Judge({**CHECKS, "inventory": replace(CHECKS["inventory"], judge=broken)})
    with capture_logs() as lines:
        judge.results(make_evidence(), ())
        judge.results(make_evidence(), ())

    assert [line["check"] for line in lines] == ["inventory"]
    assert isinstance(lines[0]["exc_info"], ZeroDivisionError)


def test_every_check_finds_its_canary() -> None:
    assert Judge(CHECKS).missed_canaries(NOW) == ()


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_blinded_check_misses_its_canary_and_counts_as_unverified(name: str) -> None:
    judge = blind(name)

    missed = judge.missed_canaries(NOW)
    results = {result.check: result for result in judge.results(make_evidence(), missed)}

    assert missed == (name,)
    unverified = results[name].unverified
    assert unverified is not None
    assert unverified.reason is Reason.CANARY_MISSED


def test_canary_that_cannot_be_judged_is_missed() -> None:
    judge = Judge({**CHECKS, "balance": replace(CHECKS["balance"], judge=broken)})

    assert judge.missed_canaries(NOW) == ("balance",)


@pytest.mark.parametrize(("name", "lost"), [("accounting", ["rows_not_judged"]), ("inventory", [])])
def test_rows_that_pass_while_a_check_of_steps_is_broken_are_told(name: str, lost: list[str]) -> None:
    judge = Judge({**CHECKS, name: replace(CHECKS[name], judge=broken)})

    results = {result.check: result for result in judge.results(make_evidence(), ())}

    assert [finding.message for finding in results[name].findings] == lost
    assert results[name].status is CheckStatus.UNVERIFIED
