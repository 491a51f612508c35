"""What survives ``kill -9``: memory, progress of the ledgers, outbox, audit log, in one SQLite database.

SQLAlchemy is imported when a state is opened, not when this package is, so that short commands start quickly.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from recon_exporter.ports import Clock

if TYPE_CHECKING:
    from recon_exporter.state.lock import ServeLock
    from recon_exporter.state.store import SqlState


def open_state(url: str, *, busy: timedelta = timedelta(seconds=10)) -> "SqlState":
    """Open the state at an SQLAlchemy URL, creating its folder and tables, or bringing older tables up to date.

    ``busy`` is how long to wait for another process's transaction. Raises StateError naming the file.
    """
    from recon_exporter.state.store import SqlState  # noqa: PLC0415  # SQLAlchemy takes longer than --version may

    return SqlState(url, busy)


def serve_lock(url: str, clock: Clock) -> "ServeLock":
    """The lock that one ``serve`` holds for life; it stands beside the state's file."""
    from recon_exporter.state.lock import ServeLock  # noqa: PLC0415  # see open_state
    from recon_exporter.state.store import state_file  # noqa: PLC0415

    file = state_file(url)
    return ServeLock(file.with_name(f"{file.name}.serve.lock"), clock)
