"""`recon-exporter venue`: what the venue says of one bot, read-only; the runbook's query of the broker."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import typer

from recon_exporter import logs
from recon_exporter.clock import SystemClock
from recon_exporter.commands.opened import refused
from recon_exporter.domain.document import to_json
from recon_exporter.domain.money import plain
from recon_exporter.domain.positions import FillStatement
from recon_exporter.domain.statement import Unavailable
from recon_exporter.domain.words import one_line
from recon_exporter.errors import ConfigurationError
from recon_exporter.ports import PositionVenue
from recon_exporter.settings.loading import load
from recon_exporter.settings.overrides import Overrides
from recon_exporter.sources import Connections, sources

UNVERIFIED = 3
DEFAULT_SPAN = timedelta(days=7)

NAMED_SYMBOLS = 20
"""A venue that tells more symbols tells a whole part of the account, and not those that were asked for."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked (fills, orders, positions), of which bot's venue, and since when."""

    what: str
    bot: str
    after: str | None


def run(
    overrides: Overrides, environment: Mapping[str, str], directory: Path, question: Question, *, as_json: bool
) -> int:
    """0, 2 where the bot or the date is unknown, 3 where the venue does not say."""
    now = SystemClock().now()
    try:
        settings = load(overrides, environment, directory)
        logs.configure(settings.log.level, settings.log.format)
        both = sources(settings, Connections(SystemClock()))
        since = now - DEFAULT_SPAN if question.after is None else moment(question.after)
    except (ConfigurationError, ValueError) as error:
        return refused("venue", str(error))
    if question.bot not in both:
        known = ", ".join(sorted(both)) or "none"
        return refused("venue", f"{question.bot} has no venue of its own; configured: {known}")
    answer = ask(both[question.bot].venue, question.what, since, now)
    if isinstance(answer, Unavailable):
        typer.echo(f"venue: {answer.reason}: {answer.detail}", err=True)
        return UNVERIFIED
    print_records(answer, as_json=as_json)
    return 0


def ask(venue: PositionVenue, what: str, since: datetime, now: datetime) -> Sequence[Any] | Unavailable:
    """Fills, filled orders, or positions."""
    if what == "fills":
        fills = venue.fills(since, now)
        if isinstance(fills, Unavailable):
            return fills
        _tell_coverage(fills, since)
        return fills.fills
    if what == "orders":
        orders = venue.orders(since)
        return orders if isinstance(orders, Unavailable) else [order for order in orders if order.filled_quantity]
    statement = venue.positions(now)
    return statement if isinstance(statement, Unavailable) else statement.positions


def _tell_coverage(fills: FillStatement, since: datetime) -> None:
    """Say on the error output what the list is silent of, for an empty one looks like nothing was traded."""
    if fills.since > since:
        typer.echo(f"venue: it tells fills since {fills.since.isoformat()}: of those before nothing is said", err=True)
    if fills.symbols is not None and len(fills.symbols) <= NAMED_SYMBOLS:
        named = ", ".join(sorted(one_line(symbol) for symbol in fills.symbols)) or "no symbol"
        typer.echo(f"venue: it tells fills of {named}: of others nothing is said", err=True)


def moment(text: str) -> datetime:
    """A date, meaning its beginning in UTC, or a time with zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"--after {text!r} is no date such as 2026-03-06 and no time with zone") from None
    if found.tzinfo is None and "T" in text:
        raise ValueError(f"--after {text!r} has no time zone")
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def print_records(records: Sequence[Any], *, as_json: bool) -> None:
    """One line each, or a JSON list."""
    documents = [{name: value for name, value in asdict(record).items() if value is not None} for record in records]
    if as_json:
        typer.echo(to_json(documents))
        return
    for document in documents:
        typer.echo("  ".join(f"{name}={_shown(value)}" for name, value in document.items()))
    if not documents:
        typer.echo("the venue says: none")


def _shown(value: object) -> str:
    """Amounts and fees as people write them; JSON has the rest."""
    if isinstance(value, tuple):
        return ", ".join(f"{plain(one['amount'])} {one['asset']}" for one in value) or "none"
    return plain(value) if isinstance(value, Decimal) else str(value)
