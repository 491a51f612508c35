"""The runbooks as pages of the server, and as files that need none."""

from collections.abc import Mapping
from pathlib import Path

from markupsafe import Markup

from recon_exporter.web.rendering import Rendering
from recon_exporter.web.runbooks import IN_FILES, INDEX, SERVED, Places, Runbooks


def runbook_page(runbooks: Runbooks, rendering: Rendering, name: str, places: Places = SERVED) -> bytes | None:
    """The page of an alert or, for an empty name, the index, which goes from what one sees to a page."""
    body = runbooks.html(name or INDEX, places)
    if body is None:
        return None
    return rendering.page(
        "runbook.html.j2",
        title=name or "Runbooks",
        body=Markup(body),  # noqa: S704  # rendered with raw HTML off
        pages=() if name else tuple((page, places.page(page)) for page in runbooks.names()),
        index=places.index,
        file_policy=None if places is SERVED else rendering.policy,
    )


def runbook_files(folder: Path, version: str) -> Mapping[str, bytes]:
    """Every page by the name of its file, the index among them: whole without a server, their links relative."""
    runbooks, rendering = Runbooks(folder), Rendering(version)
    pages = {name: runbook_page(runbooks, rendering, name, IN_FILES) for name in ("", *runbooks.names())}
    return {IN_FILES.page(name) if name else IN_FILES.index: page for name, page in pages.items() if page is not None}
