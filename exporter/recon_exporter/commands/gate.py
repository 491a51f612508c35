"""`recon-exporter gate`: may promotion go on? Prints why not, one reason a line."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import typer

from recon_exporter import app
from recon_exporter.clock import SystemClock
from recon_exporter.domain.gate import eod_refusals, report_refusals
from recon_exporter.errors import ConfigurationError, StateError
from recon_exporter.ports import EodMemory
from recon_exporter.settings.loading import load
from recon_exporter.settings.overrides import Overrides
from recon_exporter.settings.scalars import read_duration
from recon_exporter.state import open_state


def run(overrides: Overrides, environment: Mapping[str, str], directory: Path, *, max_age: str) -> int:
    """0 where promotion may go on, else 1; also where that cannot be found out."""
    try:
        settings = load(overrides, environment, directory, opens_venues=False)
        allowed = read_duration(max_age)
        with closing(open_state(settings.state.url.get_secret_value())) as state:
            left = state.load_eod()
    except (ConfigurationError, StateError, ValueError) as error:
        typer.echo(f"refused: {error}")
        return 1
    latest, halts = settings.reports.dir / "latest.json", app.state_folder(settings) / app.HALT_FOLDER
    return check(latest, halts, left, SystemClock().now(), allowed)


def check(latest: Path, halts: Path, left: EodMemory, now: datetime, max_age: timedelta) -> int:
    """Look at the latest report, at what end-of-day runs left, and at halt files, also where the state lost its own."""
    reasons = [f"{latest}: {reason}" for reason in _report_refusals(latest, now, max_age)]
    reasons += eod_refusals(left.breaks, left.halts, {bot: mark.unverified for bot, mark in left.marks.items()}, now)
    reasons += [f"{path}: a halt is active" for path in sorted(halts.glob("*.json"))]
    for reason in reasons:
        typer.echo(f"refused: {reason}")
    if not reasons:
        typer.echo(f"promotion may go on: {latest} is fresh, without critical finding, nothing unverified")
    return 1 if reasons else 0


def _report_refusals(path: Path, now: datetime, max_age: timedelta) -> Iterator[str]:
    try:
        content: object = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        yield from report_refusals(content, now, max_age)
    except (OSError, ValueError) as error:
        yield f"it cannot be read: {error}"
