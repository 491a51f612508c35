"""Running measurements in processes of their own, and timing within them."""

import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Found = TypeVar("Found")

KIBIBYTE = 1024


def in_own_process(
    function: Callable[Arguments, Found], *arguments: Arguments.args, **named: Arguments.kwargs
) -> Found:
    """Call a module's function in a new interpreter, so that memory and caches of others do not count."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(function, *arguments, **named).result()


def peak_memory(process: int | str = "self") -> int | None:
    """The most memory that a process has held at once, in bytes; None where the system does not tell."""
    return _status("VmHWM", process)


def current_memory(process: int | str = "self") -> int | None:
    """The memory that a process holds now, likewise."""
    return _status("VmRSS", process)


def _status(name: str, process: int | str) -> int | None:
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return None
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(lines[name].split()[0]) * KIBIBYTE


def seconds_of(function: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def best_seconds(function: Callable[[], object], times: int) -> float:
    """The shortest of several calls: what else the machine does only ever adds."""
    return min(seconds_of(function) for _ in range(times))
