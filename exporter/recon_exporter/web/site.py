"""What the server shows, handed over by the composition root."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from recon_exporter.domain.drift_history import Look
from recon_exporter.domain.report import Report
from recon_exporter.ports import Clock
from recon_exporter.telemetry import Page, Telemetry
from recon_exporter.web.health import Health


class PageSource(Protocol):
    """Holds what was rendered last; all of it may be read at any time by any thread."""

    @property
    def page(self) -> Page:
        """The metrics page of the latest report; empty before the first."""

    @property
    def report(self) -> Report | None:
        """The latest report."""

    @property
    def history(self) -> tuple[Look, ...]:
        """The drifts of the last reports, oldest first."""


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that requests are answered from.

    ``reports`` gives the folder of report files, ``configuration`` the masked text of /config, ``interval`` the
    distance of cycles, by which a report's age is judged. ``reload`` raises ConfigurationError with every problem; None
    means that the lifecycle is not enabled.
    """

    source: PageSource
    telemetry: Telemetry
    clock: Clock
    health: Health
    version: str
    runbooks: Path
    reports: Callable[[], Path]
    configuration: Callable[[], str]
    interval: Callable[[], timedelta]
    reload: Callable[[], None] | None = None
