"""Fills: every execution is on both sides once, with one side, quantity, price and fee.

How bad each difference is stands in recon_exporter.domain.fill_differences. What nobody can judge is told beside them.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from recon_exporter.checks._sides import BOT, HOUR, PAIR, TERMS, canary_evidence, judged, noon
from recon_exporter.domain.breaks import BreakType
from recon_exporter.domain.check import Canary, Check, Evidence
from recon_exporter.domain.difference_findings import CODES, SHOWN
from recon_exporter.domain.differences import Differences
from recon_exporter.domain.fill_differences import CHECK as NAME
from recon_exporter.domain.fill_differences import discrepancy
from recon_exporter.domain.fill_match import FillMatch
from recon_exporter.domain.fill_matching import FillMatcher
from recon_exporter.domain.finding import CheckResult, Detail, Finding, Measure, Severity
from recon_exporter.domain.positions import Fee, Fill, FillStatement
from recon_exporter.domain.sides import Sides, SideTerms


def judge(evidence: Evidence) -> CheckResult:
    """What the matcher found, as breaks; what it could not judge, as findings beside them."""
    said = None if evidence.sides is None else evidence.sides.fills
    beside = _beside(said) if isinstance(said, FillMatch) else ()
    result = judged(NAME, evidence, said, differences_of, beside)
    today = None if evidence.sides is None else evidence.sides.fills_today
    if today is None or not result.is_evaluated:
        return result
    counts = {Measure.FILLS_LEDGER: Decimal(today.ledger), Measure.FILLS_VENUE: Decimal(today.venue)}
    return replace(result, measures=counts)


def differences_of(match: FillMatch, terms: SideTerms) -> Differences:
    """The match as breaks, with what it says of those that stand already."""
    scope = terms.comparison.scope
    return Differences(
        discrepancies=tuple(discrepancy(match.bot, one, terms) for one in match.differences),
        window=match.window,
        symbols=match.symbols,
        unjudged=match.unjudged,
        uncompared=match.uncompared,
        uncompared_types=frozenset({BreakType.FILL_FEE} if match.without_fees else ()),
        ended=match.ended,
        venue_items=match.venue_items,
        tolerated=match.tolerated,
        is_in_scope=None if scope is None else scope.holds,
        fills=replace(
            match.counts,
            deferred=match.deferred,
            without_fees=match.without_fees,
            alike=match.alike,
            allowed=match.allowed,
        ),
    )


def _beside(match: FillMatch) -> tuple[Finding, ...]:
    """Fills that nobody can judge, and a span that was never read."""
    findings = []
    if match.unlike:
        examples: tuple[Detail, ...] = tuple(one.words for one in match.unlike[:SHOWN])
        details: dict[str, Detail] = {"count": len(match.unlike), "examples": examples}
        findings.append(Finding(Severity.WARNING, NAME, "fills_not_comparable", match.bot, details))
    if match.skipped is not None:
        span: dict[str, Detail] = {"since": match.skipped.since, "until": match.skipped.until}
        at = match.skipped.until
        findings.append(Finding(Severity.WARNING, NAME, "fills_not_judged", match.bot, span, step_at=at))
    return tuple(findings)


def canary(now: datetime) -> Canary:
    """A bot whose ledger lacks one of two executions, and has the other at another price."""
    at = noon(now)
    first, second = _fill("canary-1", at - HOUR), _fill("canary-2", at - HOUR / 2)
    ledger = _statement(at, replace(first, price=Decimal(49_999)))
    match = FillMatcher(BOT, TERMS).feed(ledger, _statement(at, first, second), ledger)
    sides = Sides(positions=None, balances=None, fills=match, terms=TERMS)
    return Canary(canary_evidence(now, sides), CODES[BreakType.FILL_MISSING_IN_LEDGER])


def _fill(name: str, at: datetime) -> Fill:
    return Fill(name, name, None, PAIR, Decimal(1), Decimal(50_000), (Fee("USDT", Decimal(5)),), at)


def _statement(until: datetime, *fills: Fill) -> FillStatement:
    return FillStatement(BOT, "canary", fills, until - timedelta(hours=3), until)


CHECK = Check(NAME, "executions of the ledger against those of the venue", judge, canary, compares_sides=True)
