"""`recon-exporter drill`: what it refuses, what it says, what it leaves behind, however it ends."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from drills.small import children_of, drill_folders, drilling, living, said, until
from recon_exporter import __version__
from recon_exporter.cli import app
from recon_exporter.commands import drill as command
from recon_exporter.drills.exporter import DRILLS as OF_EXPORTER
from recon_exporter.drills.running import Outcome

if TYPE_CHECKING:
    from pathlib import Path

ALERT = "ReconciliationExporterDown"
PROGRAMS = ("prometheus", "prometheus-alertmanager")
CHILDREN = 3
"""The exporter, Prometheus and Alertmanager."""


def called(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["drill", *arguments])
    return result.exit_code, result.output


def test_an_unknown_alert_is_refused_with_the_names() -> None:
    code, output = called("ReconciliationNonsense")

    assert code == 2
    assert "'ReconciliationNonsense' is no alert of ours; there are " in output
    assert ALERT in output


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "expected the name of an alert, or --all"),
        ((ALERT, "--all"), "expected the name of an alert, or --all"),
        (("--all", "--type", "overrun"), "--type is for a single drill"),
        ((ALERT, "--type", "overrun"), f"--type overrun: {ALERT} has no types"),
        (("ReconciliationCycleMissed", "--type", "x"), "--type x: ReconciliationCycleMissed has overrun"),
    ],
)
def test_what_cannot_be_drilled_as_asked_is_refused(arguments: tuple[str, ...], why: str) -> None:
    assert called(*arguments) == (2, f"drill: {why}\n")


def test_a_folder_that_holds_something_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("kept")

    code, output = called(ALERT, "--directory", str(tmp_path))

    assert (code, output) == (2, f"drill: --directory {tmp_path}: expected a folder that is empty or not there yet\n")
    assert (tmp_path / "mine").read_text() == "kept"


def test_without_prometheus_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    code, output = called(ALERT)

    assert code == 1
    assert "Prometheus and Alertmanager not found (looked for prometheus, alertmanager or" in output
    assert "apt-get install prometheus prometheus-alertmanager" in output


def test_a_drill_that_fails_exits_1_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    late = Outcome(ALERT, problem=f"within 5 s there was not a message about {ALERT}")
    monkeypatch.setattr(command, "run_one", lambda *_, **__: late)

    code, output = called(ALERT, "--patience", "5")

    assert (code, output) == (1, f"{ALERT}: {late.problem}\n")


def test_help_says_what_it_does_and_how_it_exits() -> None:
    code, output = called("--help")

    assert code == 0
    assert "Exit: 0 it did, 1 not, 2 no such alert." in " ".join(output.replace("│", " ").split())
    assert all(option in output for option in ("--type", "--time-scale", "--all", "--directory", "--patience"))


@pytest.mark.needs_program(*PROGRAMS)
@pytest.mark.parametrize(("number", "started"), [(signal.SIGTERM, 1), (signal.SIGTERM, 2), (signal.SIGINT, CHILDREN)])
def test_a_drill_that_is_interrupted_ends_everything_and_removes_its_folder(
    number: signal.Signals, started: int, tmp_path: Path
) -> None:
    """Also while a program has just been started and does not answer yet."""
    with drilling(tmp_path, ALERT) as process:
        until(lambda: len(children_of(process.pid)) == started, "programs run")
        children = children_of(process.pid)
        process.send_signal(number)

        assert process.wait(60) == 1
    assert living(children) == set()
    assert drill_folders(tmp_path) == []
    assert "interrupted; everything that it started has ended" in said(tmp_path)


@pytest.mark.needs_program(*PROGRAMS)
def test_all_drills_that_are_interrupted_end_everything(tmp_path: Path) -> None:
    with drilling(tmp_path, "--all", "--at-once", "2") as process:
        until(lambda: len(children_of(process.pid)) >= CHILDREN, "drills run")
        children = children_of(process.pid)
        process.send_signal(signal.SIGTERM)

        assert process.wait(60) == 1
    assert living(children) == set()
    assert drill_folders(tmp_path) == []
    assert list((tmp_path / "docs").iterdir()) == []


@pytest.mark.needs_program(*PROGRAMS, "setpriv")
def test_nothing_outlives_a_drill_that_is_killed(tmp_path: Path) -> None:
    with drilling(tmp_path, ALERT) as process:
        until(lambda: len(children_of(process.pid)) == CHILDREN, "three programs run")
        children = children_of(process.pid)
        process.kill()
        process.wait()

        until(lambda: living(children) == set(), "the programs have ended", seconds=20)


@pytest.mark.needs_program(*PROGRAMS)
def test_a_directory_is_kept_with_all_that_was_written(tmp_path: Path) -> None:
    with drilling(tmp_path, ALERT, "--directory", "kept") as process:
        assert process.wait(120) == 0, said(tmp_path)

    assert {"alerts", "config", "reports", "serve.log", "watchers"} <= {
        path.name for path in (tmp_path / "kept").iterdir()
    }
    assert said(tmp_path).splitlines()[-1] == f"{ALERT}: delivered and resolved"
    assert drill_folders(tmp_path) == []


@pytest.mark.needs_program(*PROGRAMS)
def test_all_drills_write_a_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    two = {drill.alert: drill for drill in OF_EXPORTER if drill.alert in (ALERT, "ReconciliationCanaryMissed")}
    monkeypatch.setattr(command, "DRILLS", two)
    page = tmp_path / "docs" / "drills.md"

    code, output = called("--all", "--at-once", "2", "--output", str(page))

    assert code == 0, output
    assert f"2 of 2 passed\nwritten to {page}\n" in output
    rows = [line for line in page.read_text().splitlines() if line.startswith("| [")]
    assert [row.split("]")[0] for row in rows] == ["| [ReconciliationCanaryMissed", f"| [{ALERT}"]
    assert "| critical | the exporter is killed | the exporter is started again |" in rows[1]
    assert "never" not in page.read_text()
    assert re.search(rf"version {re.escape(__version__)} on \d{{4}}-\d\d-\d\d", page.read_text())
    assert [path.name for path in page.parent.iterdir()] == ["drills.md"]
