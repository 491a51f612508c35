"""A state in a SQLite file: what is wrong with it is said with the file."""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from recon_exporter.domain.memory import Memory
from recon_exporter.errors import StateError
from recon_exporter.ports import Recording
from recon_exporter.state import open_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recon_exporter.state.store import SqlState

NOW = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
SHORT = timedelta(milliseconds=50)
RECORDING = Recording(NOW, Memory(seen={"bot1": NOW}), {}, ())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / ".state" / "recon.db"


@pytest.fixture
def state(file: Path) -> Iterator[SqlState]:
    state = open_state(f"sqlite:///{file}", busy=SHORT)
    yield state
    state.close()


def test_file_is_made_with_its_folder(file: Path) -> None:
    open_state(f"sqlite:///{file}").close()

    assert file.is_file()


def test_corrupt_database_is_named(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(b"this is no database" * 100)

    with pytest.raises(StateError, match=r"recon\.db: file is not a database"):
        open_state(f"sqlite:///{file}")


def test_database_that_becomes_corrupt_is_named(file: Path, state: SqlState) -> None:
    state.record(RECORDING)
    state.close()
    file.write_bytes(file.read_bytes()[:4096] + os.urandom(8192))

    with pytest.raises(StateError, match=r"recon\.db"):
        open_state(f"sqlite:///{file}").load()


def test_database_that_another_process_keeps_locked_is_named(file: Path, state: SqlState) -> None:
    blocker = sqlite3.connect(file, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StateError, match=r"recon\.db: database is locked"):
            state.record(RECORDING)
        assert state.revision() == 0
    finally:
        blocker.close()


def test_writer_waits_for_a_short_transaction_of_another(file: Path) -> None:
    state = open_state(f"sqlite:///{file}")
    blocker = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    blocker.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, blocker.rollback)
    release.start()

    assert state.record(RECORDING) == 1
    release.join()
    state.close()
    blocker.close()


@contextmanager
def without_privileges() -> Iterator[None]:
    """As a user who may not write everywhere; the superuser lends its rights out."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_database_that_may_not_be_written_is_named() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "recon.db"
        open_state(f"sqlite:///{file}").close()
        file.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
        Path(folder).chmod(0o555)
        with without_privileges(), pytest.raises(StateError, match=rf"{file}: .*(readonly|unable to open)"):
            open_state(f"sqlite:///{file}")
        Path(folder).chmod(0o755)


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(StateError, match=r"recon\.db: its folder cannot be made"):
        open_state(f"sqlite:///{tmp_path}/taken/recon.db")


def test_database_of_another_program_is_left_alone(file: Path) -> None:
    file.parent.mkdir(parents=True)
    foreign = sqlite3.connect(file)
    foreign.execute("CREATE TABLE trades (id INTEGER)")
    foreign.commit()
    foreign.close()

    with pytest.raises(StateError, match=r"recon\.db: holds tables of another program \(trades\)"):
        open_state(f"sqlite:///{file}")
