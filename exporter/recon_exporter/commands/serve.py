"""`recon-exporter serve`: the exporter until SIGTERM."""

import gc
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import typer

from recon_exporter import logs
from recon_exporter.clock import SystemClock
from recon_exporter.commands.leaving import leave_if_stuck
from recon_exporter.errors import AddressError, ConfigurationError, StateError
from recon_exporter.ports import Clock
from recon_exporter.serving import Exporter
from recon_exporter.settings.overrides import Overrides
from recon_exporter.settings.store import ConfigurationStore
from recon_exporter.state import open_state, serve_lock

UNUSABLE = 2


def run(overrides: Overrides, environment: Mapping[str, str], directory: Path) -> int:
    """0 after SIGTERM; 2 where configuration, state, lock or address cannot be had."""
    clock = SystemClock()
    try:
        store = ConfigurationStore(overrides, environment, directory, clock)
        logs.configure(store.current.log.level, store.current.log.format)
        _serve(store, clock)
    except (ConfigurationError, StateError, AddressError) as error:
        typer.echo(f"serve: {error}", err=True)
        return UNUSABLE
    return 0


def _serve(store: ConfigurationStore, clock: Clock) -> None:
    url = store.current.state.url.get_secret_value()
    with serve_lock(url, clock), closing(open_state(url)) as state:
        exporter = Exporter(store, state, clock)
        # What has been loaded by now stays for life, and a collection that looked at it would hold up every scrape.
        gc.freeze()
        exporter.run()
        leave_if_stuck(0)
