"""A bot that writes its SQLite database from a process of its own, and tells how its commits fared.

Run as a program it commits without pause until its input ends, with the busy timeout that sqlite3 gives by default.
"""

from __future__ import annotations

import json
import select
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STEP_SECONDS = 0.001
ADDING_TO_POSITIONS = "UPDATE positions SET quantity = quantity + 1 WHERE id = ?"
"""The parameter of a statement runs from 1 to 1000 and begins anew."""


@dataclass
class Commits:
    """``longest`` is in seconds; ``error`` is that of a commit that failed, and ended the writer."""

    count: int = 0
    longest: float = 0.0
    error: str | None = None


@contextmanager
def writing(path: Path, statement: str = ADDING_TO_POSITIONS) -> Iterator[Commits]:
    """Such a process until the end of the block; then the commits are told."""
    commits = Commits()
    command = [sys.executable, __file__, str(path), statement]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield commits
        finally:
            told, _ = process.communicate()
            commits.__dict__.update(json.loads(told))


def _write(path: str, statement: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    # What is measured is the waiting for others, not the disk.
    connection.execute("PRAGMA synchronous = OFF")
    commits = Commits()
    while not select.select([sys.stdin], [], [], STEP_SECONDS)[0]:
        began = time.monotonic()
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(statement, (1 + commits.count % 1000,))
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            commits.error = str(error)
            break
        commits.longest = max(commits.longest, time.monotonic() - began)
        commits.count += 1
        if commits.count == 1:
            print("writing", flush=True)  # noqa: T201 - the sign to begin
    print(json.dumps(vars(commits)))  # noqa: T201 - the result


if __name__ == "__main__":
    _write(*sys.argv[1:])
