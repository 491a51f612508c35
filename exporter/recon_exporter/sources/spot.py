"""The two sides of a bot on a spot account: what the exchange tells as balances is compared with positions."""

from datetime import datetime

from recon_exporter.domain.positions import Activity, BalanceStatement, FillStatement, Order, PositionStatement
from recon_exporter.domain.probe import Probe
from recon_exporter.domain.spot_holdings import by_asset, is_spot, with_spot_as_positions
from recon_exporter.domain.statement import Unavailable
from recon_exporter.ports import PositionLedger, ProbedVenue


class ByAsset:
    """The ledger within, several pairs of one asset being one position."""

    def __init__(self, ledger: PositionLedger) -> None:
        self.name = ledger.name
        self._ledger = ledger

    def positions(self, now: datetime) -> PositionStatement | Unavailable:
        """The book of the ledger within."""
        told = self._ledger.positions(now)
        return told if isinstance(told, Unavailable) else by_asset(told)

    def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:
        """As the ledger within."""
        return self._ledger.fills(since, now)

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:
        """As the ledger within."""
        return self._ledger.balances(now)

    def mark(self) -> str | Unavailable:
        """As the ledger within."""
        return self._ledger.mark()


class SpotHoldings:
    """The venue within, with the assets that the ledger trades on spot as positions.

    ``priced_in`` is what pairs are priced in, where all other assets of the account are the bot's, traded or not.
    """

    def __init__(
        self, venue: ProbedVenue, ledger: PositionLedger, *, is_shared: bool, priced_in: frozenset[str] = frozenset()
    ) -> None:
        self.name = venue.name
        self._venue = venue
        self._ledger = ledger
        self._is_shared = is_shared
        self._priced_in = priced_in

    def positions(self, now: datetime) -> PositionStatement | Unavailable:
        """The book of the venue within, balances being asked only where anything on spot is the bot's."""
        told, ledger = self._venue.positions(now), self._ledger.positions(now)
        if isinstance(told, Unavailable) or isinstance(ledger, Unavailable):
            return told
        if not self._priced_in and not any(is_spot(one.symbol) for one in ledger.positions):
            return told
        balances = self._venue.balances(now)
        if isinstance(balances, Unavailable):
            return balances
        return with_spot_as_positions(told, balances, ledger, is_shared=self._is_shared, priced_in=self._priced_in)

    def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:
        """As the venue within."""
        return self._venue.fills(since, now)

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:
        """As the venue within."""
        return self._venue.balances(now)

    def orders(self, since: datetime) -> tuple[Order, ...] | Unavailable:
        """As the venue within."""
        return self._venue.orders(since)

    def activities(self, since: datetime) -> tuple[Activity, ...] | Unavailable:
        """As the venue within."""
        return self._venue.activities(since)

    def probe(self, now: datetime, trading_pair: str) -> Probe:
        """As the venue within."""
        return self._venue.probe(now, trading_pair)
