"""The real programs that watch the demonstration: Prometheus with the shipped rules, Alertmanager with its routes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from recon_exporter.demo.configuration import write_alertmanager_file, write_prometheus_files
from recon_exporter.demo.programs import (
    ProgramFailed,
    RunningProgram,
    find,
    start_alertmanager,
    start_prometheus,
    stop_all,
)

RESEND = "--rules.alert.resend-delay=15s"
"""What fires before Prometheus has found Alertmanager is told again this soon; its default is a minute."""


@dataclass(slots=True)
class Watchers:
    """What was started, and for each program that was not, why."""

    folder: Path
    cancelled: Callable[[], bool]
    running: list[RunningProgram] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)

    def start(self, exporter_url: str, receiver_url: str, search_path: str | None) -> None:
        """Start what is installed; Prometheus without Alertmanager still evaluates the rules."""
        self.folder.mkdir(parents=True, exist_ok=True)
        alertmanager = self._try("Alertmanager", search_path, lambda found: self._alertmanager(found, receiver_url))
        manager_url = alertmanager.url if alertmanager else None
        self._try("Prometheus", search_path, lambda found: self._prometheus(found, exporter_url, manager_url))

    def place(self, name: str, path: str) -> str:
        """Where it shows what it knows, or why it does not run."""
        running = (program.url + path for program in self.running if program.name == name)
        return next(running, self.missing.get(name, "not started"))

    def stop(self) -> None:
        """End what was started."""
        stop_all(self.running)

    def _try(
        self, name: str, search_path: str | None, start: Callable[[Path], RunningProgram]
    ) -> RunningProgram | None:
        executable = find(name, search_path)
        if executable is None:
            self.missing[name] = "not installed: the demonstration runs without it"
            return None
        if self.cancelled():
            return None
        try:
            program = start(executable)
        except (ProgramFailed, OSError) as error:
            self.missing[name] = str(error)
            return None
        self.running.append(program)
        return program

    def _alertmanager(self, executable: Path, receiver_url: str) -> RunningProgram:
        configuration = write_alertmanager_file(self.folder, receiver_url)
        return start_alertmanager(executable, configuration, self.folder, cancelled=self.cancelled)

    def _prometheus(self, executable: Path, exporter_url: str, alertmanager_url: str | None) -> RunningProgram:
        def configure(own_url: str | None) -> Path:
            return write_prometheus_files(self.folder, exporter_url, alertmanager_url, own_url=own_url)

        return start_prometheus(
            executable, configure(None), self.folder, RESEND, cancelled=self.cancelled, configure=configure
        )
