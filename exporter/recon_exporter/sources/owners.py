"""The bots that the configuration knows, each with the part of it that speaks of the bot."""

from recon_exporter.settings.bots import BotSettings
from recon_exporter.settings.end_of_day import EodSettings
from recon_exporter.settings.fleets import FleetSettings, found_bots
from recon_exporter.settings.model import Settings

Owner = BotSettings | FleetSettings


def owners(settings: Settings) -> dict[str, Owner]:
    """Bots written down and bots of fleets as they are on disk now, by name, without those that are taken out."""
    known: dict[str, Owner] = {bot.name: bot for bot in settings.bots}
    for fleet in settings.fleets:
        for bot in found_bots(fleet.data_root):
            known.setdefault(bot, fleet)
    return {bot: known[bot] for bot in sorted(known) if settings.policies.of(bot).is_on("enabled")}


def schedules(settings: Settings) -> dict[str, EodSettings | None]:
    """The ``eod`` section of each of them."""
    return {bot: owner.eod for bot, owner in owners(settings).items()}
