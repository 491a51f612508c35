"""Three ways to read an SQLite database whose writer must not wait: at once, from a copy, in ranges of keys.

Without a write-ahead log a reader's lock keeps the writer from committing for as long as the query runs. So a query may
run for a twentieth of a second at most. One that takes longer is run on a copy in memory, which is taken under one
short lock; of a database that is too large for that, a plain query over one table is read in ranges of row ids.
"""

import re
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing

from recon_exporter.clock import SystemClock
from recon_exporter.domain.finding import Reason
from recon_exporter.reading.refused import Refused
from recon_exporter.reading.results import Result

LOCK_SECONDS = 0.05
LONGEST_SECONDS = 60.0
COPIED_BYTES = 1 << 26
RANGE_ROWS = 10_000
FEWEST_ROWS = 100
ATTEMPTS = 3
INSTRUCTIONS = 100
"""Of SQLite's machine between two looks at the time; few, because other threads may hold the interpreter meanwhile."""

CLOCK = SystemClock()

_PLAIN = re.compile(
    r'select\s.+?\sfrom\s+(?P<table>[a-z_]\w*|"[^"]+")(?:\s+(?:as\s+)?[a-z_]\w*)?(?:\s+where\s.+)?',
    re.IGNORECASE | re.DOTALL,
)
_NOT_BY_ROW = re.compile(
    r"\b(?:distinct|group|order|limit|union|except|intersect|join|with|over|rowid|select(?=.*\bselect\b)"
    r"|(?:sum|total|count|min|max|avg|\w*group\w*|string_agg)\s*\()",
    re.IGNORECASE | re.DOTALL,
)


class TooSlow(Exception):
    """The query had to be given up, so that its lock does not last."""


def fetch(connection: sqlite3.Connection, query: str, seconds: float, parameters: Sequence[int] = ()) -> Result:
    """All rows, in one short time; raises TooSlow, and sqlite3.Error. No lock is left either way.

    The time runs from the first instructions on: waiting for the writer is not counted.
    """
    connection.set_progress_handler(_deadline(seconds), INSTRUCTIONS)
    try:
        with closing(connection.cursor()) as cursor:
            cursor.execute(query, parameters)
            return Result(tuple(name for name, *_ in cursor.description or ()), cursor.fetchall())
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            raise TooSlow from None
        raise
    finally:
        connection.set_progress_handler(None, 0)


def fetch_beside_writer(connection: sqlite3.Connection, query: str, read_ahead: Callable[[], None]) -> Result:
    """All rows of a query, without ever holding a lock for long; raises Refused and sqlite3.Error.

    ``read_ahead`` brings the file into the system's cache, so that a copy does not wait for the disk.
    """
    try:
        return fetch(connection, query, LOCK_SECONDS)
    except TooSlow:
        size = _single(connection, "PRAGMA page_count") * _single(connection, "PRAGMA page_size")
    if size > COPIED_BYTES:
        return _in_ranges(connection, query)
    read_ahead()
    return _from_copy(connection, query)


def _from_copy(connection: sqlite3.Connection, query: str) -> Result:
    content = connection.serialize()
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
        copy.deserialize(content)
        del content
        try:
            return fetch(copy, query, LONGEST_SECONDS)
        except TooSlow:
            raise _too_slow(f"took longer than {LONGEST_SECONDS:g} s") from None


def _in_ranges(connection: sqlite3.Connection, query: str) -> Result:
    """The rows range by range, all of one version of the database."""
    query = query.strip().removesuffix(";").rstrip()
    plain = _PLAIN.fullmatch(query)
    if plain is None or _NOT_BY_ROW.search(query):
        raise _too_slow("is no plain SELECT of one table, which could be read in parts")
    for _ in range(ATTEMPTS):
        version = _single(connection, "PRAGMA data_version")
        result = _range_by_range(connection, query, plain["table"])
        if _single(connection, "PRAGMA data_version") == version:
            return result
    raise Refused(Reason.MOVED_WHILE_READ, "the table changed while it was read in parts; a write-ahead log would help")


def _range_by_range(connection: sqlite3.Connection, query: str, table: str) -> Result:
    # The name of the table stands for a range of it: what is read of it is what the whole query reads.
    within = f"WITH {table} AS (SELECT * FROM main.{table} WHERE rowid > ? AND rowid <= ?) {query}"  # noqa: S608
    bounds = f"SELECT max(rowid) FROM (SELECT rowid FROM main.{table} WHERE rowid > ? ORDER BY rowid LIMIT ?)"  # noqa: S608
    columns, rows = fetch(connection, within, LOCK_SECONDS, (0, 0))
    gathered, after, wanted = list(rows), -(1 << 63), RANGE_ROWS
    while True:
        try:
            ((last,),) = fetch(connection, bounds, LOCK_SECONDS, (after, wanted)).rows
            if not isinstance(last, int):
                return Result(columns, gathered)
            gathered += fetch(connection, within, LOCK_SECONDS, (after, last)).rows
            after, wanted = last, min(2 * wanted, RANGE_ROWS)
        except TooSlow:
            if wanted <= FEWEST_ROWS:
                raise _too_slow(f"takes too long even for {wanted} rows") from None
            wanted //= 2


def _single(connection: sqlite3.Connection, query: str) -> int:
    ((value,),) = fetch(connection, query, LOCK_SECONDS).rows
    if not isinstance(value, int):
        raise Refused(Reason.SOURCE_MALFORMED, f"{query} gives {value!r}")
    return value


def _deadline(seconds: float) -> Callable[[], bool]:
    """Answers whether the time is up since it was asked first."""
    end: float | None = None

    def is_over() -> bool:
        nonlocal end
        if end is None:
            end = CLOCK.monotonic() + seconds
        return CLOCK.monotonic() > end

    return is_over


def _too_slow(why: str) -> Refused:
    return Refused(Reason.DEADLINE_EXCEEDED, f"the query would keep the writer waiting for too long, and {why}")
