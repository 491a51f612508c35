"""The real Prometheus and Alertmanager: found on this machine, run on free loopback ports, ended by their own ids."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import requests

EXECUTABLES = {"Prometheus": ("prometheus",), "Alertmanager": ("alertmanager", "prometheus-alertmanager")}
LOOPBACK = "127.0.0.1"
PORTS_TRIED = 3
READY_SECONDS = 20.0
PATIENCE_SECONDS = 4.0
POLL_SECONDS = 0.05
TAIL_LINES = 15


class ProgramFailed(Exception):
    """A program could not be started, or was not ready in time; ``str()`` holds the end of its log."""


@dataclass(frozen=True, slots=True)
class RunningProgram:
    """A program that answers at ``url``; it belongs to whoever started it."""

    name: str
    url: str
    log: Path
    process: subprocess.Popen[bytes]

    def ask_to_stop(self) -> None:
        """Send SIGTERM and return at once."""
        self.process.terminate()

    def stop(self) -> None:
        """End it: politely, then by force."""
        self.ask_to_stop()
        try:
            self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def find(name: str, search_path: str | None = None) -> Path | None:
    """The program's executable; ``search_path`` stands in for PATH."""
    found = (shutil.which(executable, path=search_path) for executable in EXECUTABLES[name])
    return next((Path(path) for path in found if path is not None), None)


def start_prometheus(
    executable: Path,
    configuration: Path,
    folder: Path,
    *options: str,
    cancelled: Callable[[], bool] = lambda: False,
    configure: Callable[[str], object] = lambda _: None,
) -> RunningProgram:
    """Prometheus with this configuration, its data and log in ``folder``. Raises ProgramFailed.

    ``configure`` is told before the start where it will answer: its configuration may name itself.
    """

    def command(address: str) -> list[str]:
        configure(f"http://{address}")
        return [
            str(executable),
            f"--config.file={configuration}",
            f"--storage.tsdb.path={folder / 'prometheus'}",
            f"--web.listen-address={address}",
            f"--web.external-url=http://{address}/",
            *options,
        ]

    return _started("Prometheus", command, folder / "prometheus.log", cancelled)


def start_alertmanager(
    executable: Path, configuration: Path, folder: Path, *options: str, cancelled: Callable[[], bool] = lambda: False
) -> RunningProgram:
    """Alertmanager with this configuration, alone, its data and log in ``folder``. Raises ProgramFailed."""

    def command(address: str) -> list[str]:
        return [
            str(executable),
            f"--config.file={configuration}",
            f"--storage.path={folder / 'alertmanager'}",
            f"--web.listen-address={address}",
            f"--web.external-url=http://{address}/",
            "--cluster.listen-address=",
            *options,
        ]

    return _started("Alertmanager", command, folder / "alertmanager.log", cancelled)


def stop_all(programs: Iterable[RunningProgram]) -> None:
    """End them side by side."""
    running = tuple(programs)
    for program in running:
        program.ask_to_stop()
    for program in running:
        program.stop()


def ending_with_us(command: Sequence[str], signal_name: str = "TERM") -> list[str]:
    """The command so that the kernel ends what it starts when we are killed, where util-linux is there.

    setpriv becomes the program and keeps its id. Where it is not, the command as it is.
    """
    setpriv = shutil.which("setpriv")
    return [*([setpriv, "--pdeathsig", signal_name, "--"] if setpriv else []), *command]


def free_port() -> int:
    """A loopback port that is free at this moment."""
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
    return int(port)


def _started(
    name: str, command: Callable[[str], list[str]], log: Path, cancelled: Callable[[], bool]
) -> RunningProgram:
    """The program on a port of its own; another port is tried where somebody was faster."""
    log.parent.mkdir(parents=True, exist_ok=True)
    for _ in range(PORTS_TRIED):
        address = f"{LOOPBACK}:{free_port()}"
        program = RunningProgram(name, f"http://{address}", log, _spawn(command(address), log))
        if _is_ready(program, cancelled):
            return program
        program.stop()
        if cancelled() or "address already in use" not in log.read_text(errors="replace"):
            break
    raise ProgramFailed(f"{name} is not ready; the end of {log}:\n{_tail(log)}")


def _spawn(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Start it apart from the terminal's group, so that Ctrl-C reaches it through us alone."""
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603  # what `find` found, with files of our own
            ending_with_us(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _is_ready(program: RunningProgram, cancelled: Callable[[], bool]) -> bool:
    until = time.monotonic() + READY_SECONDS
    while program.process.poll() is None and time.monotonic() < until and not cancelled():
        try:
            if requests.get(f"{program.url}/-/ready", timeout=1).ok:
                return True
        except requests.RequestException:
            pass
        time.sleep(POLL_SECONDS)
    return False


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-TAIL_LINES:])
