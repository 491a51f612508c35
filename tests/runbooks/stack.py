"""What the pages stand in front of: servers that are started and stopped, and the addresses they really have."""

from __future__ import annotations

import json
import os
import re
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

from recon_exporter import bundle
from runbooks.both_sides import write_both_sides
from runbooks.fleet import PAGES_FLEET, append_broken_row, wait_for_one_day, write_books, write_fleet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

CONFIGURATION = """\
web: {{listen_address: "127.0.0.1:{port}", external_url: "http://127.0.0.1:{port}"}}
schedule: {{cycle: 2s}}
confirm: {{settle: 1s}}
freshness: {{minute_rows: 30, snapshot: 1h}}
webhook: {{url: "{webhook}"}}
policy: {{halt_action: {{command: ["false"]}}}}
fleets:
  hbot: {{type: hbot, exchange_snapshot: {{enabled: true}}}}
bots:
{bots}
"""
PATIENCE_SECONDS = 60.0
STARTED = (
    'ALERTS{alertname="ReconciliationInventoryDrift",alertstate="firing"}',
    "increase(recon_source_bad_lines_total[15m]) > 0",
    'ALERTS{alertname="Watchdog",alertstate="firing"}',
    'ALERTS{alertname="ReconciliationBreaks",alertstate="firing"}',
    'ALERTS{alertname="ReconciliationFillForeign",alertstate="firing"}',
    'ALERTS{alertname="ReconciliationVenueBalanceMismatch",alertstate="firing"}',
    "increase(recon_halt_action_failures_total[15m]) > 0",
)


@dataclass(frozen=True, slots=True)
class Stack:
    """Everything running: the working directory, and the addresses that take the place of those on the pages."""

    folder: Path
    addresses: Mapping[str, str]
    environment: Mapping[str, str]

    def url(self, printed: str) -> str:
        return f"http://{self.addresses[printed]}"


@contextmanager
def running_stack(folder: Path) -> Iterator[Stack]:
    """The exporter over the fleet of the pages, with the real Prometheus and Alertmanager, all of them settled."""
    wait_for_one_day()
    exporter, prometheus, alertmanager = free_addresses(3)
    addresses = {"127.0.0.1:9811": exporter, "127.0.0.1:9090": prometheus, "127.0.0.1:9093": alertmanager}
    stack = Stack(folder, addresses, clean_environment(folder))
    bundle.export(folder)
    write_fleet(folder, PAGES_FLEET, missing=("bot9",))
    books = write_books(folder) + write_both_sides(folder)
    hasten(folder / "config" / "prometheus.yml", addresses)
    with ExitStack() as processes:
        webhook = processes.enter_context(receiver()).url
        configuration = CONFIGURATION.format(port=exporter.partition(":")[2], webhook=webhook, bots=books)
        (folder / "config" / "recon.yml").write_text(configuration)
        for command in server_commands(prometheus, alertmanager):
            processes.enter_context(running(command, folder, stack.environment))
        until(lambda: requests.get(f"http://{exporter}/-/ready", timeout=5).ok, "the first cycle")
        until(lambda: bool(answer(stack, "recon_finding")), "the first scrape")
        append_broken_row(folder, "bot10")
        for query in STARTED:
            until(lambda query=query: bool(answer(stack, query)), query)  # type: ignore[misc]
        until(lambda: bool(requests.get(f"http://{alertmanager}/api/v2/alerts", timeout=5).json()), "an alert")
        yield stack


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


def server_commands(prometheus: str, alertmanager: str) -> Iterator[Sequence[str]]:
    yield (sys.executable, "-m", "recon_exporter", "serve")
    yield (
        "prometheus-alertmanager",
        "--config.file=alerts/alertmanager.yml",
        "--storage.path=alertmanager-data",
        f"--web.listen-address={alertmanager}",
        "--cluster.listen-address=",
    )
    yield (
        "prometheus",
        "--config.file=config/prometheus.yml",
        "--storage.tsdb.path=prometheus-data",
        f"--web.listen-address={prometheus}",
        "--rules.alert.resend-delay=1s",
    )


def hasten(path: Path, addresses: Mapping[str, str]) -> None:
    """The shipped configuration of Prometheus, with short waits and the addresses of this run."""
    text = re.sub(r"(scrape_interval|evaluation_interval|scrape_timeout): \d+s", r"\1: 1s", path.read_text())
    path.write_text(readdressed(text, addresses))


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
