"""From the configuration to the readers of both sides of each bot, for cycles."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from recon_exporter.domain.confirmation import Confirmation
from recon_exporter.domain.policy import AccountMode
from recon_exporter.domain.sides import AccountUse, SideTerms
from recon_exporter.settings.fleets import FleetSettings
from recon_exporter.settings.ledgers import FileLedger, SqlLedger
from recon_exporter.settings.model import Settings
from recon_exporter.settings.venues import FileVenue, FleetCcxtVenue, FleetFileVenue, Ownership
from recon_exporter.side_reading import SideReader, Tells
from recon_exporter.sources import Connections, Owner, owners, terms_for, unbounded

HISTORY = timedelta(hours=24)


class Readers:
    """The readers of the bots that there are now; one that is there already goes on."""

    def __init__(self, settings: Settings, connections: Connections) -> None:
        self._settings = settings
        self._connections = connections
        self._known: dict[str, SideReader] = {}

    def __call__(self) -> Mapping[str, SideReader | None]:
        """By bot; None for one that the configuration knows, and whose sides it does not have compared."""
        known = owners(self._settings)
        compared = {bot for bot, owner in known.items() if is_compared(self._settings, bot, owner)}
        for bot in compared - self._known.keys():
            self._known[bot] = self._reader(bot, known[bot])
        return {bot: self._known[bot] if bot in compared else None for bot in known}

    def _reader(self, bot: str, owner: Owner) -> SideReader:
        books = unbounded(self._settings, self._connections, bot, owner)
        history = owner.venue.history if isinstance(owner.venue, FleetCcxtVenue) else HISTORY
        terms = side_terms(self._settings, owner)
        return SideReader(bot, (books.ledger, books.venue), terms, tells_of(owner), history, self._connections.clock)


def is_compared(settings: Settings, bot: str, owner: Owner) -> bool:
    """Whether cycles compare both sides: at exchanges they do, statements of brokers are for the end of the day.

    An account that the map tells not to probe is not asked.
    """
    if owner.intraday is not None:
        return owner.intraday
    if not isinstance(owner.venue, FleetCcxtVenue):
        return False
    account = settings.policies.of(bot).account
    return not isinstance(owner, FleetSettings) or (account is not None and account.mode is AccountMode.PROBE)


def tells_of(owner: Owner) -> Tells:
    """What both sides tell, as far as the configuration decides it."""
    venue = owner.venue
    fills, balances = _ledger_tells(owner)
    if isinstance(venue, FileVenue | FleetFileVenue):
        fills, balances = fills and venue.fills is not None, balances and venue.balances is not None
    is_optional = isinstance(owner, FleetSettings)
    return Tells(positions=True, fills=fills, balances=balances, are_positions_optional=is_optional)


def _ledger_tells(owner: Owner) -> tuple[bool, bool]:
    """Whether the ledger has fills and balances."""
    ledger = None if isinstance(owner, FleetSettings) else owner.ledger
    if isinstance(ledger, SqlLedger | FileLedger):
        return ledger.fills is not None, ledger.balances is not None
    return True, False


def side_terms(settings: Settings, owner: Owner) -> SideTerms:
    """How both sides are compared in cycles."""
    venue, limits, confirm = owner.venue, settings.tolerances, settings.confirm
    ccxt = venue if isinstance(venue, FleetCcxtVenue) else None
    comparison = replace(terms_for(settings, owner), stale_after=None, stale_after_of={})
    return SideTerms(
        comparison=comparison,
        materiality_usd=settings.policy.halt_exposure_usd,
        use=AccountUse.SHARED if ccxt is not None and ccxt.ownership is Ownership.SHARED else AccountUse.EXCLUSIVE,
        allowed_client_ids=() if ccxt is None else ccxt.allowed_orders,
        fill_price_relative=limits.fill_price_relative,
        fill_price_absolute=limits.fill_price_absolute,
        fee_relative=limits.fee_relative,
        fee_absolute=limits.fee_absolute,
        settle=confirm.settle,
        mass_limit=confirm.mass,
        confirmation=Confirmation(confirm.cycles, confirm.clear, confirm.settle),
    )
