"""What is written into the audit log."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AuditAct:
    """One entry for the audit log: who did what to whom, and why; ``details`` is JSON, a run acts by its own name."""

    actor: str
    action: str
    subject: str
    reason: str
    details: str = "{}"
