"""What the pages stand in front of: servers that are started and stopped, and the addresses they really have."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Stack:
    """What runs: the working directory, and the addresses that take the place of those on the pages."""

    folder: Path
    addresses: Mapping[str, str]
    environment: Mapping[str, str]

    def url(self, printed: str) -> str:
        return f"http://{self.addresses[printed]}"


@dataclass(slots=True)
class Receiver:
    """A webhook on loopback that remembers what it was sent."""

    url: str
    received: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def receiver() -> Iterator[Receiver]:
    found: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Receiver(f"http://127.0.0.1:{server.server_port}/alert", found)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def readdressed(text: str, addresses: Mapping[str, str]) -> str:
    for printed, actual in addresses.items():
        text = text.replace(printed, actual)
    return text


def answer(stack: Stack, query: str) -> list[object]:
    """What Prometheus says to an instant query."""
    url = f"{stack.url('127.0.0.1:9090')}/api/v1/query"
    result: list[object] = requests.get(url, params={"query": query}, timeout=5).json()["data"]["result"]
    return result


def clean_environment(folder: Path) -> dict[str, str]:
    """Commands are found as a person finds them: our own, then those of the machine."""
    commands = folder / "bin"
    commands.mkdir(exist_ok=True)
    own = Path(sys.executable).parent
    (commands / "recon-exporter").symlink_to(own / "recon-exporter")
    # A link to Python would be Python without its packages.
    (commands / "python3").write_text(f'#!/bin/sh\nexec "{own}/python3" "$@"\n')
    (commands / "python3").chmod(0o755)
    kept = {
        name: os.environ[name]
        for name in ("HOME", "LANG", "PYTHONPATH", "COVERAGE_PROCESS_CONFIG")
        if name in os.environ
    }
    return {**kept, "PATH": f"{commands}:{os.environ['PATH']}"}


def free_addresses(count: int) -> list[str]:
    """Addresses on loopback at which nothing listens."""
    with ExitStack() as sockets:
        held = [sockets.enter_context(socket.socket()) for _ in range(count)]
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [f"127.0.0.1:{one.getsockname()[1]}" for one in held]


@contextmanager
def running(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A server until the end of the block; ended by its own number."""
    program = shutil.which(command[0], path=environment["PATH"])
    assert program is not None, command[0]
    with (folder / f"{Path(command[0]).name}-{command[-1].strip('-')[:8]}.log").open("wb") as log:
        process = subprocess.Popen(
            [program, *command[1:]], cwd=folder, env=dict(environment), stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def until(is_true: Callable[[], bool], what: str) -> None:
    """Wait until something that is on its way has come."""
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends_at:
        try:
            if is_true():
                return
        except (requests.RequestException, KeyError):
            pass
        time.sleep(0.1)
    pytest.fail(f"{what} did not come within {PATIENCE_SECONDS:g} s")
