"""One serve for one state: the second is told who holds it, and no dead process holds it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from recon_exporter.errors import StateError
from recon_exporter.state import serve_lock
from support.parts import FixedClock

if TYPE_CHECKING:
    from pathlib import Path

HOLDER = """
import sys, time
from recon_exporter.clock import SystemClock
from recon_exporter.state import serve_lock
serve_lock(sys.argv[1], SystemClock()).acquire()
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/.state/recon.db"


def test_second_serve_is_refused_and_told_who_holds_the_lock(url: str) -> None:
    with serve_lock(url, FixedClock()), pytest.raises(StateError) as refusal:
        serve_lock(url, FixedClock()).acquire()

    assert f"process {os.getpid()} on {os.uname().nodename} since 2026-03-06T12:00:00.000000+00:00" in str(
        refusal.value
    )
    assert "recon.db.serve.lock" in str(refusal.value)


def test_lock_is_free_after_release(url: str) -> None:
    for _ in range(2):
        with serve_lock(url, FixedClock()):
            pass


def test_release_of_a_lock_that_is_not_held_does_nothing(url: str) -> None:
    serve_lock(url, FixedClock()).release()


def test_states_in_different_files_have_different_locks(url: str, tmp_path: Path) -> None:
    with serve_lock(url, FixedClock()), serve_lock(f"sqlite:///{tmp_path}/other.db", FixedClock()):
        pass


def test_same_file_under_another_name_is_the_same_state(url: str, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / ".state")
    with serve_lock(url, FixedClock()), pytest.raises(StateError):
        serve_lock(f"sqlite:///{tmp_path}/link/../link/recon.db", FixedClock()).acquire()


def test_lock_of_a_killed_process_is_free(url: str) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StateError, match=f"process {holder.pid} on"):
            serve_lock(url, FixedClock()).acquire()
        holder.send_signal(signal.SIGKILL)
        holder.wait()

    with serve_lock(url, FixedClock()):
        pass


def test_damaged_signature_does_not_hide_that_the_lock_is_held(url: str, tmp_path: Path) -> None:
    with serve_lock(url, FixedClock()):
        (tmp_path / ".state" / "recon.db.serve.lock").write_text("{")
        with pytest.raises(StateError, match="has not signed"):
            serve_lock(url, FixedClock()).acquire()


def test_lock_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(StateError, match=r"recon\.db\.serve\.lock"):
        serve_lock(f"sqlite:///{tmp_path}/taken/recon.db", FixedClock()).acquire()


def test_package_is_imported_without_its_database_library() -> None:
    program = "import sys, recon_exporter.state; print('sqlalchemy' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
