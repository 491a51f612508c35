"""Cycles over a written fleet, as ``serve`` runs them: real ledgers, checks, state on disk, report document, outbox."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from benchmarks.clock import SetClock
from benchmarks.fleet import Fleet
from recon_exporter.app import build_cycle, build_telling
from recon_exporter.commands.serve import hold_collections_back
from recon_exporter.cycle import Cycle
from recon_exporter.domain.report import Report, Status
from recon_exporter.settings.model import Settings
from recon_exporter.sinks.page import PageSink
from recon_exporter.state import open_state
from recon_exporter.telemetry import Format


@dataclass(slots=True)
class Passes:
    """One cycle after the other; ``rendering`` is how long the latest page took, which is no part of a pass."""

    fleet: Fleet
    settings: Settings
    clock: SetClock
    cycle: Cycle
    page: PageSink
    rendering: float = 0.0

    def run(self) -> float:
        """One pass over what there is now, in seconds without rendering; raises where the fleet is not found sound."""
        self.clock.at = self.fleet.now
        telling = build_telling(self.settings, always_stamp=False)
        started = time.perf_counter()
        report = self.cycle.run(self.settings.policies, telling, self._show)
        seconds = time.perf_counter() - started - self.rendering
        _confirm(report, self.fleet.bots)
        return seconds

    def _show(self, report: Report) -> None:
        started = time.perf_counter()
        self.page.show(report)
        self.rendering = time.perf_counter() - started


@contextmanager
def passes(fleet: Fleet) -> Iterator[Passes]:
    """Passes over the fleet, beginning with what its state holds; the page is one that is scraped compressed."""
    settings, clock = fleet.settings(), SetClock(fleet.now)
    with closing(open_state(settings.state.url.get_secret_value())) as state:
        page = PageSink()
        page.page.deflated(Format.TEXT)
        cycle = build_cycle(settings, state, clock)
        with closing(cycle):
            hold_collections_back()
            yield Passes(fleet, settings, clock, cycle, page)


def _confirm(report: Report, bots: int) -> None:
    """A number that was measured on anything but a sound fleet would mean nothing."""
    if report.status is not Status.OK or len(report.checked) != bots:
        found = sorted({finding.message for finding in report.findings})
        blind = {f"{result.check}: {result.unverified}" for bot in report.bots for result in bot.results}
        raise RuntimeError(f"the fleet is {report.status}, {len(report.checked)} of {bots} checked: {found} {blind}")
