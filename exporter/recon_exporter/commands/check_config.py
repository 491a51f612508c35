"""`recon-exporter check-config`: every error of the configuration, or that it is valid and what to know about it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import typer

from recon_exporter import eod_parts, logs
from recon_exporter.clock import SystemClock
from recon_exporter.commands.alertmanager_api import Alertmanager, NotAnswered, hidden, placeholders
from recon_exporter.domain.positions import PositionStatement
from recon_exporter.domain.statement import Unavailable
from recon_exporter.errors import ConfigurationError
from recon_exporter.settings.fleets import FleetSettings, found_bots
from recon_exporter.settings.loading import load
from recon_exporter.settings.model import Settings
from recon_exporter.settings.overrides import Overrides
from recon_exporter.sources import Connections, sources

REFUSED = 2


def run(overrides: Overrides, environment: Mapping[str, str], directory: Path, *, online: bool) -> int:
    """0 where the configuration is valid, else 2; ``online`` adds which sources can be read now."""
    try:
        settings = load(overrides, environment, directory, serves=True)
    except ConfigurationError as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        typer.echo(f"the configuration is refused: {_counted(len(error.problems), 'error')}", err=True)
        return REFUSED
    logs.configure(settings.log.level, settings.log.format)
    typer.echo("configuration is valid")
    for notice in settings.notices:
        typer.echo(f"notice: {notice}")
    for warning in settings.warnings:
        typer.echo(f"warning: {warning}")
    for line in _online(settings) if online else ():
        typer.echo(line)
    return 0


def _online(settings: Settings) -> Iterator[str]:
    for fleet in settings.fleets:
        yield from (f"{fleet.name}: {line}" for line in _reachable(fleet))
    clock = SystemClock()
    for bot, books in sources(settings, Connections(clock)).items():
        if not _is_compared(settings, bot):
            continue
        yield f"{bot}: ledger {books.ledger.name}: {_book(books.ledger.positions(clock.now()))}"
        yield f"{bot}: venue {books.venue.name}: {_book(books.venue.positions(clock.now()))}"
    yield from _alertmanager(settings)


def _alertmanager(settings: Settings) -> Iterator[str]:
    """Whether pages leave, and which receivers are still to be filled in."""
    place = f"alertmanager {settings.alertmanager.url}"
    try:
        configuration = Alertmanager(settings.alertmanager).configuration()
    except NotAnswered as error:
        yield f"{place}: {error}; nobody can be paged there, alertmanager.url names another"
        return
    yield f"{place}: reachable, {_counted(len(configuration.get('receivers') or ()), 'receiver')}"
    yield from (f"warning: {place}: {line}" for line in placeholders(configuration).values())
    if unseen := hidden(configuration):
        yield f"notice: {place}: it hides the addresses of webhooks, look yourself: {', '.join(unseen)}"


def _is_compared(settings: Settings, bot: str) -> bool:
    """Whether the configuration names both books of the bot: those of a fleet may be there for its cycles alone."""
    return bot in {written.name for written in settings.bots} or bot not in eod_parts.unscheduled(settings)


def _book(book: PositionStatement | Unavailable) -> str:
    if isinstance(book, Unavailable):
        return f"NOT readable, {book.reason}: {book.detail}"
    return f"reachable, {_counted(len(book.positions), 'position')}, as of {book.as_of.isoformat(timespec='seconds')}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _reachable(fleet: FleetSettings) -> Iterator[str]:
    if fleet.data_root.is_dir():
        yield f"data root {fleet.data_root}: reachable, {_counted(len(found_bots(fleet.data_root)), 'bot')} found"
    else:
        yield f"data root {fleet.data_root}: NOT reachable, no such folder"
    days = sorted(fleet.event_store.glob("events_*.jsonl"))
    if days:
        yield f"event store {fleet.event_store}: reachable, latest file {days[-1].name}"
    else:
        yield f"event store {fleet.event_store}: NOT reachable, no file events_<YYYYMMDD>.jsonl"
    if not fleet.has_exchange_source:
        yield "exchange snapshot: not enabled"
    else:
        yield f"exchange snapshot {fleet.exchange_snapshot}: {_snapshot(fleet.exchange_snapshot)}"


def _snapshot(path: Path) -> str:
    try:
        snapshot = json.loads(path.read_bytes())
        bots, at = snapshot["bots"], snapshot["ts_utc"]
        return f"reachable, {_counted(len(bots), 'bot')}, taken {at}"
    except OSError as error:
        return f"NOT reachable, {error.strerror}"
    except (ValueError, KeyError, TypeError):
        return "NOT readable as an exchange snapshot"
