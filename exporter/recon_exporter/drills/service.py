"""Our own commands in the sandbox: the exporter as a service that can be killed, and commands that run to their end."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import requests

import recon_exporter
from recon_exporter.demo.programs import LOOPBACK, ending_with_us, free_port

COMMAND = (sys.executable, "-m", "recon_exporter")
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR", "COVERAGE_PROCESS_CONFIG", "COVERAGE_FILE")
END_SECONDS = 15.0
TAIL_LINES = 15
COMMAND_SECONDS = 120.0


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """What a command gets: this very program, and nothing that configures it by chance."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return kept | {"PYTHONPATH": str(Path(recon_exporter.__file__).parents[1])} | dict(more)


def spawn(
    folder: Path, arguments: Sequence[str], variables: Mapping[str, str], log: Path, program: Sequence[str] = COMMAND
) -> subprocess.Popen[bytes]:
    """Start one of our commands in the folder; what it says goes to the end of the log. It does not outlive us.

    The kernel kills it with us: a process that is stopped would not hear of anything less.
    """
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603  # ourselves
            ending_with_us([*program, *arguments], "KILL"),
            cwd=folder,
            env=environment(variables),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def end(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM) -> None:
    """Send the signal, also to a process that is stopped, and wait for the end, by force where it does not come."""
    if process.poll() is None:
        process.send_signal(number)
        process.send_signal(signal.SIGCONT)
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@dataclass(slots=True)
class Service:
    """`recon-exporter serve` in a folder, at an address that stays the same when it is started again."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    address: str = field(default_factory=lambda: f"{LOOPBACK}:{free_port()}")
    program: Sequence[str] = COMMAND
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{self.address}"

    @property
    def log(self) -> Path:
        """What it wrote to its outputs, over all its starts."""
        return self.folder / "serve.log"

    def start(self) -> None:
        """Begin; it is ready when ``is_ready`` says so."""
        arguments = ("serve", f"--web.listen-address={self.address}")
        self._process = spawn(self.folder, arguments, self.variables, self.log, self.program)

    def is_ready(self) -> bool:
        """Whether the first cycle is done."""
        try:
            return requests.get(f"{self.url}/-/ready", timeout=2).ok
        except requests.RequestException:
            return False

    def last_words(self) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:])

    def is_running(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def process_id(self) -> int:
        """The number of its process. Raises ValueError where there is none."""
        if self._process is None:
            raise ValueError("the exporter was never started")
        return self._process.pid

    def send(self, number: signal.Signals) -> None:
        """Send a signal, where there is somebody to get it."""
        if self._process is not None and self.is_running():
            self._process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send the signal and wait for the end, by force where it does not come."""
        if self._process is not None:
            end(self._process, number)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of our commands in the folder, with the service's variables, to its end."""
        return subprocess.run(  # noqa: S603  # ourselves
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=environment(self.variables),
            check=False,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )

    def value(self, series: str) -> float | None:
        """One line of /metrics as it is now; None where there is none, or nobody answers."""
        try:
            text = requests.get(f"{self.url}/metrics", timeout=5).text
        except requests.RequestException:
            return None
        values = (line.rpartition(" ") for line in text.splitlines())
        return next((float(value) for name, _, value in values if name == series), None)
