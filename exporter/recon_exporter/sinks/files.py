"""All files that are reports: those of cycles, those of end-of-day runs, and the dated history of breaks."""

from dataclasses import replace
from pathlib import Path

from recon_exporter.errors import DeliveryFailed
from recon_exporter.ports import Outgoing
from recon_exporter.reading.files import replace_file
from recon_exporter.sinks.report_file import ReportFiles

EOD = "eod"
HISTORY = "history"


class Files:
    """Hands each entry to the folder that its name begins with; without a beginning it is a cycle's report."""

    name = ReportFiles.name
    gives_up = True

    def __init__(self, cycles: ReportFiles, runs: ReportFiles, history: Path) -> None:
        self._cycles = cycles
        self._runs = runs
        self._history = history

    def deliver(self, entry: Outgoing) -> None:
        """Write the file; raises DeliveryFailed."""
        kind, slash, name = entry.name.partition("/")
        if not slash:
            self._cycles.deliver(entry)
        elif kind == EOD:
            self._runs.deliver(replace(entry, name=name))
        else:
            self._replace_history(entry)

    def _replace_history(self, entry: Outgoing) -> None:
        try:
            replace_file(self._history, entry.body)
        except OSError as error:
            raise DeliveryFailed(f"{self._history}: {error.strerror or error}") from error
