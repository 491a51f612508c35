"""The state in a SQLite file."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event

from recon_exporter.errors import StateError
from recon_exporter.state.database import Database


def state_file(address: URL) -> Path:
    """The file of a SQLite address; raises StateError where it names none."""
    if address.database in {None, "", ":memory:"}:
        raise StateError("the state's address names no file: a state in memory would be lost")
    return Path(str(address.database)).resolve()


def open_sqlite(address: URL, busy: timedelta) -> Database:
    """The file and its folder; raises StateError where the folder cannot be made."""
    file = state_file(address)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(f"{file}: its folder cannot be made: {error.strerror}") from error
    engine = create_engine(address, connect_args={"timeout": busy.total_seconds()})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:  # noqa: ANN401  # the driver's own
        connection.isolation_level = None  # the driver opens no transactions of its own: _begin does
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        # With the default of 1000 pages of 4 KiB the report of a large fleet makes every commit write all of it twice.
        connection.execute("PRAGMA wal_autocheckpoint=8000")
        # With the default of 1000 pages of 4 KiB the report of a large fleet makes every commit write all of it twice.
        connection.execute("PRAGMA wal_autocheckpoint=8000")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return Database(str(file), engine)
