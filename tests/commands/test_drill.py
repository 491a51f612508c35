"""`drill` says what it cannot write before anything is played, and never with a traceback."""

from __future__ import annotations

import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from recon_exporter.commands import drill

if TYPE_CHECKING:
    from collections.abc import Iterator

NOWHERE = Path("/proc/nowhere/folder")
"""Nobody can make a folder there, root neither."""


@pytest.fixture
def signals_as_before() -> Iterator[None]:
    handlers = {number: signal.getsignal(number) for number in drill.ENDED_BY}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


def played(alert: str | None = None, directory: Path | None = None, output: Path = Path("drills.md")) -> int:
    return drill.run(drill.Wish(alert, None, 600.0, alert is None, 1, directory, output))


def test_folder_that_cannot_be_made_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert played("Watchdog", directory=NOWHERE) == 2
    assert capsys.readouterr().err == f"drill: --directory {NOWHERE}: No such file or directory\n"


def test_page_that_cannot_be_written_is_refused_before_anything_is_played(capsys: pytest.CaptureFixture[str]) -> None:
    assert played(output=NOWHERE / "drills.md") == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == (
        "",
        f"drill: --output {NOWHERE / 'drills.md'}: No such file or directory\n",
    )


def test_page_that_is_a_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert played(output=tmp_path) == 2
    assert capsys.readouterr().err == f"drill: --output {tmp_path}: expected a file that can be written\n"


def test_folder_to_keep_is_for_a_single_drill(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert played(directory=tmp_path) == 2
    assert capsys.readouterr().err == "drill: --directory is for a single drill\n"


@pytest.mark.usefixtures("signals_as_before")
def test_folder_for_temporary_files_that_is_not_there_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(NOWHERE))

    assert played("Watchdog") == 2
    assert capsys.readouterr().err.startswith(f"drill: [Errno 2] No such file or directory: '{NOWHERE}/recon-drill-")


@pytest.mark.usefixtures("signals_as_before")
def test_page_about_all_is_not_replaced_where_no_alert_could_arrive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "drills.md"
    page.write_text("what the last drills showed\n")
    monkeypatch.setenv("PATH", str(tmp_path))

    assert played(output=page) == 1
    captured = capsys.readouterr()
    assert (captured.out, captured.err.startswith("drill: Prometheus and Alertmanager not found")) == ("", True)
    assert page.read_text() == "what the last drills showed\n"
