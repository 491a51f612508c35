"""The state in a SQLite database: every change is one transaction that is on disk when the call returns."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, delete, event, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from recon_exporter.domain.memory import Memory
from recon_exporter.errors import ProgressMoved, StateError
from recon_exporter.ports import Outgoing, Recording
from recon_exporter.state import audit, outbox
from recon_exporter.state.remembering import (
    Rows,
    memory_of,
    read_rows,
    read_table,
    rows_of,
    write_changes,
    write_table,
)
from recon_exporter.state.tables import CARRIED_FINDINGS, FIRST_SEEN, FORGOTTEN_BOTS, LEDGER_PROGRESS, SEEN_BOTS, STATE
from recon_exporter.state.upgrade import prepare


def state_file(url: str) -> Path:
    """The file of a SQLite URL; raises StateError for any other URL."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StateError("the state's address is no database URL such as sqlite:///.state/recon.db") from None
    if parsed.get_backend_name() != "sqlite":
        raise StateError(f"the state cannot be kept in {parsed.get_backend_name()}, only in sqlite:///FILE")
    if parsed.database in {None, "", ":memory:"}:
        raise StateError(f"{url!r} names no file: a state in memory would be lost")
    return Path(str(parsed.database)).resolve()


@dataclass(frozen=True, slots=True)
class _Known:
    """The rows of the memory as of a revision, so that a recording need not read them again."""

    revision: int
    rows: Rows


class SqlState:
    """Implements ports.State. Safe to use from several threads and processes."""

    def __init__(self, url: str, busy: timedelta) -> None:
        self.file = state_file(url)
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StateError(f"{self.file}: its folder cannot be made: {error.strerror}") from error
        self._engine = _engine(url, busy)
        self._known: _Known | None = None
        with self._transaction(writing=True) as connection:
            prepare(connection)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def revision(self) -> int:
        with self._transaction() as connection:
            return _revision(connection)

    def load(self) -> tuple[Memory, Mapping[str, Mapping[str, str]]]:
        with self._transaction() as connection:
            known = _Known(_revision(connection), read_rows(connection))
            documents = read_table(connection, LEDGER_PROGRESS)
        self._known = known
        progress: dict[str, dict[str, str]] = {}
        for (fleet, key), document in documents.items():
            progress.setdefault(fleet, {})[key] = document
        return memory_of(known.rows, known.revision), MappingProxyType(progress)

    def record(self, recording: Recording) -> int:
        expected = recording.memory.revision
        rows = rows_of(recording.memory)
        with self._transaction(writing=True) as connection:
            if (found := _revision(connection)) != expected:
                raise ProgressMoved(f"{self.file}: at revision {found}, no longer at {expected}")
            known = self._known
            before = known.rows if known and known.revision == expected else read_rows(connection)
            write_changes(connection, before, rows)
            write_table(connection, LEDGER_PROGRESS, _flat(recording.progress))
            outbox.enqueue(connection, recording.outgoing, recording.at)
            _set_revision(connection, expected + 1)
        self._known = _Known(expected + 1, rows)
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
        """Expect the bot no longer, and write down who decided so; False where it was never seen."""
        with self._transaction(writing=True) as connection:
            if connection.execute(delete(SEEN_BOTS).where(SEEN_BOTS.c.bot == bot)).rowcount == 0:
                return False
            write_table(connection, FORGOTTEN_BOTS, {(bot,): act.at})
            for table in (FIRST_SEEN, CARRIED_FINDINGS):
                connection.execute(delete(table).where(table.c.bot == bot))
            audit.append(connection, act)
            _set_revision(connection, _revision(connection) + 1)
        return True

    def audit_entries(self) -> tuple[audit.AuditEntry, ...]:
        """The audit log, oldest first."""
        with self._transaction() as connection:
            return audit.entries(connection)

    @contextmanager
    def _transaction(self, *, writing: bool = False) -> Iterator[Connection]:
        """One transaction; errors of the database become StateError, naming the file."""
        try:
            with self._engine.connect().execution_options(writing=writing) as connection, connection.begin():
                yield connection
        except ProgressMoved:
            raise
        except StateError as error:
            raise StateError(f"{self.file}: {error}") from error
        except DBAPIError as error:
            raise StateError(f"{self.file}: {error.orig}") from error


def _engine(url: str, busy: timedelta) -> Engine:
    engine = create_engine(url, connect_args={"timeout": busy.total_seconds()})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:  # noqa: ANN401  # the driver's own
        connection.isolation_level = None  # the driver opens no transactions of its own: _begin does
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        # With the default of 1000 pages of 4 KiB the report of a large fleet makes every commit write all of it twice.
        connection.execute("PRAGMA wal_autocheckpoint=8000")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes its lock before it reads, so that what it read is still true when it writes.
        writing = connection.get_execution_options().get("writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _revision(connection: Connection) -> int:
    revision: int = connection.execute(select(STATE.c.revision)).scalar_one()
    return revision


def _set_revision(connection: Connection, revision: int) -> None:
    connection.execute(update(STATE).values(revision=revision))


def _flat(progress: Mapping[str, Mapping[str, str | None]]) -> dict[tuple[str, ...], str | None]:
    return {(fleet, key): document for fleet, documents in progress.items() for key, document in documents.items()}
