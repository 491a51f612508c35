"""A healthy fleet on a simulated clock: bots of every kind that trade, and write as late as such bots do.

An hbot bot, a Hummingbot bot whose database lags behind its exchange, and an equities bot with a loop.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Self

import yaml

from end_to_end.simulated_hbot import HBOT_BOTS, HbotBots
from recon_exporter.demo import equities, trading_book
from recon_exporter.demo.bitget_server import USDT_FUTURES, bitget_server
from recon_exporter.demo.credentials import CREDENTIALS
from recon_exporter.demo.equities import Equities
from recon_exporter.demo.fleet import ACCOUNTS, OPENING_PRICE, THRESHOLDS
from recon_exporter.demo.fleet_accounts import SPOT
from recon_exporter.demo.hummingbot_book import HummingbotBook
from recon_exporter.demo.traders import (
    CLIENT_PREFIX,
    CONNECTOR,
    HELD,
    HUMMINGBOT,
    LOT,
    PERPETUAL,
    PERPETUAL_BOT,
    PERPETUAL_KEYS,
)

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from end_to_end.simulated_service import SimulatedClock
    from recon_exporter.demo.exchange import Exchange
    from recon_exporter.demo.exchange.records import Execution

MINUTE = timedelta(minutes=1)
TRADES_AT = 5


class HummingbotBot:
    """Trades contracts at the local exchange; its database has each execution a little later."""

    def __init__(self, folder: Path, bitget: Exchange, began: datetime) -> None:
        bitget.price(PERPETUAL, OPENING_PRICE)
        self._account = bitget.open_account(PERPETUAL_KEYS, PERPETUAL_BOT)
        self._account.deposit("USDT", 10000, USDT_FUTURES, at=began)
        self._book = HummingbotBook(folder / HUMMINGBOT, CONNECTOR)
        self._book.create()
        self._orders = (f"{CLIENT_PREFIX}{number}" for number in count(1))
        self._numbers = count(1)
        self._book.record(self._executed(HELD, began))
        self._unwritten: list[Execution] = []

    def play(self, at: datetime, *, lags: bool) -> None:
        """Three executions an hour, bought and sold in turn. One that ``lags`` is written a minute late."""
        self._write()
        if at.minute % 20 == TRADES_AT:
            amount = LOT if next(self._numbers) % 2 else LOT.copy_negate()
            self._unwritten.append(self._executed(amount, at))
        if not lags:
            self._write()

    def _write(self) -> None:
        if self._unwritten:
            self._book.record(*self._unwritten)
            self._unwritten = []

    def _executed(self, amount: Decimal, at: datetime) -> Execution:
        return self._account.trade(PERPETUAL, amount, OPENING_PRICE, client_id=next(self._orders), maker=True, at=at)


class SimulatedFleet:
    """All bots and their venues; the exchange and the broker answer while it is entered."""

    def __init__(self, folder: Path, clock: SimulatedClock) -> None:
        self._clock = clock
        began = clock.now() - timedelta(hours=30)
        self._equities = Equities(folder, clock)
        self._equities.prepare()
        self.bitget = bitget_server(clock)
        self.hbot = HbotBots(folder, self.bitget.exchange, began)
        self.hummingbot = HummingbotBot(folder, self.bitget.exchange, began)
        self._stack = ExitStack()
        self._folder = folder
        self._played = began

    def __enter__(self) -> Self:
        for server in (self._equities.server, self.bitget):
            self._stack.enter_context(server)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def play(self, until: datetime, every: timedelta = MINUTE) -> None:
        """Everything up to this minute, as it would have come, with a row of the hbot bots so often."""
        while self._played < until:
            self._played = min(self._played + every, until)
            self.hbot.play(self._played)
            self.hummingbot.play(self._played, lags=every == MINUTE)
            if self._played.minute == 0:
                self._equities.refresh()

    def configure(self, cycle: str, snapshot: str, webhook_url: str) -> None:
        """recon.yml and what belongs to it."""
        venue = {"type": "ccxt", "base_url": self.bitget.url, "product_types": [USDT_FUTURES]}
        alpaca = {"type": "alpaca", "credential_prefix": equities.PREFIX, "paper": True}
        sql = {"url": f"sqlite:///{equities.BOOK}", "positions": trading_book.POSITIONS, "fills": trading_book.FILLS}
        keys = {"exchange": "bitget", "credential_prefix": "PERP", "account_types": ["swap"]}
        config = {
            "schedule": {"cycle": cycle, "snapshot": snapshot},
            "webhook": {"url": webhook_url},
            "fleets": {
                "hbot": {
                    "type": "hbot",
                    "exchange_snapshot": {"enabled": True},
                    "venue": venue | {"account_types": ["spot"], "symbols": [SPOT], "client_id_prefixes": ["bot"]},
                    "eod": {"at": "00:05", "timezone": "UTC", "days": "*"},
                }
            },
            "bots": {
                equities.BOT: {
                    "ledger": {"type": "sql"} | sql,
                    "venue": alpaca | {"base_url": self._equities.server.url},
                    "eod": {
                        "at": "16:15",
                        "timezone": "America/New_York",
                        "days": "mon-fri",
                        "client_id_prefixes": [equities.CLIENT_PREFIX],
                    },
                },
                PERPETUAL_BOT: {
                    "ledger": {"type": "hummingbot", "path": str(HUMMINGBOT), "market": CONNECTOR},
                    "venue": venue | keys | {"client_id_prefixes": [CLIENT_PREFIX]},
                    "eod": {"at": "02:30", "timezone": "Europe/Berlin", "days": "*"},
                },
            },
        }
        folder = self._folder / "config"
        folder.mkdir(exist_ok=True)
        (folder / "recon.yml").write_text(yaml.safe_dump(config))
        accounts = {bot: entry for bot, entry in ACCOUNTS.items() if bot in HBOT_BOTS}
        thresholds = {bot: dict(values) for bot, values in THRESHOLDS.items() if bot in HBOT_BOTS}
        for name, bots in (("exchange_account_map", accounts), ("reconciliation_thresholds", thresholds)):
            (folder / f"{name}.json").write_text(json.dumps({"version": 1, "bots": bots}))


VARIABLES = {name: value for name, value in CREDENTIALS.items() if not name.startswith("SPOTFT")}
