"""The command line: flags and commands, nothing else; what a command does stands in commands/.

Flags are dotted as elsewhere in the Prometheus world and are accepted before or after the command. Each has an
environment variable (``--config.file`` is ``RECON_CONFIG_FILE``), read by settings so that the origin can be told.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from recon_exporter.cli.alarms import ALARMS
from recon_exporter.cli.eod_groups import EOD_GROUPS
from recon_exporter.cli.flags import flags_first
from recon_exporter.cli.groups import GROUPS
from recon_exporter.cli.leaving import leave_soon
from recon_exporter.cli.proxies import spare_loopback
from recon_exporter.settings.overrides import Overrides

__all__ = ["app", "flags_first", "main"]

app = typer.Typer(
    name="recon-exporter",
    help="Says whether what trading bots believe agrees with what their venues say, and whether we can still see.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    epilog=(
        "The flags above may also stand after the command. Each beats its environment variable, which beats the file, "
        "which beats what is built in; print-config shows the origin of every value."
    ),
)
for name, group in {**GROUPS, **EOD_GROUPS}.items():
    app.add_typer(group, name=name)
for name, command in ALARMS.items():
    app.command(name)(command)


def main() -> None:
    """Run the command line with this process's arguments."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        _print_version(asked=True)
    spare_loopback(os.environ)
    try:
        app(args=flags_first(arguments))
    except SystemExit as ended:
        leave_soon(ended.code if isinstance(ended.code, int) else 0)
        raise


def _print_version(*, asked: bool) -> None:
    """Print the version and leave, before anything slow is imported."""
    if asked:
        from recon_exporter import __version__

        print(f"recon-exporter {__version__}")
        raise SystemExit(0)


@app.callback()
def _flags(  # one parameter a flag is what typer reads
    context: typer.Context,
    config_file: Annotated[
        str | None, typer.Option("--config.file", help="RECON_CONFIG_FILE, config/recon.yml")
    ] = None,
    listen: Annotated[str | None, typer.Option("--web.listen-address", help="RECON_WEB_LISTEN_ADDRESS")] = None,
    external: Annotated[str | None, typer.Option("--web.external-url", help="RECON_WEB_EXTERNAL_URL")] = None,
    web_config: Annotated[str | None, typer.Option("--web.config.file", help="RECON_WEB_CONFIG_FILE")] = None,
    lifecycle: Annotated[  # typer makes a flag of a bool
        bool, typer.Option("--web.enable-lifecycle", help="allow POST /-/reload; RECON_WEB_ENABLE_LIFECYCLE")
    ] = False,
    log_level: Annotated[
        str | None, typer.Option("--log.level", help="debug, info, warning or error; RECON_LOG_LEVEL")
    ] = None,
    log_format: Annotated[str | None, typer.Option("--log.format", help="logfmt or json; RECON_LOG_FORMAT")] = None,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=lambda asked: _print_version(asked=asked))
    ] = False,
) -> None:
    del version
    context.obj = Overrides(config_file, listen, external, web_config, lifecycle or None, log_level, log_format)


@app.command()
def serve(context: typer.Context) -> None:
    """Run the schedule and the HTTP server until SIGTERM; SIGHUP reloads the configuration."""
    from recon_exporter.commands import serve as command

    raise typer.Exit(command.run(context.obj, os.environ, Path()))


@app.command()
def once(
    context: typer.Context,
    synthetic: Annotated[bool, typer.Option("--synthetic-drift", help="prove the alarm, marked synthetic")] = False,
    send: Annotated[bool, typer.Option("--send", help="send the synthetic report to the webhook too")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the report as it was written")] = False,
) -> None:
    """Run one cycle, write the reports, print a summary. Exit: 0 ok, 1 findings, 2 configuration, 3 unverified."""
    from recon_exporter.commands import once as command

    raise typer.Exit(command.run(context.obj, os.environ, Path(), synthetic=synthetic, send=send, as_json=as_json))


@app.command()
def eod(
    context: typer.Context,
    bot: Annotated[str | None, typer.Option("--bot", help="only this bot")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the reports as they were written")] = False,
    opens_mass_break: Annotated[
        bool, typer.Option("--open-mass-break", help="the sources are right: open new breaks, however many, and halt")
    ] = False,
) -> None:
    """Run the end-of-day reconciliation. Exit: 0 clean, 1 breaks, 2 configuration, 3 unverified."""
    from recon_exporter.commands import eod as command

    options = {"as_json": as_json, "opens_mass_break": opens_mass_break}
    raise typer.Exit(command.run(context.obj, os.environ, Path(), bot=bot, **options))


@app.command()
def snapshot(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="print the snapshot as it was written")] = False,
) -> None:
    """Ask every account at its exchange, write the snapshot. Exit: 0 expected statuses, 1 not, 2 configuration."""
    from recon_exporter.commands import snapshot as command

    raise typer.Exit(command.run(context.obj, os.environ, Path(), as_json=as_json))


@app.command("check-config")
def check_config(
    context: typer.Context,
    online: Annotated[bool, typer.Option("--online", help="also say which sources are reachable now")] = False,
) -> None:
    """Print every error of the configuration, or that it is valid."""
    from recon_exporter.commands import check_config as command

    raise typer.Exit(command.run(context.obj, os.environ, Path(), online=online))


@app.command("print-config")
def print_config(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Print every effective value and where it came from; secrets are masked."""
    from recon_exporter.commands import print_config as command

    raise typer.Exit(command.run(context.obj, os.environ, Path(), as_json=as_json))


@app.command("print-schema")
def print_schema(
    kind: Annotated[str, typer.Option("--kind", help="recon, thresholds or account-map")] = "recon",
) -> None:
    """Print the JSON Schema of a configuration file."""
    from recon_exporter.commands import print_schema as command

    raise typer.Exit(command.run(kind))


@app.command()
def init(path: Annotated[Path | None, typer.Argument(help="config/recon.yml")] = None) -> None:
    """Find the books of bots under the working directory and write the smallest configuration."""
    from recon_exporter.commands import init as command

    raise typer.Exit(command.run(path, Path()))


@app.command()
def demo(
    context: typer.Context,
    directory: Annotated[Path | None, typer.Option("--directory", help="where it writes; a temporary folder")] = None,
    speed: Annotated[float, typer.Option("--speed", min=0.1, help="how many times faster incidents come")] = 1.0,
) -> None:
    """Run a sample fleet with scripted incidents, served as `serve` does, with Prometheus and Alertmanager."""
    from recon_exporter.commands import demo as command

    raise typer.Exit(command.run(context.obj, os.environ, directory, speed=speed))


@app.command()
def healthcheck(
    context: typer.Context,
    certificate: Annotated[str | None, typer.Option("--cert-file", help="to show where one is asked for")] = None,
    key: Annotated[str | None, typer.Option("--key-file", help="its private key")] = None,
) -> None:
    """Ask the running exporter whether it is healthy; for containers."""
    from recon_exporter.commands import healthcheck as command

    shown = command.ClientCertificate(certificate, key)
    raise typer.Exit(command.run(context.obj, os.environ, Path(), shown))


@app.command()
def gate(
    context: typer.Context,
    max_age: Annotated[str, typer.Option("--max-age", help="how old the latest report may be")] = "20m",
) -> None:
    """May promotion go on? Exit 0 only on a fresh report without critical finding, halt, break or blind spot."""
    from recon_exporter.commands import gate as command

    raise typer.Exit(command.run(context.obj, os.environ, Path(), max_age=max_age))
