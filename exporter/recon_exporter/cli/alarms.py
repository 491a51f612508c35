"""Commands that look after the way from an alert to a person."""

import os
from collections.abc import Callable, Mapping
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


def deadman(
    listen: Annotated[str, typer.Option("--listen", help="where the Watchdog's route posts to")] = "127.0.0.1:9812",
    after: Annotated[str, typer.Option("--after", help="this long without a sign of life is told")] = "5m",
    state: Annotated[Path, typer.Option("--state", help="the file that survives a restart")] = Path("deadman.json"),
    run: Annotated[str | None, typer.Option("--run", help="a command; it gets the text as its input")] = None,
    post_url_file: Annotated[
        Path | None, typer.Option("--post-url-file", help="holds an address; {text} in it, else the body, is the text")
    ] = None,
) -> None:
    """Wait for the Watchdog, on another machine, and tell somebody when it stays away and when it is back."""
    from recon_exporter.commands import deadman as command

    raise typer.Exit(command.run(command.Wish(listen, after, state, run, post_url_file)))


ALARMS: Mapping[str, Callable[..., None]] = {"page-test": page_test, "deadman": deadman}
