"""How long the shortest command takes from the shell and back."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import best_seconds
from benchmarks.result import Baseline, Result
from benchmarks.scale import Scale

NAME = "startup"
LIMIT_SECONDS = 0.3


def run(scale: Scale, folder: Path) -> Iterator[Result]:
    """``recon-exporter --version`` against an interpreter that does nothing."""
    program = [str(Path(sys.executable).with_name("recon-exporter")), "--version"]
    nothing = [sys.executable, "-c", "pass"]
    measured = best_seconds(lambda: _call(program, folder), scale.starts)
    bare = best_seconds(lambda: _call(nothing, folder), scale.starts)
    baseline = Baseline("python -c pass", bare)
    yield Result(NAME, "recon-exporter --version", measured, baseline=baseline, limit=LIMIT_SECONDS)


def _call(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
