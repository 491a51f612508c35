"""The page's lines for Hummingbot and freqtrade put a bot under control, as a new user would type them.

The databases have the tables of the packages themselves; the exchange is a local one, asked by ccxt as it comes. Of the
lines nothing is changed but the place of the exchange and the parts of the key.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from end_to_end.world import COMMAND, Exporter, environment, until
from recon_exporter.clock import SystemClock
from recon_exporter.demo.binance_server import binance_server
from recon_exporter.demo.bitget_server import USDT_FUTURES, bitget_server
from recon_exporter.demo.exchange import Credentials
from support.freqtrade import on_sqlite
from support.hummingbot import HummingbotDatabase, flat_fee

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recon_exporter.demo.exchange import Account, ExchangeServer
    from recon_exporter.demo.exchange.records import Execution

ROOT = Path(__file__).parents[2]
MOST_LINES = 10
KEY = Credentials("k-0f3a91c2", "s3cr3t-of-this-account", "pass-phrase-1")
PERPETUAL, SPOT = "BTC/USDT:USDT", "BTC/USDT"
BEGAN, LATELY = timedelta(hours=2), timedelta(minutes=10)
TRADED = (("0.03", "50000"), ("0.02", "51000"), ("-0.01", "52000"))
LOST = ("0.01", "50500")


def blocks(title: str) -> list[tuple[str, str]]:
    """Language and content of each block of a section."""
    _, _, after = (ROOT / "docs" / "own-bots.md").read_text().partition(f"\n## {title}\n")
    section = re.split(r"^##", after, maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(r"^```(yaml|bash|text)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def block(title: str, wanted: str) -> str:
    (content,) = [content for language, content in blocks(title) if language == wanted]
    return content


class Book(Protocol):
    """What a bot wrote down."""

    def write(self, execution: Execution) -> None: ...


class Hummingbot:
    """One bot's file."""

    def __init__(self, path: Path, market: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.database = HummingbotDatabase(path, market=market)

    def write(self, execution: Execution) -> None:
        self.database.fill(
            execution.side.upper(),
            str(execution.quantity),
            str(execution.price),
            trade_id=execution.trade_id,
            at=execution.at,
            fee=flat_fee(execution.fee_asset, str(execution.fee)),
        )


class Freqtrade:
    """One bot's database, in which each purchase is a trade, and a sale is out of the first of them."""

    def __init__(self, path: Path, symbol: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.database = on_sqlite(path)
        self.symbol = symbol
        self.trades: list[int] = []

    def write(self, execution: Execution) -> None:
        at, amount = execution.at.replace(tzinfo=None), float(execution.quantity)
        price = float(execution.price)
        if execution.side == "buy":
            kept = amount - (float(execution.fee) if execution.fee_asset == "BTC" else 0)
            opened = self.database.trade(round(kept, 8), price, pair=self.symbol, open_date=at)
            self.trades.append(opened)
        else:
            self.database.run("UPDATE trades SET amount = round(amount - ?, 8) WHERE id = ?", (amount, self.trades[0]))
        dates: dict[str, datetime] = {"order_date": at, "order_filled_date": at, "order_update_date": at}
        names = {"ft_pair": self.symbol, "symbol": self.symbol, "order_id": execution.order_id}
        self.database.order(
            self.trades[-1 if execution.side == "buy" else 0], execution.side, amount, price, **dates, **names
        )


@dataclass(frozen=True)
class Desk:
    """A new user's folder, with the account and the books of its bots by symbol."""

    title: str
    folder: Path
    server: ExchangeServer
    account: Account
    books: dict[str, Book]

    def trade(self, symbol: str, quantity: str, price: str, ago: timedelta) -> Execution:
        return self.account.trade(symbol, quantity, price, at=SystemClock().now() - ago)

    def configure(self, more: str = "") -> None:
        lines = block(self.title, "yaml")
        sent = re.sub(r"(exchange: \w+)", rf'\1, base_url: "{self.server.url}"', lines)
        (self.folder / "config").mkdir(exist_ok=True)
        (self.folder / "config" / "recon.yml").write_text(sent + more)

    @property
    def variables(self) -> dict[str, str]:
        """Those that the page exports, with the parts of the key."""
        parts = {"API_KEY": KEY.key, "SECRET": KEY.secret, "PASSPHRASE": KEY.passphrase}
        names = re.findall(r"(\w+)=…", block(self.title, "bash"))
        return {name: next(part for ending, part in parts.items() if name.endswith(ending)) for name in names}

    def play(self) -> tuple[int, str]:
        """The exit code of the last of the printed commands, and what all of them print."""
        lines = block(self.title, "bash")
        for name, value in self.variables.items():
            lines = lines.replace(f"{name}=…", f"{name}={shlex.quote(value)}")
        script = f'recon-exporter() {{ {shlex.join(COMMAND)} "$@"; }}\n{lines}'
        ran = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=environment(),
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert not ran.stderr, ran.stderr
        assert not [part for part in (KEY.secret, KEY.key, KEY.passphrase) if part in ran.stdout]
        return ran.returncode, ran.stdout


def bots(title: str) -> dict[str, str]:
    """The bots of the section by the symbol that each trades."""
    names = re.findall(r"^  ([\w-]+):$", block(title, "yaml"), re.MULTILINE)
    return dict(zip((PERPETUAL, SPOT), names, strict=True))


def make_books(title: str, folder: Path) -> dict[str, Book]:
    if title == "Hummingbot":
        data = folder / "hummingbot" / "data"
        return {
            PERPETUAL: Hummingbot(data / "conf_perp_1.sqlite", "bitget_perpetual"),
            SPOT: Hummingbot(data / "conf_spot_1.sqlite", "bitget"),
        }
    data = folder / "user_data"
    return {
        PERPETUAL: Freqtrade(data / "tradesv3.futures.sqlite", PERPETUAL),
        SPOT: Freqtrade(data / "tradesv3.sqlite", SPOT),
    }


@pytest.fixture(params=["Hummingbot", "freqtrade"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    title: str = request.param
    serve, wallet = {"Hummingbot": (bitget_server, USDT_FUTURES), "freqtrade": (binance_server, "usdm")}[title]
    clock = SystemClock()
    with serve(clock) as server:
        account = server.exchange.open_account(KEY, "new-user")
        began = clock.now() - BEGAN
        account.deposit("USDT", "20000", at=began)
        account.deposit("USDT", "20000", wallet, at=began)
        made = Desk(title, tmp_path, server, account, make_books(title, tmp_path))
        for symbol, book in made.books.items():
            for number, (quantity, price) in enumerate(TRADED, start=1):
                book.write(made.trade(symbol, quantity, price, BEGAN - number * timedelta(minutes=10)))
        made.configure()
        yield made


def told(printed: str, expected: str) -> list[str]:
    """The expected lines that were not printed, an ellipsis standing for anything."""
    said = printed.splitlines()
    patterns = {line: ".*".join(map(re.escape, line.split("…"))) for line in expected.splitlines()}
    return [line for line, pattern in patterns.items() if not any(re.fullmatch(pattern, one) for one in said)]


@pytest.mark.parametrize("title", ["Hummingbot", "freqtrade"])
def test_at_most_ten_lines_are_enough(title: str) -> None:
    assert len(block(title, "yaml").splitlines()) <= MOST_LINES


def test_printed_commands_print_what_stands_below_them(desk: Desk) -> None:
    code, printed = desk.play()

    assert told(printed, block(desk.title, "text")) == []
    assert code == 0


def test_lost_fill_is_named_at_once_and_a_finding_when_it_is_confirmed(desk: Desk) -> None:
    lost = {symbol: desk.trade(symbol, *LOST, LATELY) for symbol in desk.books}

    code, printed = desk.play()

    assert code == 0
    for symbol, bot in bots(desk.title).items():
        assert re.search(
            rf"^seen, not confirmed yet  {bot}  FILL_MISSING_IN_LEDGER {symbol}: .* {lost[symbol].order_id}",
            printed,
            re.MULTILINE,
        )
    # Nobody waits a minute here.
    desk.configure("confirm: {settle: 1s}\n")
    code, printed = desk.play()
    assert code == 1
    for bot in bots(desk.title).values():
        assert f"critical  {bot}  fills  fill_missing_in_ledger" in printed
        assert f"confirmed  {bot}  FILL_MISSING_IN_LEDGER" in printed

    for symbol, book in desk.books.items():
        book.write(lost[symbol])
    code, printed = desk.play()
    assert (code, "FILL_MISSING" in printed) == (0, False)


def is_ok(exporter: Exporter, bot: str) -> bool:
    return exporter.sample(f'recon_bot_status{{bot="{bot}",status="ok"}}') == 1


def test_served_bots_are_ok_in_the_metrics(desk: Desk) -> None:
    exporter = Exporter(desk.folder, variables=desk.variables)
    try:
        exporter.start()
        for bot in bots(desk.title).values():
            until(partial(is_ok, exporter, bot), f"{bot} is ok")
    finally:
        exporter.end()


def test_lost_fill_is_told_as_the_page_prints_it(tmp_path: Path) -> None:
    """The section after both shows the line of the Hummingbot on perpetuals."""
    (line,) = block("What such a bot is told, and what it is not", "text").splitlines()
    clock = SystemClock()
    with bitget_server(clock) as server:
        account = server.exchange.open_account(KEY, "new-user")
        account.deposit("USDT", "20000", USDT_FUTURES, at=clock.now() - BEGAN)
        made = Desk("Hummingbot", tmp_path, server, account, make_books("Hummingbot", tmp_path))
        made.books[SPOT].write(made.trade(SPOT, *LOST, BEGAN / 2))
        made.books[PERPETUAL].write(made.trade(PERPETUAL, *TRADED[0], BEGAN / 2))
        made.trade(PERPETUAL, *LOST, LATELY)
        made.configure()

        assert told(made.play()[1], line) == []
