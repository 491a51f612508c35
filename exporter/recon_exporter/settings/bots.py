"""Bots written down one by one: what the rest of the program gets to know of them, and that none stands twice."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from recon_exporter.errors import ConfigurationProblem
from recon_exporter.settings.credentials import venue_key
from recon_exporter.settings.documents import Document
from recon_exporter.settings.end_of_day import EodSettings, StaleFrom
from recon_exporter.settings.fleets import FleetSettings, found_bots
from recon_exporter.settings.ledgers import BuiltLedger, FileLedger, SqlLedger
from recon_exporter.settings.problems import in_file
from recon_exporter.settings.scalars import read_prefix
from recon_exporter.settings.scope import ScopeSettings
from recon_exporter.settings.shape import Bot
from recon_exporter.settings.trees import Tree
from recon_exporter.settings.venues import BuiltVenue, FileVenue

ALPACA = "ALPACA"


@dataclass(frozen=True, slots=True)
class BotSettings:
    """The two books of a bot; without ``eod`` nobody compares them."""

    name: str
    ledger: BuiltLedger
    venue: BuiltVenue
    eod: EodSettings | None
    intraday: bool | None = None
    scope: ScopeSettings | None = None


def settings_of(bots: Mapping[str, Bot]) -> tuple[BotSettings, ...]:
    """The bots as the end-of-day run needs them, by name."""
    return tuple(_settings(name, bot) for name, bot in sorted(bots.items()))


def _settings(name: str, bot: Bot) -> BotSettings:
    # What is of another type was refused when the section was read.
    assert isinstance(bot.ledger, BuiltLedger)  # noqa: S101
    assert isinstance(bot.venue, BuiltVenue)  # noqa: S101
    return BotSettings(name, bot.ledger, bot.venue, bot.eod, bot.intraday, bot.scope)


def needed_credentials(tree: Tree) -> Mapping[tuple[str, str], str]:
    """Prefix and venue of the credentials that cannot be missing, and which section needs them.

    Found in what is written, so that they are missed beside whatever else is wrong with it.
    """
    bots = _within(tree, "bots")
    venues = {name: _within(_within(bots, name), "venue") for name in sorted(bots, reverse=True)}
    return {
        (str(venue["credential_prefix"]), venue_key(_exchange(venue))): f"bots.{name}.venue"
        for name, venue in venues.items()
        if _exchange(venue) and _is_prefix(venue.get("credential_prefix"))
    }


def _exchange(venue: Mapping[str, Tree]) -> str:
    """Whose credentials the section needs; empty where it needs none or does not tell."""
    if venue.get("type") == "ccxt":
        exchange = venue.get("exchange")
        return exchange if isinstance(exchange, str) else ""
    return ALPACA if venue.get("type") == ALPACA.lower() else ""


def _within(tree: Tree, key: str) -> Mapping[str, Tree]:
    """What stands under the key, where that is a mapping."""
    part = tree.get(key) if isinstance(tree, dict) else None
    return part if isinstance(part, dict) else {}


def _is_prefix(value: object) -> bool:
    try:
        return bool(read_prefix(value))
    except ValueError:
        return False


def problems(
    document: Document, bots: Iterable[BotSettings], fleets: Iterable[FleetSettings]
) -> Iterator[ConfigurationProblem]:
    """Bots that a fleet finds too, now, on disk; books compared with themselves; ages by fills that are not told."""
    owners = {bot: fleet.name for fleet in reversed(tuple(fleets)) for bot in found_bots(fleet.data_root)}
    for bot in bots:
        if bot.name in owners:
            expected = f"a bot that fleets.{owners[bot.name]} does not find too"
            yield in_file(document, ("bots", bot.name), bot.name, expected)
        if (shared := _shared_file(bot)) is not None:
            expected = "another file than that of the ledger: a book agrees with itself"
            yield in_file(document, ("bots", bot.name, "venue", "positions"), str(shared), expected)
        if bot.eod is not None and bot.eod.stale_from is StaleFrom.LAST_FILL and not _has_fills(bot.ledger):
            path = ("bots", bot.name, "eod", "stale_from")
            yield in_file(document, path, '"last_fill"', f"written, because bots.{bot.name}.ledger has no fills")


def _has_fills(ledger: BuiltLedger) -> bool:
    return not isinstance(ledger, SqlLedger | FileLedger) or ledger.fills is not None


def _shared_file(bot: BotSettings) -> Path | None:
    """The file in which both sides are to be found, under whatever names."""
    if not isinstance(bot.ledger, FileLedger) or not isinstance(bot.venue, FileVenue):
        return None
    ledger, venue = (os.path.realpath(book.positions) for book in (bot.ledger, bot.venue))
    return bot.venue.positions if ledger == venue else None
