"""A local Bybit with one account, and ccxt's objects that ask it by its own time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recon_exporter.demo.bybit_server import bybit_server
from recon_exporter.demo.exchange import Credentials, milliseconds
from support.alpaca import OPEN, StandingClock
from support.exchanges import ccxt_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recon_exporter.demo.exchange import Account, ExchangeServer

CREDENTIALS = Credentials("bybitTestKey1", "bybitTestSecret1")


@dataclass(frozen=True)
class BybitDesk:
    """The server, its clock that stands still, one account: unified and one-way unless said otherwise."""

    clock: StandingClock
    server: ExchangeServer
    account: Account
    ccxt: Any

    def asking(self, credentials: Credentials | None = CREDENTIALS) -> Any:  # noqa: ANN401
        """One more object of ccxt's."""
        return asking_by(self.server, credentials)


def asking_by(server: ExchangeServer, credentials: Credentials | None) -> Any:  # noqa: ANN401
    """Its windows and signatures go by the server's clock, however slow the machine is."""
    exchange = ccxt_at("bybit", server, credentials)
    exchange.milliseconds = lambda: milliseconds(server.exchange.now())
    exchange.options["timeDifference"] = 0
    return exchange


def running_bybit(*, unified: bool = True, hedge: bool = False, visits: int = 1000) -> Iterator[BybitDesk]:
    """For a fixture: it ends with the test."""
    clock = StandingClock(OPEN)
    with bybit_server(clock, visits=visits) as server:
        account = server.exchange.open_account(CREDENTIALS, "bot1", unified=unified, hedge=hedge)
        yield BybitDesk(clock, server, account, asking_by(server, CREDENTIALS))
