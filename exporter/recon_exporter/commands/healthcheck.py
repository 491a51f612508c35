"""`recon-exporter healthcheck`: asks the running exporter, for containers without a shell."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import requests
import typer

from recon_exporter.errors import ConfigurationError
from recon_exporter.settings.loading import load
from recon_exporter.settings.overrides import Overrides

TIMEOUT_SECONDS = 5
_ANY = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104  # an address served is not one to call


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """The files of certificate and key to show to an exporter that asks for them; None where there are none."""

    certificate: str | None = None
    key: str | None = None

    @property
    def files(self) -> tuple[str, str] | str | None:
        """The same as requests takes them."""
        if self.certificate is None or self.key is None:
            return self.certificate
        return self.certificate, self.key


def run(
    overrides: Overrides, environment: Mapping[str, str], directory: Path, shown: ClientCertificate | None = None
) -> int:
    """0 where /-/healthy answers 200 at the configured address, else 1."""
    try:
        web = load(overrides, environment, directory, opens_venues=False).web
    except ConfigurationError as error:
        typer.echo(str(error), err=True)
        return 1
    place = f"{_ANY.get(web.listen_address.host, web.listen_address.host)}:{web.listen_address.port}/-/healthy"
    # What is in force may be another protection than what the file asks for, so TLS is tried and not looked up.
    schemes = ("http",) if web.config_file is None else ("https", "http")
    failures = []
    for scheme in schemes:
        url = f"{scheme}://{place}"
        try:
            answer = _ask(url, shown or ClientCertificate())
        except (requests.RequestException, OSError) as error:
            failures.append(f"{url}: {type(error).__name__}")
        else:
            typer.echo(f"{url}: {answer.status_code} {answer.text.strip()}")
            return 0 if answer.ok else 1
    for failure in failures:
        typer.echo(failure, err=True)
    return 1


def _ask(url: str, shown: ClientCertificate) -> requests.Response:
    """Ask without a password, which is not wanted here, and whatever the certificate: one that ran out is healthy.

    Not through a proxy either, which containers are given by their environment.
    """
    with warnings.catch_warnings(), requests.Session() as session:
        warnings.simplefilter("ignore")
        session.trust_env = False
        return session.get(url, timeout=TIMEOUT_SECONDS, verify=False, cert=shown.files)
