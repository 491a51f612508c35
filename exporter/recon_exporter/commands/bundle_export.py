"""`recon-exporter bundle export`: the four folders out of the installed package, the runbooks also as HTML."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import typer

from recon_exporter import __version__, bundle
from recon_exporter.web import runbook_files

PAGES = "runbooks/html"


def run(directory: Path, runbook_url: str | None, dashboard_url: str | None, exporter_url: str | None) -> int:
    """Write the bundle, links rewritten; 2 where a URL is none or the folder cannot be written.

    Where the exporter serves the runbooks itself, their address tells that of its other pages.
    """
    pages = {f"{PAGES}/{name}": page for name, page in runbook_files(bundle.part("runbooks"), __version__).items()}
    try:
        exporter = exporter_url or bundle.exporter_of(runbook_url)
        written = bundle.export(directory, runbook_url, dashboard_url, exporter, pages)
        left = [link for path in written for link in bundle.links_of(path.read_bytes())]
    except (ValueError, OSError) as error:
        typer.echo(f"bundle export: {error}", err=True)
        return 2
    typer.echo(f"{len(written)} files written to {directory}, runbooks to read in {directory / PAGES}")
    if left and (runbook_url, dashboard_url, exporter_url) != (None, None, None):
        typer.echo(_told(left), err=True)
    return 0


def _told(left: Sequence[str]) -> str:
    """How many links still lead where they led, and which option leads them elsewhere."""
    options = {bundle.DASHBOARD_URL: "--dashboard-url", bundle.EXPORTER_URL: "--exporter-url"}
    options = {bundle.RUNBOOK_URL: "--runbook-url", bundle.PUBLIC_RUNBOOK_URL: "--runbook-url", **options}
    counts = Counter(next(start for start in options if link.startswith(start)) for link in left)
    return "\n".join(
        f"{count} links still lead to {start}: {options[start]} leads them elsewhere" for start, count in counts.items()
    )
