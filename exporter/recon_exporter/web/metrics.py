"""/metrics: the page rendered last, with the live metrics behind it. Nothing is computed or asked for here."""

import asyncio
import gzip
from collections.abc import Sequence

from aiohttp import web

from recon_exporter.telemetry import Format, Page
from recon_exporter.web.answers import Answer
from recon_exporter.web.negotiation import accepts_gzip, choose_format
from recon_exporter.web.site import Site

_VARY = {"Vary": "Accept, Accept-Encoding"}
_ZIPPED = {**_VARY, "Content-Encoding": "gzip"}


class Metrics:
    """Answers /metrics."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def answer(self, request: web.BaseRequest) -> Answer:
        """The exposition in the format and encoding that the client asks for, whole or only the names asked for."""
        form, content_type = choose_format(request.headers.get("Accept", ""))
        zipped = accepts_gzip(request.headers.get("Accept-Encoding", ""))
        names = request.query.getall("name[]", [])
        page = self._site.source.page
        if names:
            parts = await asyncio.to_thread(self._selected, page, names, form, zipped=zipped)
        elif zipped:
            parts = await self._zipped(page, form)
        else:
            parts = (page.body(form), self._site.telemetry.exposition(form))
        return Answer(200, content_type, parts, _ZIPPED if zipped else _VARY)

    async def _zipped(self, page: Page, form: Format) -> tuple[bytes, ...]:
        if form not in page.prepared[1]:
            await asyncio.to_thread(page.deflated, form)
        return page.deflated(form).gzip(self._site.telemetry.exposition(form))

    def _selected(self, page: Page, names: Sequence[str], form: Format, *, zipped: bool) -> tuple[bytes, ...]:
        body = page.select(names, form) + self._site.telemetry.exposition(form, names)
        return (gzip.compress(body, 1) if zipped else body,)
