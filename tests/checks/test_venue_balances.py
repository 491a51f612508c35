"""What the check of balances makes of both sides within a cycle."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter.checks.venue_balances import CHECK
from recon_exporter.domain.breaks import BreakType
from recon_exporter.domain.finding import CheckResult, CheckStatus, Reason, Severity
from recon_exporter.domain.positions import Basis
from recon_exporter.domain.sides import AccountUse, BalanceSides
from recon_exporter.domain.terms import Tolerance
from support.evidence import make_evidence
from support.sides import make_balances, make_side_terms, make_sides, make_terms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recon_exporter.domain.differences import Differences

ZERO = Decimal(0)
PRICES = {"BTC": "60000"}


def judged(
    ours: Mapping[str, str], theirs: Mapping[str, str], prices: Mapping[str, str] = PRICES, **changes: object
) -> CheckResult:
    both = BalanceSides(make_balances(ours), make_balances(theirs, prices))
    sides = replace(make_sides(balances=both), terms=make_side_terms(**changes))
    return CHECK.judge(replace(make_evidence(), sides=sides))


def differences(result: CheckResult) -> Differences:
    assert result.differences is not None
    return result.differences


@pytest.mark.parametrize(
    ("ours", "theirs", "exposure", "severity"),
    [
        ({"BTC": "1"}, {"BTC": "1.5"}, "30000", Severity.CRITICAL),
        ({"BTC": "1"}, {"BTC": "1.01"}, "600", Severity.WARNING),
        ({"BTC": "1"}, {}, "60000", Severity.CRITICAL),
        ({}, {"USDT": "5"}, "5", Severity.WARNING),
        ({"BGB": "1"}, {"BGB": "2"}, None, Severity.CRITICAL),
    ],
)
def test_difference_of_an_asset_is_a_break(
    ours: Mapping[str, str], theirs: Mapping[str, str], exposure: str | None, severity: Severity
) -> None:
    (found,) = differences(judged(ours, theirs)).discrepancies

    assert (found.type, found.severity, found.check) == (BreakType.BALANCE_MISMATCH, severity, "venue_balances")
    assert found.exposure == (None if exposure is None else Decimal(exposure))
    assert found.difference == Decimal(ours.get(found.symbol, "0")) - Decimal(theirs.get(found.symbol, "0"))


def test_what_counts_differently_is_not_compared() -> None:
    both = BalanceSides(make_balances({}), make_balances({}, basis=Basis.EQUITY))

    result = CHECK.judge(replace(make_evidence(), sides=make_sides(balances=both)))

    assert result.unverified is not None
    assert result.unverified.reason is Reason.INPUT_MISSING


@pytest.mark.parametrize("limits", [{"quantity": "0.01"}, {"quantity_relative": "0.01"}, {"dust_usd": "600"}])
def test_any_limit_tolerates_what_it_covers_and_no_more(limits: dict[str, str]) -> None:
    tolerance = replace(Tolerance(ZERO, ZERO, ZERO), **{name: Decimal(text) for name, text in limits.items()})
    terms = make_terms(tolerance=tolerance)

    within = judged({"BTC": "1"}, {"BTC": "0.99"}, comparison=terms)

    assert (within.status, differences(within).balances) == (CheckStatus.OK, {"BTC": Decimal("0.01")})
    assert differences(within).tolerated_sums == (Decimal("0.01"), ZERO)
    assert judged({"BTC": "1"}, {"BTC": "0.98"}, comparison=terms).status is not CheckStatus.OK


def test_more_on_a_shared_account_is_somebody_elses_and_less_is_not() -> None:
    more = judged({"BTC": "1"}, {"BTC": "3"}, use=AccountUse.SHARED)

    assert (more.status, differences(more).unattributed) == (CheckStatus.OK, {"BTC": Decimal(2)})
    assert judged({"BTC": "1"}, {"BTC": "0.5"}, use=AccountUse.SHARED).status is CheckStatus.CRITICAL


def test_assets_that_are_not_compared_are_left_out() -> None:
    assert judged({}, {"AIRDROP": "1"}, assets=frozenset({"BTC"})).status is CheckStatus.OK


def test_assets_meet_under_their_one_name() -> None:
    terms = make_terms(aliases={"XBT": "BTC"})

    assert judged({"XBT": "1"}, {"BTC": "1"}, comparison=terms).status is CheckStatus.OK
