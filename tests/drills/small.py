"""Scenes and processes for the tests of drills themselves."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recon_exporter.drills.scene import Drill, Scene
from recon_exporter.drills.service import environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from recon_exporter.drills.sandbox import Sandbox

PATIENCE_SECONDS = 90.0
ZOMBIE = "Z"


class Nothing(Scene):
    """A world in which nothing is and nothing happens."""

    def prepare(self) -> Mapping[str, Any]:
        return {}

    def happen(self) -> None:
        pass

    def repair(self) -> None:
        pass


def drill_of(scene: Callable[[Sandbox], Scene], alert: str = "ReconciliationExporterDown") -> Drill:
    return Drill(alert, "critical", "something happens", "it is over", scene)


@contextmanager
def drilling(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`recon-exporter drill` as a process of its own, whose temporary folders are below this one."""
    variables = environment({"TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"})
    with (folder / "drill.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "recon_exporter", "drill", *arguments],
            cwd=folder,
            env=variables,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def said(folder: Path) -> str:
    """What the drill has said so far."""
    return (folder / "drill.log").read_text()


def children_of(process: int) -> set[int]:
    """The processes that this one has started, and that live."""
    return {int(found.name) for found in Path("/proc").glob("[0-9]*") if _stat(int(found.name))[1:2] == [str(process)]}


def living(processes: Sequence[int] | set[int]) -> set[int]:
    """Those of these processes that are still there; a zombie has ended."""
    return {process for process in processes if _stat(process)[:1] not in ([], [ZOMBIE])}


def until(is_true: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    ends_at = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < ends_at, what
        time.sleep(0.1)


def _stat(process: int) -> list[str]:
    """State, then the number of the parent; nothing where there is no such process."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def drill_folders(folder: Path) -> list[str]:
    """Temporary folders of drills that are still there."""
    return [path.name for path in folder.glob("recon-drill-*")]
