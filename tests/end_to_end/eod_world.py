"""A bot with a book of positions in a real SQLite file, its account at the local Alpaca, and our command line."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from typer.testing import CliRunner

from end_to_end.world import environment, now
from recon_exporter.app import build_cycle
from recon_exporter.cli import app, flags_first
from recon_exporter.clock import SystemClock
from recon_exporter.demo.alpaca_server import AlpacaServer
from recon_exporter.settings.loading import load
from recon_exporter.settings.overrides import Overrides
from recon_exporter.sinks.page import PageSink
from recon_exporter.state import open_state
from recon_exporter.telemetry import Format

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from recon_exporter.demo.alpaca_server import Brokerage

BOT = "swing-us"
WSB = "wsb_eod_reconciliation_breaks_total"
CREDENTIALS = {"SWING_ALPACA_API_KEY": "PKSWING0000000000001", "SWING_ALPACA_SECRET": "s3cr3t/of+the=demo"}
TABLES = """
CREATE TABLE positions (symbol TEXT PRIMARY KEY, quantity TEXT NOT NULL, avg_price TEXT, updated_at TEXT);
CREATE TABLE fills (fill_id TEXT PRIMARY KEY, order_id TEXT, client_order_id TEXT, symbol TEXT, side TEXT,
                    quantity TEXT, price TEXT, filled_at TEXT);
"""
CONFIGURATION = """\
schedule: {{cycle: 1s}}
bots:
  swing-us:
    ledger:
      type: sql
      url: sqlite:///trading.db
      positions: SELECT symbol, quantity, avg_price, updated_at FROM positions
      fills: SELECT fill_id, order_id, client_order_id, symbol, side, quantity, price, filled_at FROM fills
    venue: {{type: alpaca, credential_prefix: SWING, paper: true, base_url: "{url}"}}
    eod: {{at: "{at}", timezone: UTC, days: "{days}", settle: 1s, client_id_prefixes: [swing-]}}
"""


class PastClock:
    """The machine's time less a span: what happens by it happened then."""

    def __init__(self) -> None:
        self.ago = timedelta(0)

    def now(self) -> datetime:
        return now() - self.ago

    def monotonic(self) -> float:
        return SystemClock().monotonic()

    def wait(self, span: timedelta) -> None:
        SystemClock().wait(span)

    @contextmanager
    def earlier(self, span: timedelta) -> Iterator[None]:
        """What happens within it happened so long ago."""
        self.ago = span
        try:
            yield
        finally:
            self.ago = timedelta(0)


@dataclass(frozen=True)
class Books:
    """The bot's own database, written as its owner writes it."""

    path: Path

    def create(self) -> None:
        with closing(sqlite3.connect(self.path)) as database:
            database.executescript(TABLES)

    def execute(self, statement: str, *values: object) -> None:
        """One change by somebody who owns the book."""
        with closing(sqlite3.connect(self.path)) as database, database:
            database.execute(statement, values)

    def rows(self, query: str, *values: object) -> list[tuple[str, ...]]:
        """What the database holds."""
        with closing(sqlite3.connect(self.path)) as database:
            return database.execute(query, values).fetchall()

    def hold(self, symbol: str, quantity: str, price: str, written: timedelta = timedelta(0)) -> None:
        """The position, as the bot wrote it so long ago."""
        at = (now() - written).isoformat()
        self.execute("INSERT OR REPLACE INTO positions VALUES (?, ?, ?, ?)", symbol, quantity, price, at)

    def drop(self, symbol: str) -> None:
        """The position is closed."""
        self.execute("DELETE FROM positions WHERE symbol = ?", symbol)

    def book(self, fill: dict[str, Any]) -> None:
        """An execution, as `venue fills` printed it."""
        quantity = Decimal(str(fill["quantity"]))
        self.execute(
            "INSERT INTO fills VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            fill["fill_id"],
            fill["order_id"],
            fill.get("client_order_id"),
            fill["symbol"],
            "sell" if quantity < 0 else "buy",
            str(abs(quantity)),
            str(fill["price"]),
            fill["at"],
        )

    def book_at(self, symbol: str, price: str) -> None:
        """Somebody has booked the symbol's executions at another price."""
        self.execute("UPDATE fills SET price = ? WHERE symbol = ?", price, symbol)

    def forget_fills(self) -> None:
        """Begin the executions anew."""
        self.execute("DELETE FROM fills")


