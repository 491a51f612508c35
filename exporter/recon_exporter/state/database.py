"""What the state needs of a database: transactions whose writers wait for each other, and addresses told apart.

A writer takes its lock before it reads, so that what it read is still true when it writes; a reader sees everything as
of one moment.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from recon_exporter.errors import StateError

SQLITE = "sqlite"
POSTGRES = "postgresql"


@dataclass(frozen=True, slots=True)
class Database:
    """``name`` is how errors call it, without user and password; ``reading`` are the options of a reader.

    ``schema`` holds the tables, where the database has such a thing.
    """

    name: str
    engine: Engine
    schema: str | None = None
    reading: Mapping[str, Any] = field(default_factory=dict)

    @contextmanager
    def transaction(self, *, writing: bool) -> Iterator[Connection]:
        """One transaction, durable when the block is left without an error."""
        options = {} if writing else self.reading
        with self.engine.connect().execution_options(writing=writing, **options) as connection, connection.begin():
            yield connection


def parsed(url: str) -> URL:
    """The parts of an address. Raises StateError for one that names no database which can hold a state."""
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise StateError("the state's address is no database URL such as sqlite:///.state/recon.db") from None
    if address.get_backend_name() not in {SQLITE, POSTGRES}:
        raise StateError(f"the state cannot be kept in {address.get_backend_name()}, only in SQLite or PostgreSQL")
    return address


def is_postgres(address: URL) -> bool:
    return address.get_backend_name() == POSTGRES
