"""`recon-exporter bundle export`: the four folders out of the installed package."""

from pathlib import Path

import typer

from recon_exporter import bundle


def run(directory: Path, runbook_url: str | None, dashboard_url: str | None, exporter_url: str | None) -> int:
    """Write the bundle, links rewritten; 2 where a URL is none or the folder cannot be written."""
    try:
        written = bundle.export(directory, runbook_url, dashboard_url, exporter_url)
    except (ValueError, OSError) as error:
        typer.echo(f"bundle export: {error}", err=True)
        return 2
    typer.echo(f"{len(written)} files written to {directory}")
    return 0
