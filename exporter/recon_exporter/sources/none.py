"""What stands where the configuration does not say whom to ask."""

from datetime import datetime

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import Activity, BalanceStatement, FillStatement, Order, PositionStatement
from recon_exporter.domain.probe import Probe, ProbeStatus
from recon_exporter.domain.statement import Unavailable


class NoVenue:
    """Every answer is why there is none; ``exchange`` is the one that would have been asked."""

    name = "none"

    def __init__(self, why: str, exchange: str = "") -> None:
        self._why = why
        self._exchange = exchange

    def positions(self, now: datetime) -> PositionStatement | Unavailable:  # noqa: ARG002  # the port asks so
        return self._unavailable()

    def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:  # noqa: ARG002  # likewise
        return self._unavailable()

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:  # noqa: ARG002  # likewise
        return self._unavailable()

    def orders(self, since: datetime) -> tuple[Order, ...] | Unavailable:  # noqa: ARG002  # likewise
        return self._unavailable()

    def activities(self, since: datetime) -> tuple[Activity, ...] | Unavailable:  # noqa: ARG002  # likewise
        return self._unavailable()

    def probe_of(self, bot: str, now: datetime) -> Probe:
        """A probe that could not be made for want of credentials."""
        return Probe(
            bot, self._exchange, now, ProbeStatus.MISSING_CREDENTIALS, Reason.CREDENTIALS_REFUSED, error=self._why
        )

    def _unavailable(self) -> Unavailable:
        return Unavailable(Reason.INPUT_MISSING, self._why)
