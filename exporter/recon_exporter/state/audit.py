"""The audit log: what a person or a run changed, when and why, each row sealed together with the one before.

The row of the state holds the head of the chain, and new entries go on from there: where the last rows are deleted,
what follows does not fit to what is left.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, insert, select, update

from recon_exporter.domain.document import to_json
from recon_exporter.errors import StateError
from recon_exporter.ports import AuditAct, AuditHead
from recon_exporter.state.tables import AUDIT_LOG, GENESIS, STATE

BEGINNING = AuditHead(0, GENESIS, is_valid=True)
READ_AGAIN = 2_000

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act of a person or a run; ``details`` is JSON."""

    at: datetime
    actor: str
    action: str
    subject: str
    reason: str
    details: str = "{}"


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """An entry in its place; ``digest`` covers it and ``previous``, the digest of the entry before."""

    sequence: int
    entry: AuditEntry
    previous: str
    digest: str


def entry_of(act: AuditAct, at: datetime) -> AuditEntry:
    """The entry for an act of a run or a person."""
    return AuditEntry(at, act.actor, act.action, act.subject, act.reason, act.details)


class Chain:
    """Verifies the chain as it grows, and with each look some of the older links again, round and round.

    So a look at a long chain costs little, and still nothing can be changed behind its back for good. Once a link is
    found broken it stays broken.
    """

    def __init__(self, read_again: int = READ_AGAIN) -> None:
        self._read_again = read_again
        self._head = BEGINNING
        self._round = BEGINNING

    def verified(self, connection: Connection) -> AuditHead:
        """The head as it is now; one transaction, in which nothing changes, is needed."""
        head = self._grown(connection)
        if head.is_valid:
            head = self._gone_round(connection, head)
        self._head = replace(head, is_valid=head.is_valid and _is_told(connection, head))
        return self._head

    def _grown(self, connection: Connection) -> AuditHead:
        known = self._head
        rows = _rows(connection, known.sequence or None)
        if known.sequence and not _is_same(known, next(rows, None)):
            return replace(_followed(BEGINNING, _rows(connection)), is_valid=False)
        return _followed(known, rows)

    def _gone_round(self, connection: Connection, head: AuditHead) -> AuditHead:
        start = self._round.sequence + 1 if self._round.sequence else None
        reached = _followed(self._round, _rows(connection, start, self._read_again))
        if reached.sequence < head.sequence:
            self._round = reached
            return replace(head, is_valid=reached.is_valid)
        self._round = BEGINNING
        return replace(head, is_valid=reached == head)


def verify(connection: Connection) -> tuple[AuditHead, int | None]:
    """The whole chain from its beginning: its head, and the sequence of the first entry that does not fit."""
    head = BEGINNING
    for row in _rows(connection):
        linked = _linked(head, row)
        if not linked.is_valid:
            return linked, head.sequence + 1
        head = linked
    if not _is_told(connection, head):
        return replace(head, is_valid=False), head.sequence + 1
    return head, None


def _rows(connection: Connection, start: int | None = None, limit: int | None = None) -> Iterator[Row | None]:
    """The rows in order, from a sequence on or all; None stands for one that cannot be read, and is the last."""
    query = select(AUDIT_LOG).order_by(AUDIT_LOG.c.sequence).limit(limit)
    if start is not None:
        query = query.where(AUDIT_LOG.c.sequence >= start)
    try:
        yield from (dict(row) for row in connection.execute(query).mappings())
    except (TypeError, ValueError):
        yield None


def _followed(head: AuditHead, rows: Iterable[Row | None]) -> AuditHead:
    for row in rows:
        head = _linked(head, row)
    return head


def _linked(head: AuditHead, row: Row | None) -> AuditHead:
    """The head after this row; the digest stays that of the last row which is whole."""
    if row is None or not _is_whole(row):
        return AuditHead(head.sequence + 1 if row is None else row["sequence"], head.digest, is_valid=False)
    follows = row["sequence"] == head.sequence + 1 and row["previous"] == head.digest
    return AuditHead(row["sequence"], row["digest"], is_valid=head.is_valid and follows)


def _is_whole(row: Row) -> bool:
    content = {name: value for name, value in row.items() if name != "digest"}
    try:
        return bool(digest(content) == row["digest"])
    except (TypeError, ValueError):
        return False


def _is_same(head: AuditHead, row: Row | None) -> bool:
    return row is not None and (row["sequence"], row["digest"]) == (head.sequence, head.digest)


def _is_told(connection: Connection, head: AuditHead) -> bool:
    """Whether the state's own row names this head: so the end of the chain is missed too."""
    told = connection.execute(select(STATE.c.audit_sequence, STATE.c.audit_digest)).one()
    return bool((told.audit_sequence, told.audit_digest) == (head.sequence, head.digest))


def append(connection: Connection, entry: AuditEntry) -> None:
    """Add the entry behind the last one; to be called inside one writing transaction."""
    last = connection.execute(select(STATE.c.audit_sequence, STATE.c.audit_digest)).one()
    row = {
        "sequence": last.audit_sequence + 1,
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "reason": entry.reason,
        "details": entry.details,
        "previous": last.audit_digest,
    }
    sealed = digest(row)
    connection.execute(insert(AUDIT_LOG).values(**row, digest=sealed))
    connection.execute(update(STATE).values(audit_sequence=row["sequence"], audit_digest=sealed))


def digest(content: Row) -> str:
    """SHA-256 over the row as JSON in the order of its columns, the digest itself left out."""
    return sha256(to_json(content, indent=0).encode()).hexdigest()


def entries(connection: Connection) -> tuple[SealedEntry, ...]:
    """All entries, oldest first. Raises StateError for one that cannot be read."""
    found: list[SealedEntry] = []
    for row in _rows(connection):
        if row is None:
            raise StateError(f"the entry of the audit log behind number {len(found)} cannot be read")
        entry = AuditEntry(row["at"], row["actor"], row["action"], row["subject"], row["reason"], row["details"])
        found.append(SealedEntry(row["sequence"], entry, row["previous"], row["digest"]))
    return tuple(found)
