"""One serve for one state: the second is told who holds it, and no dead process holds it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from recon_exporter.domain.memory import Memory
from recon_exporter.errors import StateError
from recon_exporter.ports import Recording
from recon_exporter.state import serve_lock
from support.parts import FixedClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from recon_exporter.state.store import SqlState
    from support.postgres import PostgresServer

NOW = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)

HOLDER = """
import sys, time
from recon_exporter.clock import SystemClock
from recon_exporter.state import serve_lock
serve_lock(sys.argv[1], SystemClock()).acquire()
print("held", flush=True)
time.sleep(600)
"""


def test_second_serve_is_refused_and_told_who_holds_the_lock(url: str) -> None:
    with serve_lock(url, FixedClock()), pytest.raises(StateError) as refusal:
        serve_lock(url, FixedClock()).acquire()

    assert f"another serve works on this state: {holder(os.getpid())} since 20" in str(refusal.value)


def holder(process: int) -> str:
    return f"process {process} on {os.uname().nodename}"


def test_lock_is_free_after_release(url: str) -> None:
    for _ in range(2):
        with serve_lock(url, FixedClock()):
            pass


def test_release_of_a_lock_that_is_not_held_does_nothing(url: str) -> None:
    serve_lock(url, FixedClock()).release()


def test_lock_does_not_hinder_whoever_works_on_the_state(url: str, opened: Callable[..., SqlState]) -> None:
    with serve_lock(url, FixedClock()):
        assert opened().record(Recording(NOW, Memory(), {}, ())) == 1


def test_lock_of_a_killed_process_is_free(url: str) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        with pytest.raises(StateError, match=holder(child.pid)):
            serve_lock(url, FixedClock()).acquire()
        child.send_signal(signal.SIGKILL)
        child.wait()

    with serve_lock(url, FixedClock()):
        pass


# Beside a file.


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/.state/recon.db"


def test_holder_of_a_file_is_named_with_the_file_and_the_time(file_url: str) -> None:
    with serve_lock(file_url, FixedClock()), pytest.raises(StateError) as refusal:
        serve_lock(file_url, FixedClock()).acquire()

    assert "recon.db.serve.lock: " in str(refusal.value)
    assert str(refusal.value).endswith("since 2026-03-06T12:00:00.000000+00:00")


def test_states_in_different_files_have_different_locks(file_url: str, tmp_path: Path) -> None:
    with serve_lock(file_url, FixedClock()), serve_lock(f"sqlite:///{tmp_path}/other.db", FixedClock()):
        pass


def test_same_file_under_another_name_is_the_same_state(file_url: str, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / ".state")
    with serve_lock(file_url, FixedClock()), pytest.raises(StateError):
        serve_lock(f"sqlite:///{tmp_path}/link/../link/recon.db", FixedClock()).acquire()


def test_damaged_signature_does_not_hide_that_the_lock_is_held(file_url: str, tmp_path: Path) -> None:
    with serve_lock(file_url, FixedClock()):
        (tmp_path / ".state" / "recon.db.serve.lock").write_text("{")
        with pytest.raises(StateError, match="has not signed"):
            serve_lock(file_url, FixedClock()).acquire()


def test_lock_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(StateError, match=r"recon\.db\.serve\.lock"):
        serve_lock(f"sqlite:///{tmp_path}/taken/recon.db", FixedClock()).acquire()


# In PostgreSQL.


@pytest.fixture
def server_url(postgres: PostgresServer) -> str:
    return postgres.url(postgres.database())


@pytest.mark.needs_program("postgres", "initdb")
def test_each_instance_of_a_database_has_a_lock_of_its_own(server_url: str) -> None:
    with serve_lock(server_url, FixedClock()), serve_lock(f"{server_url}?instance=other", FixedClock()):
        pass


@pytest.mark.needs_program("postgres", "initdb")
def test_same_instance_in_another_database_has_another_lock(postgres: PostgresServer, server_url: str) -> None:
    with serve_lock(server_url, FixedClock()), serve_lock(postgres.url(postgres.database()), FixedClock()):
        pass


@pytest.mark.needs_program("postgres", "initdb")
def test_refusal_names_instance_and_holder_without_the_password(postgres: PostgresServer, server_url: str) -> None:
    with serve_lock(server_url, FixedClock()), pytest.raises(StateError) as refusal:
        serve_lock(server_url, FixedClock()).acquire()

    assert "(instance default): another serve works on this state: process" in str(refusal.value)
    assert postgres.password not in str(refusal.value)


@pytest.mark.needs_program("postgres", "initdb")
def test_lock_of_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(StateError, match=r"^postgresql://127\.0\.0\.1:1/recon \(instance default\): "):
        serve_lock("postgresql+psycopg://alice:secret@127.0.0.1:1/recon", FixedClock()).acquire()


def test_package_is_imported_without_its_database_library() -> None:
    program = "import sys, recon_exporter.state; print('sqlalchemy' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
