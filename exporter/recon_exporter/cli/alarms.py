"""Commands that look after the way from an alert to a person."""

import os
from pathlib import Path
from typing import Annotated

import typer


def page_test(
    context: typer.Context,
    severity: Annotated[str, typer.Option("--severity", help="critical, warning or info")] = "critical",
) -> None:
    """Send one alert marked TEST to Alertmanager and the webhook. Exit: 0 all took it, 1 not."""
    from recon_exporter.commands import page_test as command

    raise typer.Exit(command.run(context.obj, os.environ, Path(), severity=severity))


ALARMS = {"page-test": page_test}
