"""Both sides of each bot."""

from dataclasses import dataclass
from datetime import timedelta

from recon_exporter.calling import BoundedLedger, BoundedVenue, Bounds
from recon_exporter.domain.spot_holdings import is_spot
from recon_exporter.domain.symbols import DOLLARS
from recon_exporter.ports import PositionLedger, PositionVenue
from recon_exporter.settings.model import Settings
from recon_exporter.settings.venues import AccountType, FleetCcxtVenue, Ownership
from recon_exporter.sources.connections import Connections
from recon_exporter.sources.ledgers import ledger_of
from recon_exporter.sources.none import NoVenue
from recon_exporter.sources.owners import Owner, owners
from recon_exporter.sources.scope import ScopedLedger, ScopedVenue, scope_of
from recon_exporter.sources.spot import ByAsset, SpotHoldings
from recon_exporter.sources.venues import ccxt_venue, venue_of

DEADLINE = timedelta(minutes=5)
"""That of bots without end-of-day runs, whose books persons ask for; as what is built in for the others."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Both books of one bot."""

    ledger: PositionLedger
    venue: PositionVenue


def sources(settings: Settings, connections: Connections) -> dict[str, Sources]:
    """Both books of every bot that is known, with or without end-of-day runs, by name."""
    return {bot: sources_of(settings, connections, bot, owner) for bot, owner in owners(settings).items()}


def sources_of(settings: Settings, connections: Connections, bot: str, owner: Owner) -> Sources:
    """Both books of one bot, each answer of which has its deadline."""
    books = unbounded(settings, connections, bot, owner)
    bounds = Bounds(connections.calls, DEADLINE if owner.eod is None else owner.eod.deadline)
    return Sources(BoundedLedger(bot, books.ledger, bounds), BoundedVenue(bot, books.venue, bounds))


def unbounded(settings: Settings, connections: Connections, bot: str, owner: Owner) -> Sources:
    """Both books of one bot, for who has deadlines of its own."""
    ledger: PositionLedger = ledger_of(settings, bot, owner)
    scope = scope_of(settings, owner)
    if scope is None:
        return _whole(settings, connections, bot, owner, ledger)
    # Pairs of one asset on spot are made one position of those that are the bot's, not with those that are not.
    books = _whole(settings, connections, bot, owner, ScopedLedger(ledger, scope))
    return Sources(books.ledger, ScopedVenue(books.venue, scope))


def _whole(settings: Settings, connections: Connections, bot: str, owner: Owner, ledger: PositionLedger) -> Sources:
    """Both books, the venue's with all that it tells."""
    if not isinstance(owner.venue, FleetCcxtVenue):
        return Sources(ledger, venue_of(settings, connections, bot, owner))
    venue = ccxt_venue(settings, connections, bot, owner.venue)
    if isinstance(venue, NoVenue):
        return Sources(ledger, venue)
    by_asset = ByAsset(ledger)
    is_shared = owner.venue.ownership is not Ownership.EXCLUSIVE
    priced_in = _priced_in(owner.venue)
    return Sources(by_asset, SpotHoldings(venue, by_asset, is_shared=is_shared, priced_in=priced_in))


def _priced_in(section: FleetCcxtVenue) -> frozenset[str]:
    """What the pairs are priced in of an account for spot alone that is the bot's alone; else nothing.

    Where contracts are traded too, coins may be there to stand behind them.
    """
    is_spot_alone = section.account_types == (AccountType.SPOT,)
    if section.ownership is not Ownership.EXCLUSIVE or not is_spot_alone:
        return frozenset()
    return frozenset(symbol.partition("/")[2] for symbol in section.symbols if is_spot(symbol)) or DOLLARS
