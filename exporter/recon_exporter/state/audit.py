"""The audit log: what a person changed, when and why, each row sealed together with the one before."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, insert, select

from recon_exporter.domain.document import to_json
from recon_exporter.state.tables import AUDIT_LOG

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act of a person; ``details`` is JSON."""

    at: datetime
    actor: str
    action: str
    subject: str
    reason: str
    details: str = "{}"


def append(connection: Connection, entry: AuditEntry) -> None:
    """Add the entry behind the last one; to be called inside one writing transaction."""
    query = select(AUDIT_LOG.c.sequence, AUDIT_LOG.c.digest).order_by(AUDIT_LOG.c.sequence.desc()).limit(1)
    last = connection.execute(query).one_or_none()
    sequence, previous = (last.sequence + 1, last.digest) if last else (1, GENESIS)
    row = {
        "sequence": sequence,
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "reason": entry.reason,
        "details": entry.details,
        "previous": previous,
    }
    connection.execute(insert(AUDIT_LOG).values(**row, digest=digest(row)))


def digest(row: dict[str, object]) -> str:
    """SHA-256 over the row as JSON in the order of its columns, the digest itself left out."""
    return sha256(to_json(row, indent=0).encode()).hexdigest()


def entries(connection: Connection) -> tuple[AuditEntry, ...]:
    """All entries, oldest first."""
    rows = connection.execute(select(AUDIT_LOG).order_by(AUDIT_LOG.c.sequence))
    return tuple(AuditEntry(row.at, row.actor, row.action, row.subject, row.reason, row.details) for row in rows)
