"""The real programs around one fleet: exporter, Prometheus, Alertmanager and a receiver, each ended by its own id."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
import yaml

import recon_exporter
from recon_exporter.demo.configuration import write_alertmanager_file
from recon_exporter.demo.hbot_writer import HbotFiles, minute_event, minute_row
from recon_exporter.demo.programs import free_port
from recon_exporter.demo.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PATIENCE_SECONDS = 40.0
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "COVERAGE_PROCESS_CONFIG", "COVERAGE_FILE")
CONFIGURATION = """\
schedule: {cycle: 1s}
fleets:
  hbot: {type: hbot}
"""
RESEND = "3s"
EXPIRY = timedelta(seconds=4 * 3)
"""After this long without word from Prometheus Alertmanager takes an alert for resolved."""
EQUITY = Decimal(10000)
PRICE = Decimal(50000)


def until(condition: Callable[[], bool], what: str, patience: float = PATIENCE_SECONDS) -> None:
    """Wait for what is bound to happen; fails the test, naming it, where it does not."""
    ends_at = time.monotonic() + patience
    while not condition():
        if time.monotonic() > ends_at:
            raise AssertionError(f"not within {patience:g} s: {what}")
        time.sleep(0.05)


def now() -> datetime:
    """The machine's time: real programs run on it."""
    return datetime.now(UTC)  # noqa: TID251  # what is written must be fresh to programs with a clock of their own


@dataclass(slots=True)
class Bot:
    """One bot that writes a row, and a sign of life of the event store, whenever it is told to."""

    files: HbotFiles
    name: str = "bot1"

    def write(self, base_share: str = "0.5", **values: object) -> None:
        """A row of now with this share of equity in the base asset, of which the bot wants the half."""
        worth = Decimal(base_share) * EQUITY
        at = now()
        holding = {"base_pct": Decimal(base_share), "base_balance": worth / PRICE, "quote_balance": EQUITY - worth}
        row = minute_row(at, **(holding | values))
        self.files.append_events(at.date(), [minute_event(self.name, row)])
        self.files.append_minutes(self.name, [row])


@dataclass(slots=True)
class Mailbox:
    """Everything that the receiver was sent, in order of arrival."""

    items: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, path: str, document: Mapping[str, Any]) -> None:
        with self.lock:
            self.items.append((path, document))

    def documents(self, path: str) -> list[Mapping[str, Any]]:
        """What came to this path."""
        with self.lock:
            return [document for sent_to, document in self.items if sent_to == path]

    def alerts(self, path: str) -> list[tuple[str, str, str, str]]:
        """Every alert of every notification to this path: status, name, severity, bot."""
        return [
            (alert["status"], labels["alertname"], labels["severity"], labels.get("bot", ""))
            for document in self.documents(path)
            for alert in document["alerts"]
            for labels in [alert["labels"]]
        ]


@contextmanager
def receiving() -> Iterator[tuple[Mailbox, str]]:
    """A receiver on loopback: its mailbox and its URL."""
    mailbox = Mailbox()
    receiver = Receiver(mailbox.put)
    receiver.start()
    try:
        yield mailbox, receiver.url
    finally:
        receiver.stop()


@dataclass(slots=True)
class Exporter:
    """`recon-exporter serve` in a folder, at an address that stays the same when it is started again."""

    folder: Path
    arguments: tuple[str, ...] = ()
    address: str = field(default_factory=lambda: f"127.0.0.1:{free_port()}")
    process: subprocess.Popen[bytes] | None = None
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def start(self) -> None:
        """Start it and wait for its first cycle."""
        with (self.folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "serve", f"--web.listen-address={self.address}", *self.arguments],
                cwd=self.folder,
                env=environment(**self.variables),
                stdout=log,
                stderr=log,
            )
        until(self.is_ready, f"{self.url}/-/ready; {self.folder / 'serve.log'}")

    def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "serve.log").read_text()
        try:
            return requests.get(f"{self.url}/-/ready", timeout=2).ok
        except requests.RequestException:
            return False

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and wait for the end; the exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(number)
        return self.process.wait(15)

    def samples(self, prefix: str) -> dict[str, float]:
        """The lines of /metrics that begin so, by name and labels."""
        text = requests.get(f"{self.url}/metrics", timeout=5).text
        lines = (line.rpartition(" ") for line in text.splitlines() if line.startswith(prefix))
        return {series: float(value) for series, _, value in lines}

    def sample(self, series: str) -> float | None:
        """One line of /metrics; None where there is none."""
        return self.samples(series).get(series)

    def latest(self) -> dict[str, Any]:
        """The latest report on disk; empty where there is none yet."""
        try:
            document: dict[str, Any] = json.loads((self.folder / "reports/reconciliation/latest.json").read_text())
        except FileNotFoundError:
            return {}
        return document

    def wait_for_cycles(self, count: int) -> None:
        """Wait until so many cycles more have ended well."""
        series = 'recon_job_runs_total{run="cycle"}'
        target = (self.sample(series) or 0) + count
        until(lambda: (self.sample(series) or 0) >= target, f"{count} cycles more")


SOURCES = str(Path(recon_exporter.__file__).parents[1])
COMMAND = (sys.executable, "-m", "recon_exporter")


def environment(**more: str) -> dict[str, str]:
    """What a command gets: the program under test, and nothing that configures it by chance."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return kept | {"PYTHONPATH": SOURCES} | more


def command(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run our command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment(**variables),
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[Exporter]:
    """The exporter over the folder, ready; ended afterwards."""
    exporter = Exporter(folder, arguments)
    try:
        exporter.start()
        yield exporter
    finally:
        if exporter.process is not None and exporter.process.poll() is None:
            exporter.end()


def hastened_alertmanager_file(folder: Path, receiver_url: str) -> Path:
    """The shipped routes with short waits; the Watchdog comes every second or two."""
    path = write_alertmanager_file(folder, receiver_url, {"group_wait": "1s", "group_interval": "1s"})
    configuration = yaml.safe_load(path.read_text())
    watchdog = configuration["route"]["routes"][0]
    assert watchdog["receiver"] == "dead-mans-switch"
    watchdog["repeat_interval"] = "900ms"
    path.write_text(yaml.safe_dump(configuration))
    return path
