"""`recon-exporter serve`: the exporter until SIGTERM."""

import gc
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import typer

from recon_exporter import logs
from recon_exporter.clock import SystemClock
from recon_exporter.errors import AddressError, ConfigurationError, StateError
from recon_exporter.notify import ServiceManager, service_manager
from recon_exporter.ports import Clock
from recon_exporter.serving import Exporter
from recon_exporter.settings.overrides import Overrides
from recon_exporter.settings.store import ConfigurationStore
from recon_exporter.state import open_state, serve_lock

UNUSABLE = 2
NEW_VALUES = 100_000
"""How many more have to be there before garbage is looked for: twice what a cycle over 1 000 bots holds at once."""


def run(overrides: Overrides, environment: Mapping[str, str], directory: Path) -> int:
    """0 after SIGTERM; 2 where configuration, state, lock or address cannot be had."""
    clock = SystemClock()
    try:
        store = ConfigurationStore(overrides, environment, directory, clock)
        logs.configure(store.current.log.level, store.current.log.format)
        _serve(store, clock, service_manager(environment))
    except (ConfigurationError, StateError, AddressError) as error:
        typer.echo(f"serve: {error}", err=True)
        return UNUSABLE
    return 0


def hold_collections_back() -> None:
    """Have garbage looked for seldom, and only in what has been made since: every scrape has to wait meanwhile.

    What a cycle makes it gives back without any search, and what has been loaded by now stays for life.
    """
    gc.freeze()
    gc.set_threshold(NEW_VALUES, *gc.get_threshold()[1:])


def _serve(store: ConfigurationStore, clock: Clock, manager: ServiceManager) -> None:
    url = store.current.state.url.get_secret_value()
    with serve_lock(url, clock), closing(open_state(url)) as state:
        exporter = Exporter(store, state, clock, manager)
        hold_collections_back()
        exporter.run()
