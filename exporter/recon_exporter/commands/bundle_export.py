"""`recon-exporter bundle export`: the four folders out of the installed package, the runbooks also as HTML."""

from pathlib import Path

import typer

from recon_exporter import __version__, bundle
from recon_exporter.web import runbook_files

PAGES = "runbooks/html"


def run(directory: Path, runbook_url: str | None, dashboard_url: str | None, exporter_url: str | None) -> int:
    """Write the bundle, links rewritten; 2 where a URL is none or the folder cannot be written."""
    pages = {f"{PAGES}/{name}": page for name, page in runbook_files(bundle.part("runbooks"), __version__).items()}
    try:
        written = bundle.export(directory, runbook_url, dashboard_url, exporter_url, pages)
    except (ValueError, OSError) as error:
        typer.echo(f"bundle export: {error}", err=True)
        return 2
    typer.echo(f"{len(written)} files written to {directory}, runbooks to read in {directory / PAGES}")
    return 0
