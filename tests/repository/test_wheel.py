"""What a user installs works from an empty folder: nothing may work only in the checkout."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

import recon_exporter
from recon_exporter import bundle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("installed wheel")


@pytest.fixture
def run(installed_bin: Path, tmp_path: Path) -> Callable[..., str]:
    """Runs a command of the installed package in an empty folder and returns what it printed."""
    foreign = ("COVERAGE_", "PYTEST_", "PYTHON", "RECON_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}

    def run_command(name: str, *arguments: str) -> str:
        command = [str(installed_bin / name), *arguments]
        result = subprocess.run(command, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        return result.stdout

    return run_command


def contents(files: dict[str, Path]) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in files.items()}


def test_installed_package_does_not_use_the_checkout(run: Callable[..., str], root: Path) -> None:
    place = run("python", "-c", "import recon_exporter; print(recon_exporter.__file__)")

    assert str(root) not in place


def test_installed_command_knows_its_version(run: Callable[..., str]) -> None:
    assert recon_exporter.__version__ in run("recon-exporter", "--version")


def test_installed_bundle_exports_every_file_of_the_repository(
    run: Callable[..., str], tracked_files: tuple[Path, ...], root: Path, tmp_path: Path
) -> None:
    run("recon-exporter", "bundle", "export", "exported")

    exported = tmp_path / "exported"
    expected = {str(name): path for path in tracked_files if (name := path.relative_to(root)).parts[0] in bundle.PARTS}
    found = {str(path.relative_to(exported)): path for path in exported.rglob("*") if path.is_file()}
    pages = {name for name in found if name.startswith("runbooks/html/")}
    runbooks = [name for name in expected if name.startswith("runbooks/")]
    assert len(pages) == len(runbooks)
    found = {name: path for name, path in found.items() if name not in pages}
    assert contents(found) == contents(expected)
    assert {name.partition("/")[0] for name in found} == set(bundle.PARTS)
