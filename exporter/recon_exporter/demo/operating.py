"""The person at the demonstration's terminal: types the runbook's commands, each a process of its own."""

import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import recon_exporter
from recon_exporter.demo.credentials import CREDENTIALS

KEPT_VARIABLES = ("PATH", "HOME", "LANG")
PATIENCE_SECONDS = 60.0


class Operator:
    """Runs commands of ours in the demonstration's folder, one at a time, and tells what they print."""

    def __init__(self, folder: Path, environment: Mapping[str, str], tell: Callable[[str], None]) -> None:
        self._folder = folder
        kept = {name: environment[name] for name in (*KEPT_VARIABLES, *CREDENTIALS) if name in environment}
        # The same program, also where it was not installed.
        self._environment = {**kept, "PYTHONPATH": str(Path(recon_exporter.__file__).parents[1])}
        self._tell = tell
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._is_stopped = False

    def run(self, *arguments: str) -> None:
        """One command to its end."""
        process = self._started(arguments)
        if process is None:
            return
        try:
            output, _ = process.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
        for line in output.splitlines():
            if not self._is_stopped:
                self._tell(line)

    def stop(self) -> None:
        """End the command that is going on, and begin no more."""
        with self._lock:
            self._is_stopped = True
            if self._process is not None and self._process.poll() is None:
                self._process.kill()

    def _started(self, arguments: tuple[str, ...]) -> subprocess.Popen[str] | None:
        """The process, apart from the terminal's group, so that Ctrl-C reaches it through us alone."""
        with self._lock:
            if self._is_stopped:
                return None
            self._process = subprocess.Popen(  # noqa: S603  # our own program
                [sys.executable, "-m", "recon_exporter", *arguments],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
            return self._process
