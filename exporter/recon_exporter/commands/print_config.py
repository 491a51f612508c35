"""`recon-exporter print-config`: every effective value and where it came from, secrets masked."""

import json
from collections.abc import Mapping
from pathlib import Path

import typer

from recon_exporter.errors import ConfigurationError
from recon_exporter.settings.loading import load
from recon_exporter.settings.overrides import Overrides
from recon_exporter.settings.printing import masked_document, masked_text

REFUSED = 2


def run(overrides: Overrides, environment: Mapping[str, str], directory: Path, *, as_json: bool) -> int:
    """0, or 2 where there is no valid configuration to print."""
    try:
        settings = load(overrides, environment, directory, opens_venues=False)
    except ConfigurationError as error:
        typer.echo(str(error), err=True)
        return REFUSED
    typer.echo(json.dumps(masked_document(settings), indent=2) if as_json else masked_text(settings))
    return 0
