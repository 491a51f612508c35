"""Every row of the benchmarks runs; what it measures is nobody's business here."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

ROWS = ("startup", "metrics", "cold-read", "warm-cycle", "positions", "fill-matching", "exchange-snapshot", "service")


@pytest.mark.parametrize("row", ROWS)
def test_row_runs_at_tiny_size_and_is_written_down(row: str, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    page = tmp_path / "benchmarks.md"
    command = [sys.executable, "-m", "benchmarks", row, "--tiny", "--directory", str(tmp_path), "--output", str(page)]

    subprocess.run(command, cwd=pytestconfig.rootpath, check=True)

    assert f"\n## {row}\n" in page.read_text()


def test_rows_are_those_that_can_be_asked_for(pytestconfig: pytest.Config) -> None:
    command = [sys.executable, "-m", "benchmarks", "--help"]

    told = subprocess.run(command, cwd=pytestconfig.rootpath, check=True, capture_output=True, text=True).stdout

    assert ",".join(ROWS) in "".join(told.split())
