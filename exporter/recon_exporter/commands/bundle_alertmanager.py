"""`recon-exporter bundle alertmanager`: Alertmanager's configuration, receivers filled in, for its owner alone."""

import os
from pathlib import Path

import typer
import yaml

from recon_exporter import bundle
from recon_exporter.commands.receivers import UnusableSecrets, fill, read_secrets

HEADER = """\
# Written by `recon-exporter bundle alertmanager`: change the file of secrets and write it anew, or edit it from now on.
# What routes and inhibitions are for stands in alerts/alertmanager.yml of the bundle.
"""


def run(secrets: Path, directory: Path, *, in_files: bool) -> int:
    """Write alertmanager.yml, its templates and, with ``in_files``, one file a secret; 2 where that cannot be."""
    folder = directory.resolve() / "secrets" if in_files else None
    alerts = bundle.part("alerts")
    try:
        filled = fill(alerts, read_secrets(secrets), folder)
        for template in sorted((alerts / "templates").glob("*.tmpl")):
            _write(directory / "templates" / template.name, template.read_text())
        for path, content in filled.files.items():
            _write(path, content)
        text = HEADER + yaml.safe_dump(filled.configuration, sort_keys=False, allow_unicode=True, width=120)
        _write(directory / "alertmanager.yml", text)
    except UnusableSecrets as error:
        typer.echo(f"bundle alertmanager: {error}", err=True)
        return 2
    except OSError as error:
        typer.echo(f"bundle alertmanager: {error.filename}: {error.strerror}", err=True)
        return 2
    for name, ways in filled.ways.items():
        typer.echo(f"{name}: {', '.join(ways) or 'nobody'}")
    typer.echo(
        f"{directory / 'alertmanager.yml'} written, for Alertmanager {'from 0.26' if in_files else 'from 0.25'} on"
    )
    return 0


def _write(path: Path, content: str) -> None:
    """Replace a file, readable by its owner alone from its first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(content)
    fresh.replace(path)
