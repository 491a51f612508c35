"""A local Bitget with one account, and ccxt's object that asks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recon_exporter.demo.bitget_server import bitget_server
from recon_exporter.demo.exchange import Credentials
from support.alpaca import OPEN, StandingClock
from support.exchanges import ccxt_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recon_exporter.demo.exchange import Account, ExchangeServer

CREDENTIALS = Credentials("bg_test_key_1", "s3cr3t/of+bitget=", "pass phrase+1")


@dataclass(frozen=True)
class BitgetDesk:
    """The server, its clock that stands still, one account and its ccxt object; classic unless said otherwise."""

    clock: StandingClock
    server: ExchangeServer
    account: Account
    ccxt: Any


def running_bitget(credentials: Credentials = CREDENTIALS, **mode: bool) -> Iterator[BitgetDesk]:
    """For a fixture: it ends with the test. ``mode`` is ``hedge`` or ``unified``."""
    clock = StandingClock(OPEN)
    with bitget_server(clock) as server:
        account = server.exchange.open_account(credentials, "bot1", **mode)
        asking = ccxt_at("bitget", server, credentials, uta=mode.get("unified", False))
        yield BitgetDesk(clock, server, account, asking)
