"""`recon-exporter healthcheck`: asks the running exporter, for containers without a shell."""

from collections.abc import Mapping
from pathlib import Path

import requests
import typer

from recon_exporter.errors import ConfigurationError
from recon_exporter.settings.loading import load
from recon_exporter.settings.overrides import Overrides

TIMEOUT_SECONDS = 5
_ANY = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104  # an address served is not one to call


def run(overrides: Overrides, environment: Mapping[str, str], directory: Path) -> int:
    """0 where /-/healthy answers 200 at the configured address, else 1."""
    try:
        address = load(overrides, environment, directory, opens_venues=False).web.listen_address
    except ConfigurationError as error:
        typer.echo(str(error), err=True)
        return 1
    url = f"http://{_ANY.get(address.host, address.host)}:{address.port}/-/healthy"
    try:
        answer = requests.get(url, timeout=TIMEOUT_SECONDS)
    except requests.RequestException as error:
        typer.echo(f"{url}: {type(error).__name__}", err=True)
        return 1
    typer.echo(f"{url}: {answer.status_code} {answer.text.strip()}")
    return 0 if answer.ok else 1
