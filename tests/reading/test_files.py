"""A file is replaced whole or not at all."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from recon_exporter.reading.files import TEMPORARY_SUFFIX, replace_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGE = "x" * 200_000


@pytest.fixture
def small_disk() -> Iterator[None]:
    """No file may grow beyond 64 KiB: writing fails as it does on a full disk."""
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, handler)


def test_file_is_made_with_its_folder(tmp_path: Path) -> None:
    replace_file(tmp_path / "deep" / "latest.json", "{}")

    assert (tmp_path / "deep" / "latest.json").read_text() == "{}"


def test_file_is_readable_as_the_mask_allows(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        replace_file(tmp_path / "latest.json", "{}")
    finally:
        os.umask(mask)

    assert (tmp_path / "latest.json").stat().st_mode & 0o777 == 0o644


def test_old_file_is_intact_when_the_disk_is_full(tmp_path: Path, small_disk: None) -> None:
    del small_disk
    file = tmp_path / "latest.json"
    replace_file(file, "old")

    with pytest.raises(OSError, match="File too large"):
        replace_file(file, LARGE)

    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    for text in ("one", "two"):
        replace_file(tmp_path / "latest.json", text)

    assert [path.name for path in tmp_path.iterdir()] == ["latest.json"]


def test_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    file = tmp_path / "latest.json"
    replace_file(file, "0" * 50_000)
    seen: set[str] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.update({file.read_text()})

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(60):
        replace_file(file, str(number % 10) * 50_000)
    done.set()
    reader.join()

    assert {len(text) for text in seen} == {50_000}
    assert {len(set(text)) for text in seen} == {1}


def test_process_killed_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "latest.json"
    replace_file(file, "old")
    program = (
        "import os, sys; from pathlib import Path; from recon_exporter.reading import files\n"
        "os.fsync = lambda _: os.kill(os.getpid(), 9)\n"
        "files.replace_file(Path(sys.argv[1]), 'new')"
    )

    killed = subprocess.run([sys.executable, "-c", program, file], check=False)

    assert killed.returncode == -signal.SIGKILL
    assert file.read_text() == "old"
    assert [path.name.endswith(TEMPORARY_SUFFIX) for path in tmp_path.iterdir() if path != file] == [True]
