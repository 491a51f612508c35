"""`recon-exporter gate`: may promotion go on? Prints why not, one reason a line."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import typer

from recon_exporter.clock import SystemClock
from recon_exporter.domain.gate import eod_refusals, report_refusals
from recon_exporter.errors import ConfigurationError
from recon_exporter.settings.loading import load
from recon_exporter.settings.overrides import Overrides
from recon_exporter.settings.scalars import read_duration

HALTS = Path(".state/halt")
EOD_REPORT = Path("reports/eod/latest.json")


def run(overrides: Overrides, environment: Mapping[str, str], directory: Path, *, max_age: str) -> int:
    """0 where promotion may go on, else 1; also where that cannot be found out."""
    try:
        latest = load(overrides, environment, directory).reports.dir / "latest.json"
        allowed = read_duration(max_age)
    except (ConfigurationError, ValueError) as error:
        typer.echo(f"refused: {error}")
        return 1
    return check(latest, directory / HALTS, directory / EOD_REPORT, SystemClock().now(), allowed)


def check(latest: Path, halts: Path, eod: Path, now: datetime, max_age: timedelta) -> int:
    """Look at the latest report, and at halts and the end-of-day report where there are any."""
    reasons = [f"{latest}: {reason}" for reason in _report_refusals(latest, now, max_age)]
    reasons += [f"{path}: a halt is active" for path in sorted(halts.glob("*.json"))]
    if eod.exists():
        reasons += [f"{eod}: {reason}" for reason in _eod_refusals(eod)]
    for reason in reasons:
        typer.echo(f"refused: {reason}")
    if not reasons:
        typer.echo(f"promotion may go on: {latest} is fresh, without critical finding, nothing unverified")
    return 1 if reasons else 0


def _report_refusals(path: Path, now: datetime, max_age: timedelta) -> Iterator[str]:
    try:
        yield from report_refusals(_read(path), now, max_age)
    except (OSError, ValueError) as error:
        yield f"it cannot be read: {error}"


def _eod_refusals(path: Path) -> Iterator[str]:
    try:
        yield from eod_refusals(_read(path))
    except (OSError, ValueError) as error:
        yield f"it cannot be read: {error}"


def _read(path: Path) -> object:
    content: object = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    return content
