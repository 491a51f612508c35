"""Both sides of each bot."""

from dataclasses import dataclass

from recon_exporter.ports import PositionLedger, PositionVenue
from recon_exporter.settings.model import Settings
from recon_exporter.sources.connections import Connections
from recon_exporter.sources.ledgers import ledger_of
from recon_exporter.sources.owners import Owner, owners
from recon_exporter.sources.venues import venue_of


@dataclass(frozen=True, slots=True)
class Sources:
    """Both books of one bot."""

    ledger: PositionLedger
    venue: PositionVenue


def sources(settings: Settings, connections: Connections) -> dict[str, Sources]:
    """Both books of every bot that is known, with or without end-of-day runs, by name."""
    return {bot: sources_of(settings, connections, bot, owner) for bot, owner in owners(settings).items()}


def sources_of(settings: Settings, connections: Connections, bot: str, owner: Owner) -> Sources:
    """Both books of one bot."""
    return Sources(ledger_of(settings, bot, owner), venue_of(settings, connections, bot, owner))
