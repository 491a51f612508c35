"""Warning and critical thresholds: which one a drift reaches, and how a finding shows them with their origin."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from recon_exporter.domain.check import Evidence
from recon_exporter.domain.finding import Detail, Finding, Severity
from recon_exporter.domain.policy import BotPolicy


@dataclass(frozen=True, slots=True)
class Scale:
    """Two thresholds of one number: ``code`` is completed by the severity, the keys are those of the file."""

    code: str
    warn_key: str
    critical_key: str

    def severity_at_least(self, policy: BotPolicy, value: Decimal) -> Severity | None:
        """The severity of a value that counts from the threshold on, itself included."""
        if value >= policy.limit(self.critical_key):
            return Severity.CRITICAL
        return Severity.WARNING if value >= policy.limit(self.warn_key) else None

    def code_of(self, severity: Severity) -> str:
        """The stable code of a finding of this severity."""
        return f"{self.code}_{severity}"

    def details(self, policy: BotPolicy) -> dict[str, Detail]:
        """Both effective thresholds and where each came from."""
        warn, critical = policy.limits[self.warn_key], policy.limits[self.critical_key]
        return {
            "warn_threshold": warn.value,
            "critical_threshold": critical.value,
            "warn_origin": str(warn.origin),
            "critical_origin": str(critical.origin),
        }


def drift_findings(
    evidence: Evidence, check: str, scale: Scale, drift: Decimal, details: Mapping[str, Detail]
) -> tuple[Finding, ...]:
    """The one finding of a drift that reaches a threshold, or none."""
    severity = scale.severity_at_least(evidence.policy, drift)
    if severity is None:
        return ()
    shown = {"drift": drift, **details, **scale.details(evidence.policy)}
    return (Finding(severity, check, scale.code_of(severity), evidence.bot, shown),)
