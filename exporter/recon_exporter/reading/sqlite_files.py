"""Somebody else's SQLite database, opened so that its writer notices nothing.

1. It is opened read-only, outside any transaction, and all rows are fetched at once.
2. With a write-ahead log readers never block the writer. Where the log is gone (the writer has stopped), opening the
   database would leave a new one behind, owned by us: then it is opened as immutable, and what was read counts only if
   no writer has come in between.
3. Without such a log no query holds its lock for long: see sqlite_reads.
"""

import os
import sqlite3
import stat
import threading
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from recon_exporter.domain.finding import Reason
from recon_exporter.reading.refused import Refused
from recon_exporter.reading.results import Result
from recon_exporter.reading.sqlite_reads import LONGEST_SECONDS, TooSlow, fetch, fetch_beside_writer

BUSY_SECONDS = 5.0
ATTEMPTS = 3
MAGIC = b"SQLite format 3\0"
HEADER_BYTES = 100
WRITE_VERSION = 18
WRITE_AHEAD = 2
PIECE = 1 << 20

_GUARDS: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
"""One reader of a file at a time: closing any descriptor of it drops the locks that this process holds on it."""

_REASONS = {
    sqlite3.SQLITE_NOTADB: Reason.SOURCE_MALFORMED,
    sqlite3.SQLITE_CORRUPT: Reason.SOURCE_MALFORMED,
    sqlite3.SQLITE_ERROR: Reason.INPUT_MISSING,
}


def query_sqlite(path: Path, query: str) -> Result:
    """The rows of the query; raises Refused."""
    # The journal and the log of a database lie beside the file itself, not beside a link to it.
    path = Path(os.path.realpath(path))
    try:
        with _GUARDS[str(path)]:
            return _query(path, query)
    except FileNotFoundError:
        raise Refused(Reason.SOURCE_MISSING, "the file is not there") from None
    except OSError as error:
        raise Refused(Reason.SOURCE_UNREADABLE, str(error.strerror)) from None
    except sqlite3.Error as error:
        raise _refused(error) from None
    except TooSlow:
        raise Refused(Reason.DEADLINE_EXCEEDED, f"the query took longer than {LONGEST_SECONDS:g} s") from None


def _query(path: Path, query: str) -> Result:
    for _ in range(ATTEMPTS):
        if not _has_write_ahead(path):
            with closing(_connected(path, "mode=ro")) as connection:
                return fetch_beside_writer(connection, query, lambda: _read_ahead(path))
        if _log(path).exists():
            with closing(_connected(path, "mode=ro")) as connection:
                return fetch(connection, query, LONGEST_SECONDS)
        before = _version(path)
        with closing(_connected(path, "mode=ro&immutable=1")) as connection:
            result = fetch(connection, query, LONGEST_SECONDS)
        if not _log(path).exists() and _version(path) == before:
            return result
    raise Refused(Reason.MOVED_WHILE_READ, "its writer came and went while it was read")


def _connected(path: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True, timeout=BUSY_SECONDS, isolation_level=None)


def _has_write_ahead(path: Path) -> bool:
    """Whether the database keeps a write-ahead log; raises OSError, and Refused for a file of another kind."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Refused(Reason.SOURCE_UNREADABLE, "it is no regular file")
        header = os.read(descriptor, HEADER_BYTES)
    finally:
        os.close(descriptor)
    if header and not header.startswith(MAGIC):
        raise Refused(Reason.SOURCE_MALFORMED, f"found {header[:16]!r}, expected an SQLite database")
    return len(header) == HEADER_BYTES and header[WRITE_VERSION] == WRITE_AHEAD


def _read_ahead(path: Path) -> None:
    with path.open("rb", buffering=0) as file:
        while file.read(PIECE):
            pass


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _version(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return (status.st_ino, status.st_size, status.st_mtime_ns)


def _refused(error: sqlite3.Error) -> Refused:
    told = str(error)
    if told.startswith("Could not decode"):
        return Refused(Reason.SOURCE_MALFORMED, told)
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_IOERR) & 0xFF
    if code == sqlite3.SQLITE_BUSY:
        told = f"its writer kept it locked for {BUSY_SECONDS:g} s ({told})"
    elif code == sqlite3.SQLITE_READONLY:
        told = f"the query writes, or the writer died in the middle of a write and has to come back first ({told})"
    return Refused(_REASONS.get(code, Reason.SOURCE_UNREADABLE), told)
