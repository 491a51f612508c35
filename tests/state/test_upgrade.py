"""The schema has a version: older states are brought up to date, newer ones refused."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text, update

from recon_exporter.domain.memory import Memory
from recon_exporter.errors import StateError
from recon_exporter.ports import AuditAct, EodRecording, Recording
from recon_exporter.state import open_state
from recon_exporter.state.tables import STATE
from recon_exporter.state.upgrade import VERSION, prepare
from support.positions import make_break

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from recon_exporter.state.store import SqlState

NOW = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
OLD_STATE = Path(__file__).with_name("version_1.sql")
"""What a program of version 1 had left in its file: four bots, a notice, two of the bots forgotten."""


def test_state_of_a_newer_program_is_refused(opened: Callable[..., SqlState]) -> None:
    state = opened()
    with state._database.transaction(writing=True) as connection:
        connection.execute(update(STATE).values(schema_version=99))

    with pytest.raises(StateError, match="has schema version 99, this program knows versions up to"):
        opened()


def test_state_of_an_older_program_is_brought_up_step_by_step(opened: Callable[..., SqlState]) -> None:
    state = opened()
    state.record(Recording(NOW, Memory(seen={"bot1": NOW}), {}, ()))

    def add_column(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE seen_bots ADD COLUMN colour TEXT"))

    def fill_column(connection: Connection) -> None:
        connection.execute(text("UPDATE seen_bots SET colour = 'blue'"))

    with state._database.transaction(writing=True) as connection:
        if state._database.schema is not None:
            connection.exec_driver_sql(f"SET LOCAL search_path TO {state._database.schema}")
        prepare(connection, VERSION + 2, {VERSION: add_column, VERSION + 1: fill_column})
        version = connection.execute(text("SELECT schema_version FROM recon_state")).scalar_one()
        colours = connection.execute(text("SELECT DISTINCT colour FROM seen_bots")).scalars().all()

    assert (version, colours) == (VERSION + 2, ["blue"])


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file of version 1."""
    file = tmp_path / "recon.db"
    connection = sqlite3.connect(file)
    connection.executescript(OLD_STATE.read_text(encoding="utf-8"))
    connection.close()
    return file


def test_file_of_version_1_keeps_everything_and_takes_breaks(old: Path) -> None:
    state = open_state(f"sqlite:///{old}")
    memory, progress = state.load()
    head, broken_at = state.verify_audit()

    assert sorted(memory.seen) == ["bot1", "bot2"]
    assert sorted(memory.forgotten) == ["bot3", "bot4"]
    assert progress == {"hbot": {"bot1/minute": "{}"}}
    assert memory.notice is not None
    assert (head.sequence, head.is_valid, broken_at) == (2, True, None)
    assert state.audit_head() == head
    assert state.record_eod(EodRecording(NOW, memory.revision, acts=(AuditAct("eod", "run_completed", "b", "0"),))) == 4
    assert (state.verify_audit()[0].sequence, state.verify_audit()[1]) == (3, None)
    state.close()


def test_file_of_version_1_gets_the_tables_of_a_new_one(old: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.db"
    for file in (old, new):
        open_state(f"sqlite:///{file}").close()

    assert columns(old) == columns(new)


def columns(file: Path) -> set[tuple[object, ...]]:
    """Table, name, type, whether it may be missing, and place in the key, of every column; and every index."""
    connection = sqlite3.connect(file)
    found = connection.execute(
        'SELECT m.name, c.name, c.type, c."notnull", c.pk FROM sqlite_master AS m, pragma_table_info(m.name) AS c'
        " WHERE m.type = 'table'"
    ).fetchall()
    found += connection.execute("SELECT tbl_name, name FROM sqlite_master WHERE type = 'index'").fetchall()
    connection.close()
    return set(found)


def test_file_of_version_1_without_audit_log_begins_its_chain(old: Path) -> None:
    with sqlite3.connect(old) as connection:
        connection.execute("DELETE FROM audit_log")
    connection.close()
    state = open_state(f"sqlite:///{old}")

    assert state.verify_audit() == (state.audit_head(), None)
    assert state.audit_head().sequence == 0
    state.close()


def test_breaks_of_version_2_are_those_of_runs(tmp_path: Path) -> None:
    file = tmp_path / "recon.db"
    state = open_state(f"sqlite:///{file}")
    state.record_eod(EodRecording(NOW, 0, breaks=(make_break(),)))
    state.close()
    with sqlite3.connect(file) as connection:
        connection.execute("ALTER TABLE breaks DROP COLUMN check_name")
        connection.execute("UPDATE recon_state SET schema_version = 2")
    connection.close()
    state = open_state(f"sqlite:///{file}")

    assert len(state.load_eod().breaks) == 1
    assert state.load()[0].breaks == ()
    state.close()
