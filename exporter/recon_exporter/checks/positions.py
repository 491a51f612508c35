"""Positions: what the ledger holds against what the venue holds, by symbol and leg, in quantity alone.

How bad each difference is stands in recon_exporter.domain.position_differences.
"""

from datetime import datetime
from decimal import Decimal

from recon_exporter.checks._sides import BOT, PAIR, TERMS, canary_evidence, judged, noon
from recon_exporter.domain.breaks import BreakType
from recon_exporter.domain.check import Canary, Check, Evidence
from recon_exporter.domain.difference_findings import CODES
from recon_exporter.domain.finding import CheckResult
from recon_exporter.domain.position_differences import CHECK as NAME
from recon_exporter.domain.position_differences import differences_of
from recon_exporter.domain.positions import PositionStatement
from recon_exporter.domain.sides import PositionSides, Sides
from recon_exporter.domain.statement import Position


def judge(evidence: Evidence) -> CheckResult:
    """The rules of the end-of-day comparison for quantities, with the severity of a cycle."""
    said = None if evidence.sides is None else evidence.sides.positions
    return judged(NAME, evidence, said, differences_of)


def canary(now: datetime) -> Canary:
    """A bot that believes it holds one coin, where the venue has sold it short."""
    sides = PositionSides(_statement(now, 1), _statement(now, -1))
    evidence = canary_evidence(now, Sides(positions=sides, balances=None, fills=None, terms=TERMS))
    return Canary(evidence, CODES[BreakType.QUANTITY_MISMATCH])


def _statement(now: datetime, quantity: int) -> PositionStatement:
    position = Position(PAIR, Decimal(quantity), Decimal(50_000))
    return PositionStatement(BOT, "canary", noon(now), (position,), has_write_times=False, proof="made up")


CHECK = Check(NAME, "positions of the ledger against those of the venue", judge, canary, compares_sides=True)
