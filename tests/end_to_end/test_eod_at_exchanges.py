"""End-of-day runs and the commands about the venue, for real bots' databases and an exchange that ccxt asks.

A bot on contracts is compared by its positions; one on spot by the balances of what it trades, from which the exchange
took its fee.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import pytest
import structlog
from typer.testing import CliRunner

from recon_exporter.cli import app, flags_first
from recon_exporter.clock import SystemClock
from recon_exporter.demo.bitget_server import USDT_FUTURES, bitget_server
from recon_exporter.demo.exchange import Credentials
from recon_exporter.demo.hummingbot_book import HummingbotBook
from support.freqtrade import FreqtradeDatabase, on_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from recon_exporter.demo.exchange import Account, ExchangeServer
    from recon_exporter.demo.exchange.records import Execution

KEY = Credentials("k-0f3a91c2", "s3cr3t-of-this-account", "pass-phrase-1")
VARIABLES = {"BOT1_BITGET_API_KEY": KEY.key, "BOT1_BITGET_SECRET": KEY.secret, "BOT1_BITGET_PASSPHRASE": KEY.passphrase}
PERPETUAL, SPOT = "BTC/USDT:USDT", "BTC/USDT"
PARTS = {PERPETUAL: "swap", SPOT: "spot"}
CONFIGURATION = """\
bots:
  bot1:
    ledger: {{{ledger}}}
    venue:
      type: ccxt
      exchange: bitget
      credential_prefix: BOT1
      account_types: [{part}]
      base_url: "{url}"
      symbols: ["{symbol}"]
      {ownership}
    intraday: false
    eod: {{at: "00:05", settle: 1s}}
"""


class Book(Protocol):
    """What a bot wrote down, and how the configuration names it."""

    section: str
    tables: tuple[str, ...]

    def record(self, *executions: Execution) -> None: ...


class Hummingbot:
    """One file of the client."""

    def __init__(self, folder: Path, symbol: str) -> None:
        market = "bitget_perpetual" if symbol == PERPETUAL else "bitget"
        self.tables = ('"Order"', "TradeFill")
        self.section = f'type: hummingbot, path: "*.sqlite", market: {market}'
        self._book = HummingbotBook(folder / "conf_1.sqlite", market)
        self._book.create()

    def record(self, *executions: Execution) -> None:
        self._book.record(*executions)


@dataclass
class Freqtrade:
    """One database; every purchase is a trade, and no sale is made."""

    folder: Path
    symbol: str
    section: str = "type: freqtrade, url: sqlite:///tradesv3.sqlite"
    tables: tuple[str, ...] = ("orders", "trades")
    database: FreqtradeDatabase = field(init=False)

    def __post_init__(self) -> None:
        self.database = on_sqlite(self.folder / "tradesv3.sqlite")

    def record(self, *executions: Execution) -> None:
        for one in executions:
            at, amount, price = one.at.replace(tzinfo=None), float(one.quantity), float(one.price)
            kept = amount - (float(one.fee) if one.fee_asset == "BTC" else 0)
            about = {"exchange": "bitget", "pair": self.symbol, "open_date": at}
            trade = self.database.trade(round(kept, 8), price, **about)
            names = {"ft_pair": self.symbol, "symbol": self.symbol, "order_id": one.order_id}
            dates = {"order_date": at, "order_filled_date": at, "order_update_date": at}
            self.database.order(trade, "buy", amount, price, **names, **dates)


@dataclass(frozen=True)
class Desk:
    """A folder with the bot's book, and its account."""

    folder: Path
    server: ExchangeServer
    account: Account
    book: Book
    symbol: str

    def buy(self, quantity: str, ago: timedelta = timedelta(hours=1)) -> Execution:
        return self.account.trade(self.symbol, quantity, "50000", at=SystemClock().now() - ago)

    def configure(self, ownership: str = "ownership: shared") -> None:
        told = {"part": PARTS[self.symbol], "url": self.server.url, "symbol": self.symbol, "ownership": ownership}
        (self.folder / "config").mkdir(exist_ok=True)
        (self.folder / "config" / "recon.yml").write_text(CONFIGURATION.format(ledger=self.book.section, **told))

    def command(self, *arguments: str) -> tuple[int, Any]:
        """Exit code, and the document that it printed."""
        said = CliRunner().invoke(app, flags_first([*arguments, "--json"]))
        if said.exception is not None and not isinstance(said.exception, SystemExit):
            raise said.exception
        assert KEY.secret not in said.output
        return said.exit_code, json.loads(said.stdout)

    def breaks(self) -> tuple[int, list[tuple[str, str]]]:
        """What an end-of-day run finds: exit code, type and symbol."""
        code, document = self.command("eod")
        (run,) = document
        return code, [(one["type"], one["symbol"]) for one in run["discrepancies"]]


@pytest.fixture(params=[PERPETUAL, SPOT], ids=["perpetual", "spot"])
def symbol(request: pytest.FixtureRequest) -> str:
    told: str = request.param
    return told


@pytest.fixture(params=[Hummingbot, Freqtrade])
def desk(
    request: pytest.FixtureRequest, symbol: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    clock = SystemClock()
    with bitget_server(clock) as server:
        account = server.exchange.open_account(KEY, "bot1")
        wallet = USDT_FUTURES if symbol == PERPETUAL else "spot"
        account.deposit("USDT", "20000", wallet, at=clock.now() - timedelta(hours=3))
        made = Desk(tmp_path, server, account, request.param(tmp_path, symbol), symbol)
        made.book.record(made.buy("0.03"), made.buy("0.02"))
        made.configure()
        yield made
    structlog.reset_defaults()


def test_books_that_agree_have_no_break(desk: Desk) -> None:
    assert desk.breaks() == (0, [])


def test_position_that_the_exchange_does_not_hold_is_found(desk: Desk) -> None:
    sold = desk.account.trade(desk.symbol, "-0.04", "50000")

    assert sold.quantity
    assert desk.breaks() == (1, [("QUANTITY_MISMATCH", desk.symbol)])


def test_purchase_that_the_book_lost_is_found_on_an_account_of_the_bot_alone(desk: Desk) -> None:
    desk.configure("ownership: exclusive")
    desk.buy("0.04")

    assert desk.breaks() == (1, [("QUANTITY_MISMATCH", desk.symbol)])


def test_only_purchase_that_the_book_lost_is_found_on_an_account_of_the_bot_alone(desk: Desk) -> None:
    """The book is empty then, and what is held has no pair in it."""
    desk.configure("ownership: exclusive")
    for table in desk.book.tables:
        empty(desk.folder, table)

    assert desk.breaks() == (1, [("MISSING_IN_DB", desk.symbol)])


def test_venue_tells_fills_orders_and_positions(desk: Desk) -> None:
    fills = desk.command("venue", "fills", "--bot", "bot1")
    orders = desk.command("venue", "orders", "--bot", "bot1")
    positions = desk.command("venue", "positions", "--bot", "bot1")

    assert (fills[0], orders[0], positions[0]) == (0, 0, 0)
    assert sorted(str(fill["quantity"]) for fill in fills[1]) == ["0.02", "0.03"]
    assert len(orders[1]) == 2
    assert [one["symbol"] for one in positions[1]] == [desk.symbol]


def empty(folder: Path, table: str) -> None:
    """Lose what a bot wrote."""
    (path,) = folder.glob("*.sqlite")
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(f"DELETE FROM {table}")  # noqa: S608  # names of our own
