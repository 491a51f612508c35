"""`recon-exporter snapshot`: every account asked once, and the exchange snapshot written."""

from collections.abc import Mapping
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from recon_exporter import logs
from recon_exporter.clock import SystemClock
from recon_exporter.commands.opened import refused
from recon_exporter.commands.summary import WIDTH_OF_A_PIPE
from recon_exporter.domain.json_text import to_json
from recon_exporter.errors import ConfigurationError, DeliveryFailed
from recon_exporter.settings.loading import load
from recon_exporter.settings.overrides import Overrides
from recon_exporter.snapshots import Snapshots, Taken
from recon_exporter.sources import Connections

EXPECTED, UNEXPECTED = 0, 1


def run(overrides: Overrides, environment: Mapping[str, str], directory: Path, *, as_json: bool) -> int:
    """0 where every status is the expected one, 1 where not, 2 where configuration or file are unusable."""
    clock = SystemClock()
    try:
        settings = load(overrides, environment, directory)
        logs.configure(settings.log.level, settings.log.format)
        snapshots = Snapshots(settings, Connections(clock), clock)
        taken = snapshots.take()
        snapshots.write(taken)
    except (ConfigurationError, DeliveryFailed) as error:
        return refused("snapshot", str(error))
    if as_json:
        typer.echo(to_json(taken.document))
    else:
        _print(taken, settings.snapshot_job.out_path)
    return UNEXPECTED if taken.unexpected or not taken.document["evidence"] else EXPECTED


def _print(taken: Taken, path: Path) -> None:
    """One line for each bot, and where the file is."""
    console = Console(highlight=False, width=WIDTH_OF_A_PIPE)
    table = Table("bot", "exchange", "status", "expected", "base share", "error")
    for account, probe in taken.asked:
        share = taken.document["bots"][account.bot]["base_pct"]
        told = "–" if share is None else f"{share:.4f}"
        style = "green" if probe.status == account.expected_status else "bold red"
        status = Text(probe.status.value, style)
        table.add_row(account.bot, probe.exchange, status, account.expected_status, told, probe.error)
    console.print(table)
    if not taken.document["evidence"]:
        console.print(Text(taken.document["note"], "bold red"))
    console.print(f"mode {taken.document['mode']}, snapshot: {path}", soft_wrap=True)