@dataclass(frozen=True)
class Said:
    """What a command left: its exit code and both of its outputs."""

    code: int
    out: str
    err: str

    def json(self) -> Any:  # noqa: ANN401  # whatever document it is
        return json.loads(self.out)

    @property
    def last(self) -> str:
        return self.out.strip().splitlines()[-1]


@dataclass(frozen=True)
class Desk:
    """Both sides of one bot, and the command line in the folder between them."""

    folder: Path
    clock: PastClock
    server: AlpacaServer
    account: Brokerage
    books: Books

    def command(self, *arguments: str) -> Said:
        """Our command line with these arguments."""
        result = CliRunner().invoke(app, flags_first(list(arguments)))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout, result.stderr)

    def configure(self, at: str = "00:00", days: str = "*") -> None:
        """Write the configuration, with the time at which runs are due."""
        text = CONFIGURATION.format(url=self.server.url, at=at, days=days)
        (self.folder / "config").mkdir(exist_ok=True)
        (self.folder / "config" / "recon.yml").write_text(text)

    def traded(self, symbol: str, quantity: str, price: str, client: str, ago: timedelta) -> str:
        """The bot's own order, executed so long ago and booked in both books; the order's id."""
        with self.clock.earlier(ago):
            order = self.account.fill(symbol, quantity, price, client)
        self.book_order(order)
        return order

    def book_order(self, order: str) -> None:
        """Take what the broker executed of this order into the ledger's executions, as the runbook has it done."""
        for fill in self.fills():
            if fill["order_id"] == order:
                self.books.book(fill)

    def fills(self) -> list[dict[str, Any]]:
        """What the command prints of the broker's executions."""
        said = self.command("venue", "fills", "--bot", BOT, "--json")
        assert said.code == 0, said.err
        found: list[dict[str, Any]] = said.json()
        return found

    def python(self, program: str) -> subprocess.CompletedProcess[str]:
        """A program of a user, run by Python."""
        return subprocess.run(
            [sys.executable, "-c", program],
            cwd=self.folder,
            env=environment(**CREDENTIALS),
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def breaks_by_metric(self) -> dict[str, int]:
        """``wsb_eod_reconciliation_breaks_total`` by type, as a process that starts now shows it."""
        settings, clock, page = load(Overrides(), CREDENTIALS, self.folder), SystemClock(), PageSink()
        with ExitStack() as closed:
            state = closed.enter_context(closing(open_state(f"sqlite:///{self.folder}/.state/recon.db")))
            cycle = closed.enter_context(closing(build_cycle(settings, state, clock)))
            page.show(cycle.look(settings.policies))
        text = page.page.body(Format.TEXT).decode()
        series = re.findall(rf'^{WSB}{{bot="{BOT}",break_type="(\w+)"}} ([0-9.]+)$', text, re.MULTILINE)
        return {break_type: int(float(value)) for break_type, value in series}

    def breaks(self) -> list[dict[str, Any]]:
        """The breaks that are listed, by type."""
        listed: list[dict[str, Any]] = self.command("breaks", "list", "--json").json()
        return sorted(listed, key=lambda one: (one["type"], one["symbol"]))

    def audit(self) -> list[dict[str, Any]]:
        """Every entry of the audit log."""
        return [json.loads(line) for line in self.command("audit", "show", "--json").out.splitlines()]

    def actions(self, subject: str) -> list[str]:
        """What the audit log tells of a break or bot, in order."""
        return [entry["action"] for entry in self.audit() if entry["subject"] == subject]


@contextmanager
def desk(folder: Path) -> Iterator[Desk]:
    """An empty ledger and an empty account."""
    clock = PastClock()
    with clock.earlier(timedelta(days=30)):
        server = AlpacaServer(clock)
        account = server.open_account(*CREDENTIALS.values())
    books = Books(folder / "trading.db")
    books.create()
    with server:
        made = Desk(folder, clock, server, account, books)
        made.configure()
        yield made
