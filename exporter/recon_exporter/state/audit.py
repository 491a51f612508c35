"""The audit log: what a person changed, when and why, each row sealed together with the one before."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, insert, select

from recon_exporter.domain.document import to_json
from recon_exporter.ports import AuditAct, AuditHead
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


def entry_of(act: AuditAct, at: datetime) -> AuditEntry:
    """The entry for an act of a run or a person."""
    return AuditEntry(at, act.actor, act.action, act.subject, act.reason, act.details)


class Chain:
    """Verifies the chain, each link once for each process: what has been verified is not read again."""

    def __init__(self) -> None:
        self._head = AuditHead(0, GENESIS, is_valid=True)

    def verified(self, connection: Connection) -> AuditHead:
        """The head of the chain; once a link is found broken it stays broken."""
        query = select(AUDIT_LOG).where(AUDIT_LOG.c.sequence >= self._head.sequence).order_by(AUDIT_LOG.c.sequence)
        rows = [dict(row) for row in connection.execute(query).mappings()]
        self._head = _followed(self._head, rows)
        return self._head


def _followed(head: AuditHead, rows: list[dict[str, object]]) -> AuditHead:
    """The head after rows of which the first is the head's own, if it has one."""
    sequence, previous, is_valid = head.sequence, head.digest, head.is_valid
    if sequence and (not rows or rows[0]["sequence"] != sequence or rows[0]["digest"] != previous):
        is_valid = False
    head = AuditHead(sequence, previous, is_valid=is_valid)
    for row in rows[1:] if sequence and rows else rows:
        head = _linked(head, row)
    return head


def verify(connection: Connection) -> tuple[AuditHead, int | None]:
    """The whole chain from its beginning: its head, and the sequence of the first entry that does not fit."""
    chain = AuditHead(0, GENESIS, is_valid=True)
    for row in connection.execute(select(AUDIT_LOG).order_by(AUDIT_LOG.c.sequence)).mappings():
        chain = _linked(chain, dict(row))
        if not chain.is_valid:
            return chain, chain.sequence
    return chain, None


def _linked(head: AuditHead, row: dict[str, object]) -> AuditHead:
    told = row.pop("digest")
    fits = row["sequence"] == head.sequence + 1 and row["previous"] == head.digest and told == digest(row)
    return AuditHead(head.sequence + 1, str(told), is_valid=head.is_valid and fits)


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
