"""What survives: everything that was recorded, nothing that was half recorded, whoever else records."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, event, text

from recon_exporter.domain.finding import Detail, Finding, Severity
from recon_exporter.domain.memory import CarriedFinding, Memory, Notice, NoticeKind
from recon_exporter.errors import ProgressMoved, StateError
from recon_exporter.ports import Recording
from recon_exporter.state import codec, open_state
from recon_exporter.state.audit import GENESIS, AuditEntry
from recon_exporter.state.upgrade import VERSION, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Connection

    from recon_exporter.state.store import SqlState

NOW = datetime(2026, 3, 6, 12, 0, 0, 123456, tzinfo=UTC)
SHORT = timedelta(milliseconds=50)

DETAILS: Mapping[str, Detail] = {
    "fees": Decimal("2.79500741191964"),
    "exact": Decimal("1.50"),
    "at": NOW,
    "note": 'evil"\\\n',
    "count": 3,
    "known": True,
    "nothing": None,
    "rows": (Decimal("1E-20"), ({"deep": Decimal(0)},)),
}
STEP = Finding(Severity.CRITICAL, "accounting", "fees_counter_decreased_critical", "bot1", DETAILS, NOW)
FULL = Memory(
    seen={"bot1": NOW, "bot2": NOW + SHORT},
    forgotten={"bot9": NOW},
    first_seen={STEP.identity: NOW, ("bot2", "balance", "equity_non_positive", "critical"): NOW},
    carried=(CarriedFinding(STEP, 2, NOW + SHORT),),
    notice=Notice(NoticeKind.FIRING, NOW, "abc", frozenset({("bot1", "accounting"), ("bot2", "balance")})),
    stamped_at=NOW,
    stamped_fingerprint="def",
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / ".state" / "recon.db"


@pytest.fixture
def opened(file: Path) -> Iterator[Callable[..., SqlState]]:
    """Opens the state as another process would; closes what it opened."""
    states: list[SqlState] = []

    def one_more(busy: timedelta = timedelta(seconds=10)) -> SqlState:
        states.append(open_state(f"sqlite:///{file}", busy=busy))
        return states[-1]

    yield one_more
    for state in states:
        state.close()


def recording(memory: Memory, progress: Mapping[str, Mapping[str, str | None]] | None = None) -> Recording:
    return Recording(NOW, memory, progress or {}, ())


def test_new_state_is_made_with_its_folder_and_remembers_nothing(file: Path, opened: Callable[..., SqlState]) -> None:
    assert opened().load() == (Memory(), {})
    assert file.is_file()


def test_what_was_recorded_is_there_for_the_next_process(opened: Callable[..., SqlState]) -> None:
    revision = opened().record(recording(FULL, {"hbot": {"bot1/minute": "{}", "events": "[1]"}}))

    assert revision == 1
    assert opened().load() == (replace(FULL, revision=1), {"hbot": {"bot1/minute": "{}", "events": "[1]"}})


def test_second_recording_changes_adds_and_takes_away(opened: Callable[..., SqlState]) -> None:
    state = opened()
    state.record(recording(FULL, {"hbot": {"a": "1", "b": "1"}, "other": {"a": "1"}}))
    changed = replace(
        FULL,
        revision=1,
        seen={"bot1": NOW, "bot3": NOW},
        forgotten={},
        first_seen={STEP.identity: NOW + SHORT},
        carried=(),
        notice=None,
        stamped_fingerprint="new",
    )

    assert state.record(recording(changed, {"hbot": {"a": "2", "b": None, "c": "1"}})) == 2
    assert opened().load() == (replace(changed, revision=2), {"hbot": {"a": "2", "c": "1"}, "other": {"a": "1"}})


def test_unchanged_memory_writes_no_row(opened: Callable[..., SqlState]) -> None:
    state = opened()
    state.record(recording(FULL))
    statements: list[str] = []
    with watched(state, statements):
        state.record(recording(replace(FULL, revision=1)))

    assert [statement.split()[:2] for statement in statements if not statement.startswith(("SELECT", "BEGIN"))] == [
        ["UPDATE", "recon_state"]
    ]


@contextmanager
def watched(state: SqlState, statements: list[str]) -> Iterator[None]:
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(state._engine, "before_cursor_execute", note)
    yield
    event.remove(state._engine, "before_cursor_execute", note)


def test_recording_on_old_memory_is_refused_and_writes_nothing(opened: Callable[..., SqlState]) -> None:
    first, second = opened(), opened()
    first.record(recording(FULL, {"hbot": {"a": "1"}}))

    with pytest.raises(ProgressMoved, match="at revision 1, no longer at 0"):
        second.record(recording(replace(FULL, seen={"other": NOW}), {"hbot": {"a": "2"}}))

    assert opened().load() == (replace(FULL, revision=1), {"hbot": {"a": "1"}})


def test_process_that_reloads_goes_on_from_what_the_other_left(opened: Callable[..., SqlState]) -> None:
    first, second = opened(), opened()
    second.load()
    first.record(recording(FULL))
    memory, _ = second.load()

    assert second.record(recording(replace(memory, seen={"bot1": NOW}))) == 2
    assert first.load()[0].seen == {"bot1": NOW}


def test_two_that_record_at_once_get_one_recording_and_one_refusal(opened: Callable[..., SqlState]) -> None:
    states = [opened(), opened()]
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def record(state: SqlState, name: str) -> None:
        barrier.wait()
        try:
            state.record(recording(Memory(seen={name: NOW})))
            outcomes.append(name)
        except ProgressMoved:
            outcomes.append("moved")

    threads = [threading.Thread(target=record, args=(state, f"bot{index}")) for index, state in enumerate(states)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (winner,) = [outcome for outcome in outcomes if outcome != "moved"]
    assert len(outcomes) == 2
    assert opened().load()[0] == Memory(revision=1, seen={winner: NOW})


def test_revision_counts_recordings_of_any_process(opened: Callable[..., SqlState]) -> None:
    watcher, other = opened(), opened()
    before = watcher.revision()
    other.record(recording(FULL))

    assert (before, watcher.revision()) == (0, 1)


def test_kill_at_any_instant_leaves_no_half_recording(file: Path) -> None:
    recorder = Path(__file__).with_name("recorder.py")
    done = subprocess.run(
        [sys.executable, recorder, f"sqlite:///{file}", "30"], capture_output=True, text=True, check=True
    )
    told = done.stdout.splitlines()

    assert [line for line in told if not line.isdecimal()] == []
    revisions = [int(line) for line in told]
    assert len(revisions) == 30
    assert revisions == sorted(revisions)
    assert revisions[-1] > 0


def test_several_processes_may_open_a_new_state_at_once(file: Path) -> None:
    program = f"from recon_exporter.state import open_state; print(open_state('sqlite:///{file}').revision())"
    children = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    outcomes = [child.communicate() for child in children]

    assert outcomes == [("0\n", "")] * 4


def test_times_with_another_offset_come_back_as_the_same_instant(opened: Callable[..., SqlState]) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    opened().record(recording(Memory(seen={"bot1": elsewhere})))

    assert opened().load()[0].seen["bot1"].isoformat() == NOW.isoformat()


def test_time_without_zone_is_refused_and_nothing_is_written(opened: Callable[..., SqlState]) -> None:
    state = opened()

    with pytest.raises(Exception, match="no time zone"):
        state.record(recording(Memory(seen={"bot1": NOW.replace(tzinfo=None)})))
    assert state.load()[0] == Memory()


details = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(fold=0)),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), details, max_size=4))
def test_details_of_a_carried_finding_keep_their_types(values: dict[str, Detail]) -> None:
    carried = CarriedFinding(replace(STEP, details=values), 1, NOW)
    again = codec.carried_of(codec.carried_text(carried))

    assert again == carried
    assert repr(again) == repr(carried)


# What is wrong with the database is said with its file.


def test_corrupt_database_is_named(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(b"this is no database" * 100)

    with pytest.raises(StateError, match=r"recon\.db: file is not a database"):
        open_state(f"sqlite:///{file}")


def test_database_that_becomes_corrupt_is_named(file: Path, opened: Callable[..., SqlState]) -> None:
    state = opened()
    state.record(recording(FULL))
    state.close()
    file.write_bytes(file.read_bytes()[:4096] + os.urandom(8192))

    with pytest.raises(StateError, match=r"recon\.db"):
        opened().load()


def test_database_that_another_process_keeps_locked_is_named(file: Path, opened: Callable[..., SqlState]) -> None:
    state = opened(SHORT)
    blocker = sqlite3.connect(file, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StateError, match=r"recon\.db: database is locked"):
            state.record(recording(FULL))
        assert state.revision() == 0
    finally:
        blocker.close()


def test_writer_waits_for_a_short_transaction_of_another(file: Path, opened: Callable[..., SqlState]) -> None:
    state = opened()
    blocker = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    blocker.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, blocker.rollback)
    release.start()

    assert state.record(recording(FULL)) == 1
    release.join()
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


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("postgresql+psycopg://user:secret@host/db", "cannot be kept in postgresql"),
        ("nonsense:secret@host", "is no database URL"),
    ],
)
def test_url_that_is_no_file_is_refused_without_its_password(url: str, why: str) -> None:
    with pytest.raises(StateError, match=why) as refusal:
        open_state(url)
    assert "secret" not in str(refusal.value)


# The schema has a version.


def test_state_of_a_newer_program_is_refused(file: Path, opened: Callable[..., SqlState]) -> None:
    opened().close()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE recon_state SET schema_version = 99")
    connection.close()

    with pytest.raises(StateError, match="has schema version 99, this program knows versions up to"):
        opened()


def test_state_of_an_older_program_is_brought_up_step_by_step(file: Path, opened: Callable[..., SqlState]) -> None:
    opened().record(recording(FULL))

    def add_column(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE seen_bots ADD COLUMN colour TEXT"))

    def fill_column(connection: Connection) -> None:
        connection.execute(text("UPDATE seen_bots SET colour = 'blue'"))

    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        prepare(connection, VERSION + 2, {VERSION: add_column, VERSION + 1: fill_column})
        version = connection.execute(text("SELECT schema_version FROM recon_state")).scalar_one()
        colours = connection.execute(text("SELECT DISTINCT colour FROM seen_bots")).scalars().all()
    engine.dispose()

    assert (version, colours) == (VERSION + 2, ["blue"])


# A person forgets a bot.


def test_forgotten_bot_leaves_with_its_findings_and_the_decision_is_kept(opened: Callable[..., SqlState]) -> None:
    state = opened()
    state.record(recording(replace(FULL, forgotten={})))
    act = AuditEntry(NOW, "alice", "bots forget", "bot1", "retired")

    assert state.forget("bot1", act)
    memory, _ = opened().load()
    assert memory.seen == {"bot2": NOW + SHORT}
    assert memory.forgotten == {"bot1": NOW}
    assert set(memory.first_seen) == {("bot2", "balance", "equity_non_positive", "critical")}
    assert memory.carried == ()
    assert memory.revision == 2
    assert state.audit_entries() == (act,)


def test_bot_that_was_never_seen_cannot_be_forgotten(opened: Callable[..., SqlState]) -> None:
    state = opened()

    assert not state.forget("nobody", AuditEntry(NOW, "alice", "bots forget", "nobody", "typo"))
    assert (state.revision(), state.audit_entries()) == (0, ())


def test_recording_that_does_not_know_of_the_forgetting_is_refused(opened: Callable[..., SqlState]) -> None:
    running, command = opened(), opened()
    running.record(recording(FULL))
    command.forget("bot1", AuditEntry(NOW, "alice", "bots forget", "bot1", "retired"))

    with pytest.raises(ProgressMoved):
        running.record(recording(replace(FULL, revision=1)))


def test_audit_rows_are_chained(file: Path, opened: Callable[..., SqlState]) -> None:
    state = opened()
    state.record(recording(FULL))
    for bot in ("bot1", "bot2"):
        state.forget(bot, AuditEntry(NOW, "alice", "bots forget", bot, "retired"))

    with sqlite3.connect(file) as connection:
        rows = connection.execute("SELECT sequence, previous, digest FROM audit_log ORDER BY sequence").fetchall()
    connection.close()

    assert [row[0] for row in rows] == [1, 2]
    assert [row[1] for row in rows] == [GENESIS, rows[0][2]]
    assert len({row[2] for row in rows} | {GENESIS}) == 3
