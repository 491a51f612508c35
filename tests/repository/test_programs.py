"""A test that needs a real program is never passed over in silence where the program is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

MODULE = """
import pytest

@pytest.mark.needs_program("no-such-program", "sh")
def test_with_a_missing_program(): ...

@pytest.mark.needs_program("sh")
def test_with_a_present_program(): ...
"""


def run_pytest(folder: Path, root: Path, ci: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(root / "tests" / "conftest.py", folder)
    (folder / "pytest.ini").write_text(f"[pytest]\npythonpath = {root / 'tests'}\nmarkers = needs_program: needs it\n")
    (folder / "test_module.py").write_text(MODULE)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV"))}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    environment["CI"] = ci
    return subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)


@pytest.mark.parametrize("arguments", [(), ("--numprocesses=1",)])
def test_missing_program_is_named_loudly(tmp_path: Path, root: Path, arguments: tuple[str, ...]) -> None:
    result = run_pytest(tmp_path, root, "", *arguments)

    assert result.returncode == 0
    assert "NOT VERIFIED: real programs are missing" in result.stdout
    assert "1 tests did not run without no-such-program" in result.stdout
    assert "1 passed, 1 skipped" in result.stdout


def test_missing_program_fails_the_run_in_continuous_integration(tmp_path: Path, root: Path) -> None:
    result = run_pytest(tmp_path, root, "true")

    assert result.returncode == 1
    assert "these programs are missing: no-such-program" in result.stdout
    assert "1 passed" in result.stdout
