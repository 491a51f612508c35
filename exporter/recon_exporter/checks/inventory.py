"""Inventory: how far the share of the base asset is from where the bot wants it."""

from datetime import datetime

from recon_exporter.checks._canary import sound_book, sound_evidence
from recon_exporter.checks._inputs import look
from recon_exporter.checks._thresholds import Scale, drift_findings
from recon_exporter.domain.check import Canary, Check, Evidence
from recon_exporter.domain.finding import CheckResult, Measure
from recon_exporter.domain.money import difference
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


def canary(now: datetime) -> Canary:
    """A bot that holds nothing of the half it wants."""
    return Canary(sound_evidence(now, sound_book(now, {"base_pct": "0"})), "inventory_drift_critical")


CHECK = Check(NAME, "base share against its target", judge, canary)
