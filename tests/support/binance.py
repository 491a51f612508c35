"""A local Binance with one account, and ccxt's objects that ask it by its own time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recon_exporter.demo.binance_server import binance_server
from recon_exporter.demo.exchange import Credentials, milliseconds
from support.alpaca import OPEN, StandingClock
from support.exchanges import ccxt_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recon_exporter.demo.exchange import Account, ExchangeServer

CREDENTIALS = Credentials("binanceTestKey1", "binanceTestSecret1")


@dataclass(frozen=True)
class BinanceDesk:
    """The server, its clock that stands still, one account, one-way unless said otherwise; ``ccxt`` has its markets."""

    clock: StandingClock
    server: ExchangeServer
    account: Account
    ccxt: Any

    def asking(self, credentials: Credentials | None = CREDENTIALS, name: str = "binance") -> Any:  # noqa: ANN401
        """One more object of ccxt's."""
        return asking_by(self.server, name, credentials)


def asking_by(server: ExchangeServer, name: str, credentials: Credentials | None) -> Any:  # noqa: ANN401
    """Its windows and signatures go by the server's clock, however slow the machine is."""
    exchange = ccxt_at(name, server, credentials)
    exchange.milliseconds = lambda: milliseconds(server.exchange.now())
    exchange.options["timeDifference"] = 0
    return exchange


def running_binance(*, hedge: bool = False, weight_limit: int = 100_000) -> Iterator[BinanceDesk]:
    """For a fixture: it ends with the test."""
    clock = StandingClock(OPEN)
    with binance_server(clock, weight_limit=weight_limit) as server:
        account = server.exchange.open_account(CREDENTIALS, "bot1", hedge=hedge)
        asking = asking_by(server, "binance", CREDENTIALS)
        asking.load_markets()
        yield BinanceDesk(clock, server, account, asking)
