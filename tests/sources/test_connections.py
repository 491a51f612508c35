"""Bots with one key at one exchange ask one after another, whatever part of the account each asks for."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from recon_exporter.demo.exchange import Fault
from recon_exporter.domain.statement import Unavailable
from recon_exporter.settings.credentials import Credentials
from recon_exporter.settings.venues import CcxtVenue as Section
from recon_exporter.sources import Connections
from support.alpaca import OPEN
from support.ccxt import KEYS, Exchange, running_exchange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recon_exporter.venues.ccxt import CcxtVenue

OTHER_KEYS = replace(KEYS, key="key-1b2c3d")
LONG, SHORT = "20s", "1s"
BALANCES = {"spot": "/api/v2/spot/account/assets", "swap": "/api/v2/mix/account/accounts"}


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    yield from running_exchange("bitget")


def venue(
    connections: Connections, exchange: Exchange, bot: str, part: str, deadline: str, key: str = KEYS.key
) -> CcxtVenue:
    section = Section.model_validate(
        {
            "type": "ccxt",
            "exchange": "bitget",
            "credential_prefix": bot.upper(),
            "account_types": [part],
            "deadline": deadline,
            "base_url": exchange.server.url,
        }
    )
    parts = (SecretStr(text) for text in (key, KEYS.secret, KEYS.passphrase))
    return connections.ccxt(bot, "bitget", Credentials(bot.upper(), "BITGET", *parts), section)


def test_bots_with_one_key_wait_for_each_other_and_those_with_another_do_not(exchange: Exchange) -> None:
    exchange.server.exchange.open_account(OTHER_KEYS, "bot2").deposit("USDT", 1)
    connections = Connections(exchange.clock, exchange.meter)
    slow = venue(connections, exchange, "perp", "swap", LONG)
    second = venue(connections, exchange, "spot", "spot", SHORT)
    other = venue(connections, exchange, "other", "spot", LONG, OTHER_KEYS.key)
    exchange.server.fail(Fault.HANG, BALANCES["swap"])
    asking = threading.Thread(target=slow.balances, args=(OPEN,))
    asking.start()
    try:
        while not exchange.server.journal.count(path=BALANCES["swap"]):
            time.sleep(0.01)

        told = second.balances(OPEN)
        assert isinstance(told, Unavailable)
        assert "another account statement" in told.detail
        assert not isinstance(other.balances(OPEN), Unavailable)
    finally:
        exchange.server.recover()
        asking.join(timeout=60)
    patient = venue(connections, exchange, "spot", "spot", LONG)
    assert not isinstance(patient.balances(OPEN), Unavailable)


def test_bot_that_is_asked_for_again_is_the_same_until_its_section_changes(exchange: Exchange) -> None:
    connections = Connections(exchange.clock, exchange.meter)
    first = venue(connections, exchange, "perp", "swap", LONG)

    assert venue(connections, exchange, "perp", "swap", LONG) is first
    assert venue(connections, exchange, "perp", "swap", SHORT) is not first
