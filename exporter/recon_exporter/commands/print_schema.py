"""`recon-exporter print-schema`: JSON Schema of a file of the configuration."""

import json

import typer

from recon_exporter.settings.schemas import KINDS, schema

REFUSED = 2


def run(kind: str = "recon") -> int:
    """0, or 2 for a kind that there is not."""
    if kind not in KINDS:
        typer.echo(f"print-schema: --kind: found {kind}, expected {' or '.join(KINDS)}", err=True)
        return REFUSED
    typer.echo(json.dumps(schema(kind), indent=2))
    return 0
