"""What commands about the state share: configuration and state opened, their errors told, exit code 2."""

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import typer

from recon_exporter import app, logs
from recon_exporter.clock import SystemClock
from recon_exporter.errors import ConfigurationError, StateError
from recon_exporter.settings.loading import load
from recon_exporter.settings.model import Settings
from recon_exporter.settings.overrides import Overrides
from recon_exporter.state import open_state
from recon_exporter.state.store import SqlState
from recon_exporter.telemetry import Telemetry

UNUSABLE = 2

Work = Callable[[SqlState, Settings], int]


def with_state(  # where the command runs, and what it does
    command: str,
    overrides: Overrides,
    environment: Mapping[str, str],
    directory: Path,
    work: Work,
    *,
    opens_venues: bool = False,
) -> int:
    """The exit code of ``work``, or 2 where configuration or state are unusable.

    Only what asks venues needs the credentials that open them.
    """
    try:
        settings = load(overrides, environment, directory, opens_venues=opens_venues)
        logs.configure(settings.log.level, settings.log.format)
        with closing(open_state(settings.state.url.get_secret_value())) as state:
            return work(state, settings)
    except (ConfigurationError, StateError) as error:
        return refused(command, str(error))


def deliver(state: SqlState, settings: Settings) -> None:
    """Let the files tell at once what has just been recorded; what a sink does not take, the next process delivers."""
    app.build_deliveries(settings, state, SystemClock(), Telemetry("", (), ())).deliver()


def refused(command: str, why: str) -> int:
    """Tell why, and give the exit code for it."""
    typer.echo(f"{command}: {why}", err=True)
    return UNUSABLE
