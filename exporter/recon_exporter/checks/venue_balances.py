"""Venue balances: what the ledger has of each asset against what the venue has.

Only balances that count the same are compared. A difference is critical where its exposure is material or unknown, and
a warning otherwise. On a shared account the venue may hold more: that is somebody else's, shown and not judged.
"""

from datetime import datetime
from decimal import Decimal

from recon_exporter.checks._sides import BOT, TERMS, canary_evidence, judged, noon
from recon_exporter.domain.balance_rules import CHECK as NAME
from recon_exporter.domain.balance_rules import discrepancy, gaps, is_allowed, is_unattributed
from recon_exporter.domain.breaks import BreakType
from recon_exporter.domain.check import Canary, Check, Evidence
from recon_exporter.domain.difference_findings import CODES
from recon_exporter.domain.differences import Differences
from recon_exporter.domain.finding import CheckResult, Reason, Unverified
from recon_exporter.domain.positions import BalanceStatement, Basis
from recon_exporter.domain.sides import BalanceSides, Sides, SideTerms
from recon_exporter.domain.statement import Balance


def judge(evidence: Evidence) -> CheckResult:
    """Asset by asset."""
    said = None if evidence.sides is None else evidence.sides.balances
    return judged(NAME, evidence, said, differences_of)


def differences_of(sides: BalanceSides, terms: SideTerms) -> Differences | Unverified:
    """Every difference in totals: beyond tolerance, within it, and what others have on a shared account."""
    ledger, venue = sides.ledger, sides.venue
    if ledger.basis is not venue.basis:
        why = f"the ledger's balances count {ledger.basis.value}, the venue's {venue.basis.value}: nothing to compare"
        return Unverified(Reason.INPUT_MISSING, why)
    found = gaps(sides, terms)
    allowed = [one for one in found if is_allowed(one, terms)]
    others = [one for one in found if one not in allowed and is_unattributed(one, terms)]
    return Differences(
        discrepancies=tuple(
            discrepancy(ledger.bot, one, terms) for one in found if one not in allowed and one not in others
        ),
        tolerated=tuple(one.gap for one in allowed),
        balances={one.asset: one.gap for one in found},
        unattributed={one.asset: one.gap.copy_negate() for one in others},
    )


def canary(now: datetime) -> Canary:
    """A bot that believes it has twice what the venue has."""
    sides = BalanceSides(_statement(now, 2), _statement(now, 1))
    evidence = canary_evidence(now, Sides(positions=None, balances=sides, fills=None, terms=TERMS))
    return Canary(evidence, CODES[BreakType.BALANCE_MISMATCH])


def _statement(now: datetime, amount: int) -> BalanceStatement:
    balances = {"BTC": Balance(Decimal(amount), None)}
    return BalanceStatement(BOT, "canary", noon(now), Basis.WALLET, balances, {}, proof="made up")


CHECK = Check(NAME, "balances of the ledger against those of the venue", judge, canary, compares_sides=True)
