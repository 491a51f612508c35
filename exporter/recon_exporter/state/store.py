"""The state in a database: every change is one transaction that is durable when the call returns."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.exc import DBAPIError

from recon_exporter.domain.memory import Memory
from recon_exporter.errors import ProgressMoved, StateError
from recon_exporter.ports import AuditHead, EodMark, EodMemory, EodRecording, Outgoing, Recording
from recon_exporter.state import audit, breaks, eod, outbox
from recon_exporter.state.database import is_postgres, parsed
from recon_exporter.state.eod_following import following
from recon_exporter.state.postgres import enter_schema, open_postgres
from recon_exporter.state.remembering import (
    Rows,
    memory_of,
    read_rows,
    read_table,
    rows_of,
    write_changes,
    write_table,
)
from recon_exporter.state.sqlite import open_sqlite
from recon_exporter.state.tables import (
    CARRIED_FINDINGS,
    EOD_MARKS,
    FIRST_SEEN,
    FORGOTTEN_BOTS,
    LEDGER_PROGRESS,
    SEEN_BOTS,
    STATE,
)
from recon_exporter.state.upgrade import prepare


@dataclass(frozen=True, slots=True)
class _Known:
    """The rows of the memory as of a revision, so that a recording need not read them again."""

    revision: int
    rows: Rows


class SqlState:
    """Implements ports.State. Safe to use from several threads and processes."""

    def __init__(self, url: str, busy: timedelta) -> None:
        address = parsed(url)
        self._database = open_postgres(address, busy) if is_postgres(address) else open_sqlite(address, busy)
        self._known: _Known | None = None
        self._known_eod: EodMemory | None = None
        self._chain = audit.Chain()
        self._turn = threading.RLock()
        try:
            self._prepare()
        except StateError:
            self.close()
            raise

    def close(self) -> None:
        """Close all connections."""
        self._database.engine.dispose()

    def revision(self) -> int:
        with self._transaction() as connection:
            return _revision(connection)

    def turn(self) -> AbstractContextManager[object]:
        return self._turn

    def load(self) -> tuple[Memory, Mapping[str, Mapping[str, str]]]:
        with self._transaction() as connection:
            known = _Known(_revision(connection), read_rows(connection))
            documents = read_table(connection, LEDGER_PROGRESS)
            found = breaks.read_breaks(connection, of_runs=False)
        self._known = known
        progress: dict[str, dict[str, str]] = {}
        for (fleet, key), document in documents.items():
            progress.setdefault(fleet, {})[key] = document
        return replace(memory_of(known.rows, known.revision), breaks=found), MappingProxyType(progress)

    def record(self, recording: Recording) -> int:
        expected = recording.memory.revision
        rows = rows_of(recording.memory)
        with self._turn, self._transaction(writing=True) as connection:
            if (found := _revision(connection)) != expected:
                raise ProgressMoved(f"{self._database.name}: at revision {found}, no longer at {expected}")
            known = self._known
            before = known.rows if known and known.revision == expected else read_rows(connection)
            write_changes(connection, before, rows)
            write_table(connection, LEDGER_PROGRESS, _flat(recording.progress))
            breaks.write_breaks(connection, recording.breaks)
            for act in recording.acts:
                audit.append(connection, audit.entry_of(act, recording.at))
            outbox.enqueue(connection, recording.outgoing, recording.at)
            _set_revision(connection, expected + 1)
        self._known = _Known(expected + 1, rows)
        if (eod_known := self._known_eod) is not None and eod_known.revision == expected:
            self._known_eod = following(eod_known, EodRecording(recording.at, expected, recording.breaks))
        return expected + 1

    def claim(self, now: datetime, sinks: Sequence[str]) -> Sequence[Outgoing]:
        with self._transaction(writing=True) as connection:
            return outbox.claim(connection, now, sinks)

    def remove(self, entry: Outgoing) -> None:
        with self._transaction(writing=True) as connection:
            outbox.remove(connection, entry)

    def postpone(self, entry: Outgoing, until: datetime, why: str) -> None:
        with self._transaction(writing=True) as connection:
            outbox.postpone(connection, entry, until, why)

    def forget(self, bot: str, act: audit.AuditEntry) -> bool:
        """Expect the bot no longer, and write down who decided so; False where it was never seen nor reconciled."""
        with self._transaction(writing=True) as connection:
            known = [connection.execute(delete(table).where(table.c.bot == bot)) for table in (SEEN_BOTS, EOD_MARKS)]
            if not any(result.rowcount for result in known):
                return False
            write_table(connection, FORGOTTEN_BOTS, {(bot,): act.at})
            for table in (FIRST_SEEN, CARRIED_FINDINGS):
                connection.execute(delete(table).where(table.c.bot == bot))
            audit.append(connection, act)
            _set_revision(connection, _revision(connection) + 1)
        return True

    def load_eod(self) -> EodMemory:
        with self._transaction() as connection:
            revision, known = _revision(connection), self._known_eod
            if known is None or known.revision != revision:
                known = eod.read(connection, revision)
        self._known_eod = known
        return known

    def eod_marks(self) -> Mapping[str, EodMark]:
        with self._transaction() as connection:
            return eod.read_marks(connection)

    def record_eod(self, recording: EodRecording) -> int:
        with self._turn, self._transaction(writing=True) as connection:
            if (found := _revision(connection)) != recording.revision:
                raise ProgressMoved(f"{self._database.name}: at revision {found}, no longer at {recording.revision}")
            breaks.write_breaks(connection, recording.breaks)
            eod.write_halts(connection, recording.halts, recording.cleared)
            if recording.mark is not None:
                eod.write_mark(connection, recording.mark)
            for act in recording.acts:
                audit.append(connection, audit.entry_of(act, recording.at))
            outbox.enqueue(connection, recording.outgoing, recording.at)
            _set_revision(connection, found + 1)
        if (known := self._known_eod) is not None and known.revision == found:
            self._known_eod = following(known, recording)
        return found + 1

    def audit_head(self) -> AuditHead:
        with self._transaction() as connection:
            return self._chain.verified(connection)

    def verify_audit(self) -> tuple[AuditHead, int | None]:
        """The head of the audit chain, and the first entry that does not fit, from the beginning."""
        with self._transaction() as connection:
            return audit.verify(connection)

    def sealed_entries(self) -> tuple[audit.SealedEntry, ...]:
        """The audit log, oldest first, with what chains it."""
        with self._transaction() as connection:
            return audit.entries(connection)

    def audit_entries(self) -> tuple[audit.AuditEntry, ...]:
        """The audit log, oldest first."""
        return tuple(sealed.entry for sealed in self.sealed_entries())

    def _prepare(self) -> None:
        with self._transaction(writing=True) as connection:
            if self._database.schema is not None:
                enter_schema(connection, self._database.schema)
            prepare(connection)

    @contextmanager
    def _transaction(self, *, writing: bool = False) -> Iterator[Connection]:
        """One transaction; errors of the database become StateError, naming it."""
        try:
            with self._database.transaction(writing=writing) as connection:
                yield connection
        except ProgressMoved:
            raise
        except StateError as error:
            raise StateError(f"{self._database.name}: {error}") from error
        except DBAPIError as error:
            raise StateError(f"{self._database.name}: {' '.join(str(error.orig).split())}") from error
        except UnicodeEncodeError as error:
            raise StateError(f"{self._database.name}: {error.object!a} cannot be kept as text") from error


def _revision(connection: Connection) -> int:
    revision: int = connection.execute(select(STATE.c.revision)).scalar_one()
    return revision


def _set_revision(connection: Connection, revision: int) -> None:
    connection.execute(update(STATE).values(revision=revision))


def _flat(progress: Mapping[str, Mapping[str, str | None]]) -> dict[tuple[str, ...], str | None]:
    return {(fleet, key): document for fleet, documents in progress.items() for key, document in documents.items()}
