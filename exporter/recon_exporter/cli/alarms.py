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


def drill(  # one parameter a flag is what typer reads
    alert: Annotated[str | None, typer.Argument(help="the alert to be drilled")] = None,
    kind: Annotated[
        str | None, typer.Option("--type", help="the break type that is played, where it has several")
    ] = None,
    scale: Annotated[float, typer.Option("--time-scale", min=1.0, help="waits are divided by this")] = 600.0,
    is_all: Annotated[bool, typer.Option("--all", help="every alert; writes a page about it")] = False,
    at_once: Annotated[int, typer.Option("--at-once", min=1, help="how many of all are played at a time")] = 3,
    directory: Annotated[Path | None, typer.Option("--directory", help="keep what is written; an empty folder")] = None,
    patience: Annotated[
        float, typer.Option("--patience", min=0.0, help="seconds that a step may take beside the divided waits")
    ] = 90.0,
    output: Annotated[Path, typer.Option("--output", help="the page about all")] = Path("docs/drills.md"),
) -> None:
    """Make an alert's condition in a sandbox, watch it arrive and resolve. Exit: 0 it did, 1 not, 2 no such alert."""
    from recon_exporter.commands import drill as command

    raise typer.Exit(command.run(command.Wish(alert, kind, scale, is_all, at_once, directory, output, patience)))


ALARMS: Mapping[str, Callable[..., None]] = {"page-test": page_test, "deadman": deadman, "drill": drill}
