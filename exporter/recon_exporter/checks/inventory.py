"""Inventory: how far the share of the base asset is from where the bot wants it."""

from datetime import datetime
from decimal import Decimal

from recon_exporter.checks._canary import in_files
from recon_exporter.checks._inputs import look
from recon_exporter.checks._thresholds import Scale, drift_findings
from recon_exporter.domain.check import Check, Evidence
from recon_exporter.domain.file_canary import FileCanary
from recon_exporter.domain.finding import CheckResult, Measure
from recon_exporter.domain.money import ZERO, difference
from recon_exporter.domain.statement import Unavailable

NAME = "inventory"
COLUMNS = ("base_pct", "target_base_pct")
SCALE = Scale("inventory_drift", "inventory_warn", "inventory_critical")


def judge(evidence: Evidence) -> CheckResult:
    """The distance of ``base_pct`` from ``target_base_pct`` in the newest row."""
    if not evidence.policy.is_on("inventory_check_enabled"):
        return CheckResult(NAME, evidence.bot, enabled=False)
    book = evidence.book
    if isinstance(book, Unavailable):
        return CheckResult(NAME, evidence.bot, unverified=book.unverified())
    sight = look(evidence, book, COLUMNS)
    base, target = sight.numbers.get("base_pct"), sight.numbers.get("target_base_pct")
    if base is None or target is None:
        return CheckResult(NAME, evidence.bot, unverified=sight.unverified)
    drift = abs(difference(base, target))
    findings = drift_findings(evidence, NAME, SCALE, drift, {"base_pct": base, "target_base_pct": target})
    measures = {Measure.INVENTORY_DRIFT: drift, Measure.BASE_TARGET: target}
    return CheckResult(NAME, evidence.bot, findings, sight.unverified, measures=measures)


def canary(now: datetime) -> FileCanary:
    """A bot that holds nothing of the half it wants."""
    details = {"base_pct": ZERO, "target_base_pct": Decimal("0.5")}
    return in_files(now, "inventory_drift_critical", details, {"base_pct": "0"})


CHECK = Check(NAME, "base share against its target", judge, canary)
