"""The groups of commands: bots, incident, bundle."""

import os
from pathlib import Path
from typing import Annotated

import typer

bots = typer.Typer(help="Who is expected, and why.", no_args_is_help=True)
incident = typer.Typer(help="The incident log.", no_args_is_help=True)
bundle = typer.Typer(help="The rules, runbooks, dashboards and configuration in this package.", no_args_is_help=True)
GROUPS = {"bots": bots, "incident": incident, "bundle": bundle}

Owner = Annotated[str | None, typer.Option("--owner", help="who works on it")]
Eta = Annotated[str | None, typer.Option("--eta", help="when it will be remedied: a span such as 4h, or a time")]
Evidence = Annotated[str | None, typer.Option("--evidence", help="path of a report or file that shows it")]
AsJson = Annotated[bool, typer.Option("--json")]


@bots.command("list")
def bots_list(context: typer.Context, as_json: AsJson = False) -> None:
    """Who is expected and why, and who was forgotten."""
    from recon_exporter.commands import bots as command

    raise typer.Exit(command.run_list(context.obj, os.environ, Path(), as_json=as_json))


@bots.command("forget")
def bots_forget(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="the bot that is gone for good")],
    by: Annotated[str, typer.Option("--by", help="who decides so")],
    reason: Annotated[str, typer.Option("--reason", help="why; kept in the audit log")],
) -> None:
    """Expect a bot no more that was merely seen; what is held for it ends."""
    from recon_exporter.commands import bots as command

    raise typer.Exit(command.run_forget(context.obj, os.environ, Path(), bot=name, by=by, reason=reason))


@incident.command("open")
def incident_open(
    context: typer.Context,
    summary: Annotated[str, typer.Option("--summary", help="what is wrong")],
    owner: Annotated[str, typer.Option("--owner", help="who works on it")],
    eta: Annotated[str, typer.Option("--eta", help="when it will be remedied: a span such as 4h, or a time")],
    bot: Annotated[str | None, typer.Option("--bot", help="the bot concerned")] = None,
    evidence: Evidence = None,
) -> None:
    """Append an incident to the log."""
    from recon_exporter.commands import incident as command

    told = command.Told(summary, owner, eta, bot, evidence)
    raise typer.Exit(command.run_open(context.obj, os.environ, Path(), told))


@incident.command("update")
def incident_update(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="the number that `incident open` printed")],
    text: Annotated[str, typer.Option("--text", help="what is new")],
    owner: Owner = None,
    eta: Eta = None,
    evidence: Evidence = None,
    close: Annotated[bool, typer.Option("--close", help="it is remedied")] = False,
) -> None:
    """Append what is new about an open incident."""
    from recon_exporter.commands import incident as command

    told = command.Told(text, owner, eta, None, evidence)
    raise typer.Exit(command.run_update(context.obj, os.environ, Path(), number, told, close=close))


@incident.command("list")
def incident_list(
    context: typer.Context,
    closed: Annotated[bool, typer.Option("--all", help="closed incidents too")] = False,
    as_json: AsJson = False,
) -> None:
    """The incidents of the log, open ones only unless asked for all."""
    from recon_exporter.commands import incident as command

    raise typer.Exit(command.run_list(context.obj, os.environ, Path(), closed=closed, as_json=as_json))


@bundle.command("export")
def bundle_export(
    directory: Path,
    runbook_url: Annotated[str | None, typer.Option("--runbook-url", help="where the runbooks are served")] = None,
    dashboard_url: Annotated[str | None, typer.Option("--dashboard-url", help="where Grafana is served")] = None,
    exporter_url: Annotated[str | None, typer.Option("--exporter-url", help="where people reach the exporter")] = None,
) -> None:
    """Write alerts/, runbooks/ (also as HTML), grafana/ and config/ out of the installed package, links rewritten."""
    from recon_exporter.commands import bundle_export as command

    raise typer.Exit(command.run(directory, runbook_url, dashboard_url, exporter_url))


@bundle.command("alertmanager")
def bundle_alertmanager(
    secrets: Annotated[Path, typer.Argument(help="as alerts/alertmanager-secrets.example.yml, readable by you alone")],
    directory: Annotated[Path, typer.Argument(help="where alertmanager.yml and its templates are written")],
    in_files: Annotated[  # typer makes a flag of a bool
        bool,
        typer.Option("--secrets-in-files", help="for Alertmanager from 0.26 on: the configuration holds no secret"),
    ] = False,
) -> None:
    """Write Alertmanager's configuration with your receivers, mode 0600."""
    from recon_exporter.commands import bundle_alertmanager as command

    raise typer.Exit(command.run(secrets, directory, in_files=in_files))
