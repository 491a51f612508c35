"""What survives ``kill -9``: memory, progress of the ledgers, outbox, breaks, halts, audit log, in one database.

SQLite in a file of its own, or PostgreSQL, which several exporters may share. SQLAlchemy is imported when a state is
opened, not when this package is, so that short commands start quickly.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from recon_exporter.ports import Clock

if TYPE_CHECKING:
    from recon_exporter.state.lock import ServeLock
    from recon_exporter.state.store import SqlState


def open_state(url: str, *, busy: timedelta = timedelta(seconds=10)) -> "SqlState":
    """Open the state at an SQLAlchemy URL: its folder or schema and tables are made, older tables brought up to date.

    ``busy`` is how long to wait for another process's transaction. Raises StateError naming the file or the server.
    """
    from recon_exporter.state.store import SqlState  # noqa: PLC0415  # SQLAlchemy takes longer than --version may

    return SqlState(url, busy)


def serve_lock(url: str, clock: Clock) -> "ServeLock":
    """The lock that one ``serve`` holds for life: beside the file of a SQLite state, else in its PostgreSQL."""
    from recon_exporter.state.database import is_postgres, parsed  # noqa: PLC0415  # see open_state
    from recon_exporter.state.lock import FileLock  # noqa: PLC0415
    from recon_exporter.state.postgres import PostgresLock  # noqa: PLC0415
    from recon_exporter.state.sqlite import state_file  # noqa: PLC0415

    address = parsed(url)
    if is_postgres(address):
        return PostgresLock(address)
    file = state_file(address)
    return FileLock(file.with_name(f"{file.name}.serve.lock"), clock)
