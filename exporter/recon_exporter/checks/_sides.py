"""What the checks of both sides share: when they can judge, and the synthetic sides in which they find their canary."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from recon_exporter.checks._canary import sound_book, sound_evidence
from recon_exporter.domain.check import Evidence
from recon_exporter.domain.difference_findings import findings_of
from recon_exporter.domain.differences import Differences
from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.file_canary import BOT, noon
from recon_exporter.domain.finding import CheckResult, Finding, Reason, Unverified
from recon_exporter.domain.sides import Sides, SideTerms
from recon_exporter.domain.symbols import Symbols
from recon_exporter.domain.terms import Terms, Tolerance

Said = TypeVar("Said")
PAIR = "BTC/USDT"
TERMS = SideTerms(
    comparison=Terms(
        symbols=Symbols.of({}),
        tolerance=Tolerance(Decimal(0), Decimal(0), Decimal(0)),
        tolerance_of={},
        stale_after=None,
        stale_after_of={},
        halt_quantity_ratio=Decimal(1),
        dollar_rates={},
    ),
    materiality_usd=Decimal(1),
)
HOUR = timedelta(hours=1)


def judged(
    name: str,
    evidence: Evidence,
    said: Said | UnverifiedSide | None,
    compare: Callable[[Said, SideTerms], Differences | Unverified],
    beside: tuple[Finding, ...] = (),
) -> CheckResult:
    """What comparing both sides gives: disabled where no source tells of it, unverified where one should and did not.

    More differences than ``mass_limit`` are a source gone wrong: none of them is told.
    """
    sides = evidence.sides
    if sides is None or said is None:
        return CheckResult(name, evidence.bot, enabled=False)
    if isinstance(said, UnverifiedSide):
        return CheckResult(name, evidence.bot, unverified=said.why)
    differences = compare(said, sides.terms)
    if isinstance(differences, Unverified):
        return CheckResult(name, evidence.bot, unverified=differences)
    count, limit = len(differences.discrepancies), sides.terms.mass_limit
    if count > limit:
        why = f"{count} differences at once, more than {limit}: a source is suspected"
        return CheckResult(name, evidence.bot, beside, Unverified(Reason.MASS_BREAK, why))
    findings = (*findings_of(name, evidence.bot, differences.discrepancies), *beside)
    return CheckResult(name, evidence.bot, findings, differences=differences)


def canary_evidence(now: datetime, sides: Sides) -> Evidence:
    """The synthetic bot with these sides."""
    evidence = sound_evidence(noon(now), sound_book(noon(now)))
    return replace(evidence, sides=sides)


__all__ = ["BOT", "HOUR", "PAIR", "TERMS", "canary_evidence", "judged", "noon"]
