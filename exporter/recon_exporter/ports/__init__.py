"""The protocols between the parts, and what passes through them; the composition root supplies the concrete parts."""

from recon_exporter.ports.audit import AuditAct
from recon_exporter.ports.cycle import (
    Clock,
    CycleState,
    Fleet,
    Ledger,
    LedgerReading,
    Outgoing,
    Policies,
    Recording,
    Sink,
    State,
    Venue,
)
from recon_exporter.ports.eod import (
    AuditHead,
    EodMark,
    EodMemory,
    EodRecording,
    EodState,
    PositionLedger,
    PositionVenue,
    ProbedVenue,
    VenueMeter,
)
from recon_exporter.ports.protection import Protection

__all__ = [
    "AuditAct",
    "AuditHead",
    "Clock",
    "CycleState",
    "EodMark",
    "EodMemory",
    "EodRecording",
    "EodState",
    "Fleet",
    "Ledger",
    "LedgerReading",
    "Outgoing",
    "Policies",
    "PositionLedger",
    "PositionVenue",
    "ProbedVenue",
    "Protection",
    "Recording",
    "Sink",
    "State",
    "Venue",
    "VenueMeter",
]
