"""The state in a PostgreSQL that several exporters may share: each instance has a schema of its own.

``?instance=NAME`` in the address says which; without it the instance is ``default``. Nothing of one instance is seen,
locked or counted by another.
"""

import os
import socket
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import URL, Connection, Engine, Inspector, NullPool, Pool, create_engine, event, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateSchema

from recon_exporter.domain.document import time_text
from recon_exporter.errors import StateError
from recon_exporter.state.database import POSTGRES, Database
from recon_exporter.state.instance import DEFAULT_INSTANCE, EXPECTED_INSTANCE, INSTANCE, is_instance
from recon_exporter.state.lock import ServeLock

CONNECT_SECONDS = 10
PROGRAM = "recon-exporter"
SERVING = f"{PROGRAM}: "
"""Begins what the session of a serve lock is called; its process follows."""
_HOLDER = text(
    """
    SELECT activity.application_name, activity.backend_start
    FROM pg_locks AS locks LEFT JOIN pg_stat_activity AS activity USING (pid)
    WHERE locks.locktype = 'advisory' AND locks.granted AND locks.objsubid = 1
      AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (locks.classid::bigint << 32) | locks.objid::bigint = :key
    """
)


@dataclass(frozen=True, slots=True)
class Place:
    """Server, database and schema of one instance; ``name`` shows neither user nor password."""

    address: URL
    schema: str
    name: str

    def key(self, purpose: str) -> int:
        """The number of an advisory lock of this instance."""
        return int.from_bytes(sha256(f"recon-exporter {purpose} {self.schema}".encode()).digest()[:8], signed=True)

    def engine(self, application: str, pool: type[Pool] | None = None) -> Engine:
        """Connections that any pooler between us and the server may hand out for one transaction each."""
        options: dict[str, object] = {
            "connect_timeout": CONNECT_SECONDS,
            "application_name": application,
            "prepare_threshold": None,
        }
        told = {key: value for key, value in options.items() if key not in self.address.query}
        try:
            return create_engine(self.address, connect_args=told, poolclass=pool, pool_pre_ping=pool is None)
        except ImportError as error:
            raise StateError(f"{self.name}: {error}; pip install 'recon-exporter[postgres]'") from None


def place_of(address: URL) -> Place:
    """Raises StateError for an instance that can have no schema."""
    instance = address.query.get(INSTANCE, DEFAULT_INSTANCE)
    if not isinstance(instance, str) or not is_instance(instance):
        raise StateError(f"the state's address: {INSTANCE} {instance!r}, expected {EXPECTED_INSTANCE}")
    bare = URL.create(POSTGRES, host=address.host, port=address.port, database=address.database)
    own = address.difference_update_query([INSTANCE]).set(drivername="postgresql+psycopg")
    return Place(own, f"recon_{instance}", f"{bare.render_as_string()} ({INSTANCE} {instance})")


def open_postgres(address: URL, busy: timedelta) -> Database:
    """The instance's part of the database, with its schema. Raises StateError for an instance of no proper name."""
    place = place_of(address)
    engine = place.engine(PROGRAM).execution_options(schema_translate_map={None: place.schema})
    milliseconds = int(busy.total_seconds() * 1000)
    key = place.key("write")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("writing"):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {milliseconds}")
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})

    return Database(place.name, engine, place.schema, {"isolation_level": "REPEATABLE READ"})


def enter_schema(connection: Connection, schema: str) -> None:
    """Have the schema, and let plain SQL of this transaction name its tables."""
    inspector: Inspector = inspect(connection)
    if schema not in inspector.get_schema_names():
        connection.execute(CreateSchema(schema))
    connection.exec_driver_sql(f'SET LOCAL search_path TO "{schema}"')


class PostgresLock(ServeLock):
    """An advisory lock of one session: it ends with the process, or with the process's connection."""

    def __init__(self, address: URL) -> None:
        self._place = place_of(address)
        holder = f"{SERVING}process {os.getpid()} on {socket.gethostname()}"
        self._engine = self._place.engine(holder, NullPool).execution_options(isolation_level="AUTOCOMMIT")
        self._session: Connection | None = None

    def acquire(self) -> None:
        session: Connection | None = None
        key = {"key": self._place.key("serve")}
        try:
            session = self._engine.connect()
            if session.execute(text("SELECT pg_try_advisory_lock(:key)"), key).scalar_one():
                self._session = session
                return
            holder = session.execute(_HOLDER, key).one_or_none()
        except DBAPIError as error:
            raise StateError(f"{self._place.name}: {' '.join(str(error.orig).split())}") from error
        finally:
            if session is not None and self._session is None:
                session.close()
        who = "its holder cannot be seen"
        if holder is not None and holder.application_name:
            who = f"{holder.application_name.removeprefix(SERVING)} since {time_text(holder.backend_start)}"
        raise StateError(f"{self._place.name}: another serve works on this state: {who}")

    def release(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None
