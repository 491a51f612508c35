"""A service under load: the exporter itself, and bots that write, each in a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.fleet import Fleet
from benchmarks.load import written_until_stopped

STARTED_WITHIN_SECONDS = 120


def configure(folder: Path, cycle: int) -> None:
    """The fleet's configuration with this interval, in the place of the one before."""
    file = folder / "config" / "recon.yml"
    lines = [line for line in file.read_text().splitlines() if not line.startswith("schedule:")]
    file.write_text("\n".join([*lines, f"schedule: {{cycle: {cycle}s}}", ""]))


@contextmanager
def loaded(fleet: Fleet) -> Iterator[Pipe]:
    """Bots that write, in a process of their own; it answers "stop" with what it wrote."""
    ours, theirs = get_context("spawn").Pipe()
    bots = get_context("spawn").Process(target=written_until_stopped, args=(fleet, theirs), daemon=True)
    bots.start()
    try:
        yield ours
    finally:
        bots.terminate()
        bots.join()


@contextmanager
def served(folder: Path, cycle: int) -> Iterator[tuple[str, int]]:
    """The service itself, once it is ready: its URL and its process."""
    configure(folder, cycle)
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    program = [str(Path(sys.executable).with_name("recon-exporter")), "serve", "--web.listen-address", address]
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(program, cwd=folder, stdout=log, stderr=log)
    try:
        _await(f"http://{address}/-/ready", process)
        yield f"http://{address}", process.pid
    finally:
        process.terminate()
        process.wait()


def _await(url: str, process: "subprocess.Popen[bytes]") -> None:
    ends = time.perf_counter() + STARTED_WITHIN_SECONDS
    while process.poll() is None and time.perf_counter() < ends:
        try:
            with urlopen(url, timeout=STARTED_WITHIN_SECONDS):  # noqa: S310  # our own address
                return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError("the service did not become ready")


def processor_seconds(process: int) -> float:
    """Processor time of all threads so far, in user and kernel mode."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
