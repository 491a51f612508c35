"""The accounts that an exchange snapshot holds: those of the account map, of the fleets' bots, and of bots at ccxt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from recon_exporter.domain.policy import AccountMode
from recon_exporter.domain.probe import Probe, ProbeStatus
from recon_exporter.domain.snapshot import SnapshotAccount, unasked
from recon_exporter.domain.statement import MinuteRow
from recon_exporter.settings.bots import BotSettings
from recon_exporter.settings.fleets import FleetSettings, found_bots
from recon_exporter.settings.model import Settings
from recon_exporter.settings.venues import AccountType, AlpacaVenue, CcxtVenue, FleetAlpacaVenue, FleetCcxtVenue
from recon_exporter.sources.connections import Connections
from recon_exporter.sources.none import NoVenue
from recon_exporter.sources.venues import ccxt_venue

PERPETUAL = "perpetual"
NONE = "none"


@dataclass(frozen=True, slots=True)
class Asking:
    """An account and the section that says how it is asked."""

    account: SnapshotAccount
    section: FleetCcxtVenue

    def probe(self, settings: Settings, connections: Connections, at: datetime) -> Probe:
        """Ask it, where the map wants that; never raises on purpose, but who calls must bear that it does."""
        account = self.account
        told = unasked(account, at)
        if told is not None:
            return told
        venue = ccxt_venue(settings, connections, account.bot, self.section)
        if isinstance(venue, NoVenue):
            exchange = account.exchange.split("_")[0]
            error = f"{exchange}_credentials_not_set:{account.credential_prefix}"
            return Probe(account.bot, exchange, at, ProbeStatus.MISSING_CREDENTIALS, error=error)
        return venue.probe(at, account.trading_pair)

    @property
    def exchange(self) -> str:
        """The exchange that is asked, empty where none is."""
        return self.account.exchange.split("_")[0] if self.account.mode is AccountMode.PROBE else ""


def askings(settings: Settings, now: datetime) -> tuple[Asking, ...]:
    """Every account by the name of its bot; bots whose venue is of another kind are not among them."""
    owners = _owners(settings)
    rows = _newest_rows(settings, now)
    return tuple(
        asking
        for bot in sorted({*settings.mapped_bots, *owners})
        if (asking := _asking(settings, bot, owners.get(bot), rows.get(bot))) is not None
    )


def _owners(settings: Settings) -> Mapping[str, BotSettings | FleetSettings]:
    """Bots written down with a venue at ccxt or another, and bots of fleets as they are on disk now."""
    known: dict[str, BotSettings | FleetSettings] = {
        bot.name: bot for bot in settings.bots if isinstance(bot.venue, CcxtVenue | AlpacaVenue)
    }
    for fleet in settings.fleets:
        known |= {bot: fleet for bot in found_bots(fleet.data_root) if bot not in known}
    return known


def _asking(
    settings: Settings, bot: str, owner: BotSettings | FleetSettings | None, row: MinuteRow | None
) -> Asking | None:
    section = _section(settings, owner)
    if isinstance(section, FleetAlpacaVenue):
        return None
    mapped = settings.policies.of(bot).account
    if isinstance(section, CcxtVenue):
        mode = mapped.mode if mapped is not None and bot in settings.mapped_bots else AccountMode.PROBE
        return Asking(SnapshotAccount(bot, section.exchange, section.credential_prefix, mode, row), section)
    if mapped is None:
        unmapped = SnapshotAccount(bot, NONE, "", None, row)
        return None if section is None else Asking(unmapped, section)
    account = SnapshotAccount(bot, mapped.exchange, mapped.credential_prefix, mapped.mode, row)
    return Asking(account, section or _usual(row))


def _section(settings: Settings, owner: BotSettings | FleetSettings | None) -> FleetCcxtVenue | FleetAlpacaVenue | None:
    """How the bot's account is asked, None where nobody says; a bot that is not on disk may be that of any fleet."""
    if owner is None:
        told = [fleet.venue for fleet in settings.fleets if isinstance(fleet.venue, FleetCcxtVenue)]
        return told[0] if len(told) == 1 == len(settings.fleets) else None
    return owner.venue if isinstance(owner.venue, FleetCcxtVenue | FleetAlpacaVenue) else None


def _usual(row: MinuteRow | None) -> FleetCcxtVenue:
    """Without a section the account map is enough; of a bot in perpetuals their part of the account counts."""
    if row is None or not row.is_perpetual:
        return FleetCcxtVenue(type="ccxt")
    return FleetCcxtVenue(type="ccxt", account_types=(AccountType.SWAP,))


def _newest_rows(settings: Settings, now: datetime) -> Mapping[str, MinuteRow]:
    from recon_exporter.ledgers.hbot.newest import newest_rows  # noqa: PLC0415  # see the package

    rows: dict[str, MinuteRow] = {}
    for fleet in settings.fleets:
        latest = now + settings.policies.of("").freshness.future_skew
        rows |= newest_rows(fleet.data_root, latest)
    return rows
