"""`recon-exporter demo`: a simulated fleet with scripted incidents, reconciled and watched until Ctrl-C."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from recon_exporter.clock import SystemClock
from recon_exporter.demo.running import Demo, Wish
from recon_exporter.errors import AddressError, ConfigurationError, StateError
from recon_exporter.settings.overrides import Overrides

UNUSABLE = 2


def run(overrides: Overrides, environment: Mapping[str, str], directory: Path | None, *, speed: float) -> int:
    """0 after Ctrl-C; 2 where it cannot run as asked."""
    problem = _problem(overrides, directory)
    if problem is not None:
        typer.echo(f"demo: {problem}", err=True)
        return UNUSABLE
    with ExitStack() as stack:
        folder = directory or Path(stack.enter_context(TemporaryDirectory(prefix="recon-demo-")))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            Demo(folder.resolve(), Wish(overrides, environment, speed), SystemClock()).run()
        except AddressError as error:
            typer.echo(f"demo: {error}; end what serves there, or name another with --web.listen-address", err=True)
            return UNUSABLE
        except (ConfigurationError, StateError, OSError) as error:
            typer.echo(f"demo: {error}", err=True)
            return UNUSABLE
    return 0


def _problem(overrides: Overrides, directory: Path | None) -> str | None:
    if overrides.config_file is not None:
        return "--config.file: the demonstration writes a configuration of its own"
    if directory is not None and directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        return f"--directory {directory}: expected a folder that is empty or not there yet"
    return None
