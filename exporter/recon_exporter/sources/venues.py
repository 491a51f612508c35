"""The sides of exchange and broker, as configuration and account map name them."""

from collections.abc import Sequence

from recon_exporter.ports import PositionVenue, ProbedVenue
from recon_exporter.settings.bots import ALPACA
from recon_exporter.settings.credentials import Credentials, venue_key
from recon_exporter.settings.model import Settings
from recon_exporter.settings.venues import (
    AccountType,
    AlpacaVenue,
    CcxtVenue,
    FileVenue,
    FleetAlpacaVenue,
    FleetCcxtVenue,
    FleetFileVenue,
)
from recon_exporter.sources.connections import Connections
from recon_exporter.sources.files import files_of, times_of
from recon_exporter.sources.none import NoVenue
from recon_exporter.sources.owners import Owner


def venue_of(settings: Settings, connections: Connections, bot: str, owner: Owner) -> PositionVenue:
    """The venue of the bot, or what says why there is none."""
    venue = owner.venue
    if venue is None:
        return NoVenue(f"fleets.{owner.name} has no venue")
    if isinstance(venue, FleetAlpacaVenue):
        return _alpaca(settings, connections, bot, venue)
    if isinstance(venue, FleetCcxtVenue):
        return ccxt_venue(settings, connections, bot, venue)
    return _file(settings, bot, venue)


def ccxt_venue(
    settings: Settings, connections: Connections, bot: str, section: FleetCcxtVenue
) -> ProbedVenue | NoVenue:
    """The account at the exchange that section or account map name; the same one whenever it is asked for again."""
    exchange, prefix = _exchange_and_prefix(settings, bot, section)
    if not exchange or not prefix:
        return NoVenue(f"{settings.account_map_path} tells no exchange and credential_prefix of {bot}", exchange)
    key = _key(settings.credentials, prefix, venue_key(exchange))
    if key is None:
        return NoVenue(f"{prefix}_{venue_key(exchange)}_API_KEY and _SECRET are not set", exchange)
    return connections.ccxt(bot, exchange, key, _as_named(settings, bot, section))


def _as_named(settings: Settings, bot: str, section: FleetCcxtVenue) -> FleetCcxtVenue:
    """What the map's name of the exchange adds, as in ``binance_perpetual_testnet``, where the section leaves it open.

    A key of a test network must not be shown to the real one.
    """
    account = settings.policies.of(bot).account
    if isinstance(section, CcxtVenue) or account is None:
        return section
    words = account.exchange.split("_")[1:]
    added: dict[str, object] = {}
    if "testnet" in words and "sandbox" not in section.model_fields_set:
        added["sandbox"] = True
    if "perpetual" in words and not section.account_types:
        added["account_types"] = (AccountType.SWAP,)
    return section.model_copy(update=added)


def _exchange_and_prefix(settings: Settings, bot: str, section: FleetCcxtVenue) -> tuple[str, str]:
    if isinstance(section, CcxtVenue):
        return section.exchange, section.credential_prefix
    account = settings.policies.of(bot).account
    if account is None or account.exchange == "none":
        return "", ""
    return account.exchange.split("_")[0], account.credential_prefix


def _alpaca(settings: Settings, connections: Connections, bot: str, section: FleetAlpacaVenue) -> PositionVenue:
    from recon_exporter.venues.alpaca import Access  # noqa: PLC0415  # see the package
    from recon_exporter.venues.alpaca import AlpacaVenue as Venue  # noqa: PLC0415

    account = settings.policies.of(bot).account
    written = section.credential_prefix if isinstance(section, AlpacaVenue) else None
    prefix = written or (account.credential_prefix if account is not None else "")
    if not prefix:
        return NoVenue(f"{settings.account_map_path} tells no credential_prefix of {bot}")
    key = _key(settings.credentials, prefix, ALPACA)
    if key is None:
        return NoVenue(f"{prefix}_{ALPACA}_API_KEY and {prefix}_{ALPACA}_SECRET are not set")
    access = Access(key.api_key.get_secret_value(), key.secret.get_secret_value(), section.paper, section.base_url)
    return Venue(bot, access, connections.clock)


def _file(settings: Settings, bot: str, section: FileVenue | FleetFileVenue) -> PositionVenue:
    from recon_exporter.venues.file import VENUE_TIMES  # noqa: PLC0415  # see the package
    from recon_exporter.venues.file import FileVenue as Venue  # noqa: PLC0415

    return Venue(bot, files_of(section, bot), section.columns, times_of(settings, section, VENUE_TIMES.max_age))


def _key(credentials: Sequence[Credentials], prefix: str, venue: str) -> Credentials | None:
    return next((key for key in credentials if (key.prefix, key.venue) == (prefix, venue)), None)
