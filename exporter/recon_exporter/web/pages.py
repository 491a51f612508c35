"""The pages for people: status, runbooks, configuration. No script, no resource from elsewhere, all text escaped."""

import asyncio
import base64
import hashlib
from urllib.parse import unquote

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from recon_exporter.web.answers import HTML, Answer, plain
from recon_exporter.web.overview import overview
from recon_exporter.web.runbooks import INDEX, Runbooks
from recon_exporter.web.site import Site


class Pages:
    """Answers what people look at in a browser."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._runbooks = Runbooks(site.runbooks)
        self._templates = Environment(
            loader=PackageLoader("recon_exporter.web"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
        )
        self._templates.filters["breakable"] = _breakable
        style = self._templates.get_template("style.css").render()
        self._templates.globals.update(style=Markup(style), version=site.version)  # noqa: S704  # our own file
        self._headers = {"Content-Security-Policy": _policy(style)}

    async def status(self, _: web.BaseRequest) -> Answer:
        """Bots and checks at a glance."""
        return await asyncio.to_thread(self._status)

    async def to_runbooks(self, _: web.BaseRequest) -> Answer:
        """The folder has a slash at its end, so that links inside it lead where they should."""
        return plain(308, "see runbooks/", Location="runbooks/")

    async def runbook(self, request: web.BaseRequest) -> Answer:
        """The index, or the page of one alert."""
        name = unquote(request.path.removeprefix("/runbooks/"))
        return await asyncio.to_thread(self._runbook, name)

    async def configuration(self, _: web.BaseRequest) -> Answer:
        """The effective configuration, secrets masked."""
        return plain(200, await asyncio.to_thread(self._site.configuration))

    def _status(self) -> Answer:
        site, report, now = self._site, self._site.source.report, self._site.clock.now()
        shown = None if report is None else overview(report, now, site.interval(), self._runbooks.of_finding())
        return self._html(
            "status.html.j2",
            overview=shown,
            now=now,
            problems=site.health.unhealthy(),
            missing=site.health.unready(),
            report_path=site.reports / "latest.json",
        )

    def _runbook(self, name: str) -> Answer:
        body = self._runbooks.html(name or INDEX)
        if body is None:
            return plain(404, "not found")
        title = name or "Runbooks"
        pages = () if name else self._runbooks.names()
        return self._html("runbook.html.j2", title=title, body=Markup(body), pages=pages)  # noqa: S704

    def _html(self, template: str, **values: object) -> Answer:
        text = self._templates.get_template(template).render(values)
        return Answer(200, HTML, (text.encode(),), self._headers)


def _breakable(name: str) -> Markup:
    """A name in which a line may end after each underscore."""
    return escape(name).replace("_", Markup("_<wbr>"))


def _policy(style: str) -> str:
    """A policy that allows our one style sheet, by its digest, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
