"""The pages for people: status, breaks, runs, runbooks, configuration.

No script, no resource from elsewhere, all text escaped.
"""

import asyncio
from datetime import datetime, timedelta
from urllib.parse import unquote

from aiohttp import web

from recon_exporter.domain.report import Report
from recon_exporter.web.answers import HTML, JSON, Answer, plain
from recon_exporter.web.break_list import break_list
from recon_exporter.web.break_page import break_page, found_breaks
from recon_exporter.web.drift_chart import drifts
from recon_exporter.web.marks import LISTED_AT_MOST, age, is_stale
from recon_exporter.web.negotiation import prefers_html
from recon_exporter.web.overview import overview
from recon_exporter.web.rendering import Rendering
from recon_exporter.web.run_files import CYCLE, EOD, RunFiles
from recon_exporter.web.run_list import run_list
from recon_exporter.web.run_page import run_page
from recon_exporter.web.runbook_pages import runbook_page
from recon_exporter.web.runbooks import Runbooks
from recon_exporter.web.site import Site


class Pages:
    """Answers what people look at in a browser."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._runbooks = Runbooks(site.runbooks)
        self._rendering = Rendering(site.version)
        self._headers = {"Content-Security-Policy": f"{self._rendering.policy}; frame-ancestors 'none'"}

    async def status(self, _: web.BaseRequest) -> Answer:
        """Bots and checks at a glance."""
        return await asyncio.to_thread(self._status)

    async def breaks(self, request: web.BaseRequest) -> Answer:
        """All open breaks, or with ``?bot=`` those of one bot."""
        return await asyncio.to_thread(self._breaks, request.query.get("bot"))

    async def one_break(self, request: web.BaseRequest) -> Answer:
        """The break of an id, or of its unique beginning."""
        return await asyncio.to_thread(self._break, unquote(request.path.removeprefix("/breaks/")))

    async def runs(self, _: web.BaseRequest) -> Answer:
        """The latest cycle, end-of-day runs, and the newest report files."""
        return await asyncio.to_thread(self._runs)

    async def one_run(self, request: web.BaseRequest) -> Answer:
        """One report file as a page; with ``.json`` at the end as it is."""
        return await asyncio.to_thread(self._run, unquote(request.path.removeprefix("/runs/")))

    async def to_runbooks(self, _: web.BaseRequest) -> Answer:
        """The folder has a slash at its end, so that links inside it lead where they should."""
        return plain(308, "see runbooks/", Location="runbooks/")

    async def runbook(self, request: web.BaseRequest) -> Answer:
        """The index, or the page of one alert."""
        name = unquote(request.path.removeprefix("/runbooks/"))
        return await asyncio.to_thread(self._runbook, name)

    async def configuration(self, request: web.BaseRequest) -> Answer:
        """The effective configuration, secrets masked: a page for browsers, plain text for all others."""
        text = await asyncio.to_thread(self._site.configuration)
        is_for_people = prefers_html(request.headers.get("Accept", ""))
        return self._html("configuration.html.j2", text=text) if is_for_people else plain(200, text)

    def _status(self) -> Answer:
        site, report, now = self._site, self._site.source.report, self._site.clock.now()
        shown = None if report is None else overview(report, now, site.interval(), self._runbooks.of_finding())
        order = [row.bot for row in shown.rows] if shown is not None else []
        return self._html(
            "status.html.j2",
            overview=shown,
            drifts=None if report is None else drifts(site.source.history, report, order),
            now=now,
            problems=site.health.unhealthy(),
            missing=site.health.unready(),
            report_path=site.reports() / "latest.json",
        )

    def _breaks(self, bot: str | None) -> Answer:
        site, report, now = self._site, self._site.source.report, self._site.clock.now()
        shown = (
            break_list(report, now, site.interval(), self._runbooks.of_finding(), bot)
            if report is not None and report.eod is not None
            else None
        )
        return self._html("breaks.html.j2", breaks=shown, now=now, missing=site.health.unready())

    def _break(self, beginning: str) -> Answer:
        site, report, now = self._site, self._site.source.report, self._site.clock.now()
        found = () if report is None else found_breaks(report, beginning)
        if report is None or len(found) != 1:
            fits = [one.identifier for one in found[:LISTED_AT_MOST]]
            return self._html("no_break.html.j2", 404, fits=fits, count=len(found), is_known=report is not None)
        page = break_page(found[0], report, now, self._runbooks.of_finding())
        return self._html("break.html.j2", page=page, now=now, stale=_stale_for(report, now, site.interval()))

    def _runs(self) -> Answer:
        site, report, now = self._site, self._site.source.report, self._site.clock.now()
        shown = None if report is None else run_list(report, now, site.interval())
        files = RunFiles(site.reports())
        listings = [files.newest(CYCLE), files.newest(EOD)]
        return self._html("runs.html.j2", runs=shown, listings=listings, now=now, missing=site.health.unready())

    def _run(self, name: str) -> Answer:
        text = RunFiles(self._site.reports()).read(name.removesuffix(".json"))
        if text is None:
            return plain(404, "not found")
        if name.endswith(".json") and text.body is not None:
            return Answer(200, JSON, (text.body,))
        page = None if text.body is None else run_page(text.body, is_eod=text.is_eod)
        return self._html("run.html.j2", text=text, page=page)

    def _runbook(self, name: str) -> Answer:
        page = runbook_page(self._runbooks, self._rendering, name)
        return plain(404, "not found") if page is None else Answer(200, HTML, (page,), self._headers)

    def _html(self, template: str, status: int = 200, **values: object) -> Answer:
        return Answer(status, HTML, (self._rendering.page(template, **values),), self._headers)


def _stale_for(report: Report, now: datetime, interval: timedelta) -> str:
    """How old a report is that proves nothing any more; empty for one that does."""
    return age(now - report.at) if is_stale(report, now, interval) else ""
