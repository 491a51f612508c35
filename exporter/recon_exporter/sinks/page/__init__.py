"""The metrics page: a report as samples, made anew from each report, so that what is over vanishes by itself."""

from types import MappingProxyType

from recon_exporter.domain.drift_history import Look, with_look
from recon_exporter.domain.report import Report
from recon_exporter.sinks.page.numbers import number
from recon_exporter.sinks.page.samples import Evaluations, render
from recon_exporter.telemetry.exposition import Page


class PageSink:
    """Holds the page of the latest report. ``show`` is called by one thread, the rest read by any."""

    def __init__(self) -> None:
        self._shown: tuple[Page, Report | None] = (Page(), None)
        self._evaluations: Evaluations = MappingProxyType({})
        self._history: tuple[Look, ...] = ()

    @property
    def page(self) -> Page:
        """The page of the latest report; empty before the first."""
        return self._shown[0]

    @property
    def report(self) -> Report | None:
        """The latest report."""
        return self._shown[1]

    @property
    def history(self) -> tuple[Look, ...]:
        """The drifts of the last reports, oldest first."""
        return self._history

    def show(self, report: Report) -> None:
        """Render the report and swap the page; raises ValueError for a synthetic report."""
        if report.synthetic:
            raise ValueError("a synthetic report never reaches the metrics page")
        evaluations = evaluated(report, self._evaluations)
        page = render(report, evaluations)
        page.prepare_like(self.page)
        self._evaluations = evaluations
        self._history = with_look(self._history, report)
        self._shown = (page, report)


def evaluated(report: Report, earlier: Evaluations) -> Evaluations:
    """When each check of the report was last evaluated, now or earlier; bots that have left are dropped."""
    now = number(report.at.timestamp())
    known = {}
    for verdict in report.bots:
        for result in verdict.results:
            key = (verdict.bot, result.check)
            time = now if result.is_evaluated else earlier.get(key)
            if time is not None:
                known[key] = time
    return MappingProxyType(known)
