"""The connections to exchanges of one process: one account, one connection, whoever asks.

Cycles, the snapshot job, end-of-day runs and commands ask the same account, and so do several bots with one key: they
share its lock, its rate limit, and the markets of its exchange.
"""

import threading
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from recon_exporter.calling import Calls
from recon_exporter.ports import Clock, VenueMeter
from recon_exporter.settings.credentials import Credentials
from recon_exporter.settings.venues import FleetCcxtVenue
from recon_exporter.sources.places import LeavingClock, Places

if TYPE_CHECKING:
    from recon_exporter.venues.ccxt import CcxtAccess, CcxtVenue, Markets, Turn


AT_ONCE = 8
"""How many accounts of an exchange snapshot are worked on at a time."""


class Unmetered:
    """Counts nothing: for commands that nobody scrapes."""

    def requested(self, venue: str) -> None:
        """Nothing."""

    def failed(self, venue: str, reason: str) -> None:
        """Nothing."""

    def skewed(self, venue: str, seconds: float) -> None:
        """Nothing."""


class Connections:
    """Makes each connection once, and knows in ``calls`` which sources hang. Safe to use from any thread.

    Who asks in one of the ``places`` leaves it while its account may not be asked again yet.
    """

    def __init__(self, clock: Clock, meter: VenueMeter | None = None) -> None:
        self.clock = clock
        self.calls = Calls()
        self.places = Places(AT_ONCE)
        self._venue_clock = LeavingClock(clock, self.places)
        self._meter = meter or Unmetered()
        self._lock = threading.Lock()
        self._markets: Markets | None = None
        self._accounts: dict[str, tuple[str, CcxtVenue]] = {}
        self._turns: WeakValueDictionary[CcxtAccess, Turn] = WeakValueDictionary()

    def ccxt(self, bot: str, exchange: str, key: Credentials, section: FleetCcxtVenue) -> "CcxtVenue":
        """The bot's account; made anew where its credentials or its section have changed."""
        described = f"{exchange}\0{key.api_key.get_secret_value()}\0{key.secret.get_secret_value()}\0{section!r}"
        with self._lock:
            known = self._accounts.get(bot)
            if known is None or known[0] != described:
                known = (described, self._made(bot, exchange, key, section))
                self._accounts[bot] = known
            return known[1]

    def _made(self, bot: str, exchange: str, key: Credentials, section: FleetCcxtVenue) -> "CcxtVenue":
        from recon_exporter.venues.ccxt import (  # noqa: PLC0415  # see the package
            CcxtAccess,
            CcxtLimits,
            CcxtScope,
            CcxtVenue,
            Markets,
            Turn,
        )

        if self._markets is None:
            self._markets = Markets(self.clock, self._meter)
        access = CcxtAccess(
            exchange=exchange,
            api_key=key.api_key.get_secret_value(),
            secret=key.secret.get_secret_value(),
            password=None if key.passphrase is None else key.passphrase.get_secret_value(),
            base_url=section.base_url,
            sandbox=section.sandbox,
        )
        scope = CcxtScope(
            account_types=tuple(str(one) for one in section.account_types),
            product_types=section.product_types,
            symbols=section.symbols,
            client_order_ids=bool(section.client_id_prefixes or section.allowed_orders),
        )
        limits = CcxtLimits(deadline=section.deadline)
        turn = self._turns.setdefault(access, Turn(self.places.left))
        return CcxtVenue(bot, access, scope, self._venue_clock, self._meter, self._markets, limits, turn)
