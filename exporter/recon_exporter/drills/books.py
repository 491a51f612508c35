"""The books of bots and the statements of their broker, both as files, and the end-of-day runs that compare them."""

import json
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from recon_exporter.demo.equities import PastClock
from recon_exporter.demo.programs import ProgramFailed
from recon_exporter.drills.fleet import Values, write_json
from recon_exporter.drills.sandbox import Sandbox
from recon_exporter.drills.scene import Scene
from recon_exporter.eod_runs import EodRuns
from recon_exporter.settings.loading import load
from recon_exporter.settings.overrides import Overrides
from recon_exporter.state import open_state

NOBODYS = "swing8"
"""A bot beside the one that the drill is about; nothing ever happens to it."""

EXECUTED_AGO = timedelta(minutes=15)
"""An execution of this moment might still be on its way to the books."""

SERVED, LATER = timedelta(hours=-2), timedelta(hours=2)
"""When the run of a day is due, from now: it was and is caught up at the start, or will be."""

PATIENCE_SECONDS = 90.0
LOOK = timedelta(seconds=0.2)
CLEAN, BREAKS, UNVERIFIED = 0, 1, 3
IN_BOOKS = "symbol,quantity,avg_price,currency,updated_at"
IN_STATEMENTS = "symbol,quantity,avg_price,price,currency"
OF_FILLS = "fill_id,order_id,client_order_id,symbol,side,quantity,price,filled_at"


@dataclass(frozen=True, slots=True)
class Position:
    """What is held of a symbol; ``written_ago`` is when the bot wrote it, of which statements say nothing."""

    quantity: int
    price: int
    written_ago: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Execution:
    """What the broker executed; ``client`` is the order's name as whoever placed it chose it."""

    client: str
    symbol: str
    side: str
    quantity: int
    price: int


Changes = Mapping[str, Position | None]
HELD: Mapping[str, Position] = MappingProxyType(
    {"AAPL": Position(100, 180), "MSFT": Position(50, 400), "QQQ": Position(10, 400), "SPY": Position(100, 500)}
)


@dataclass(frozen=True, slots=True)
class Incident:
    """What books and statement come to say instead; None where a position is no longer there."""

    books: Changes = field(default_factory=dict)
    statement: Changes = field(default_factory=dict)
    executed: Sequence[Execution] = ()


@dataclass(slots=True)
class Sides:
    """Both sides of one bot, below a folder."""

    folder: Path
    bot: str
    books: dict[str, Position] = field(default_factory=lambda: dict(HELD))
    statement: dict[str, Position] = field(default_factory=lambda: dict(HELD))
    executed: list[Execution] = field(default_factory=list)
    is_delivered: bool = True

    def take(self, incident: Incident) -> None:
        """Let it have happened."""
        self.books = changed(self.books, incident.books)
        self.statement = changed(self.statement, incident.statement)
        self.executed += incident.executed

    def correct(self) -> None:
        """Trust the broker: the books hold what its statement says, written now."""
        self.books = dict(self.statement)

    def write(self, now: datetime) -> None:
        """The bot's loop writes its book, and the broker delivers its statement unless it does not."""
        books = [f"{row(symbol, one)},USD,{now - one.written_ago}" for symbol, one in self.books.items()]
        self._replace("books", self.bot, IN_BOOKS, books)
        if self.is_delivered:
            stated = [f"{row(symbol, one)},{one.price},USD" for symbol, one in self.statement.items()]
            self._replace("statements", self.bot, IN_STATEMENTS, stated)
        else:
            (self.folder / "statements" / f"{self.bot}.csv").unlink(missing_ok=True)
        fills = [
            f"f{number},o{number},{one.client},{one.symbol},{one.side},{one.quantity},{one.price},{now - EXECUTED_AGO}"
            for number, one in enumerate(self.executed, 1)
        ]
        self._replace("statements", f"{self.bot}-fills", OF_FILLS, fills)

    def entry(self, due: datetime) -> Values:
        """What recon.yml says of the bot, whose run is due at this time of each day."""
        return {
            "ledger": {"type": "file", "positions": f"books/{self.bot}.csv"},
            "venue": {
                "type": "file",
                "positions": f"statements/{self.bot}.csv",
                "fills": f"statements/{self.bot}-fills.csv",
            },
            "eod": {"at": f"{due:%H:%M}", "settle": "1s", "client_id_prefixes": ["swing-"]},
        }

    def _replace(self, folder: str, name: str, columns: str, rows: Sequence[str]) -> None:
        path = self.folder / folder / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        whole = path.with_suffix(".new")
        whole.write_text("\n".join([columns, *rows]) + "\n")
        whole.replace(path)


class Books(Scene):
    """A bot whose books and statement agree, until an incident; the owner corrects the books, and a run proves it."""

    DUE = SERVED

    def __init__(self, sandbox: Sandbox, bot: str, incident: Incident) -> None:
        super().__init__(sandbox)
        self.bot = bot
        self.incident = incident
        self.sides = Sides(sandbox.folder, bot)
        self.all_sides = (self.sides, Sides(sandbox.folder, NOBODYS))

    def prepare(self) -> Values:
        # Those of the bundle name bots that are not there.
        for name in ("exchange_account_map", "reconciliation_thresholds"):
            write_json(self.sandbox.folder / "config" / f"{name}.json", {"version": 1, "bots": {}})
        self.write()
        return self.configuration(self.DUE)

    def happen(self) -> None:
        self.sides.take(self.incident)
        self.write()
        self.reconcile(BREAKS)

    def repair(self) -> None:
        self.sides.correct()
        self.write()
        self.reconcile(CLEAN)
        self.clear_halts()

    def write(self) -> None:
        """Both sides of all bots, as of now."""
        for sides in self.all_sides:
            sides.write(self.sandbox.clock.now())

    def configuration(self, due: timedelta) -> dict[str, Any]:
        """What recon.yml says, with runs that are due so long from now."""
        at = self.sandbox.clock.now() + due
        return {"bots": {sides.bot: sides.entry(at) for sides in self.all_sides}}

    def reconcile(self, *expected: int) -> None:
        """A run by hand, with one of these verdicts."""
        self.command("eod", "--bot", self.bot, expected=expected)

    def clear_halts(self) -> None:
        """The bot may trade again, where it was halted and nobody has cleared that yet."""
        if (self.sandbox.folder / ".state" / "halt" / f"{self.bot}.json").exists():
            decision = ("--by", "owner", "--reason", "books corrected, run clean")
            self.command("halt", "clear", "--bot", self.bot, *decision)

    def command(self, *arguments: str, expected: Sequence[int] = (CLEAN,)) -> str:
        """What one of our commands prints. Raises ProgramFailed where it ends otherwise than expected."""
        done = self.sandbox.exporter.command(*arguments)
        if done.returncode not in expected:
            told = done.stdout + done.stderr
            raise ProgramFailed(f"recon-exporter {' '.join(arguments)} ended with {done.returncode}:\n{told}")
        return done.stdout

    def breaks(self) -> list[dict[str, Any]]:
        """The breaks that are listed."""
        found: list[dict[str, Any]] = json.loads(self.command("breaks", "list", "--json"))
        return found

    def load(self, configuration: Values) -> None:
        """Let the running exporter take this configuration."""
        self.sandbox.configure(configuration)
        self.sandbox.exporter.send(signal.SIGHUP)

    def is_told_missing(self) -> bool:
        """Whether the latest report says that a source is missing."""
        report = self.sandbox.folder / "reports" / "reconciliation" / "latest.json"
        return report.exists() and "source_missing" in report.read_text()

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Let something come about that our own program does by itself. Raises ProgramFailed where it does not."""
        clock = self.sandbox.clock
        ends_at = clock.monotonic() + PATIENCE_SECONDS
        while not condition():
            if clock.monotonic() > ends_at:
                last_words = self.sandbox.exporter.last_words()
                raise ProgramFailed(f"within {PATIENCE_SECONDS:g} s there was not {what}:\n{last_words}")
            clock.wait(LOOK)

    def have_run(self, ago: timedelta) -> None:
        """End-of-day runs of all bots so long ago, over what both sides say now."""
        clock, folder = PastClock(self.sandbox.clock), self.sandbox.folder
        self.sandbox.configure(self.configuration(self.DUE))
        state_folder = folder / ".state"
        state_folder.mkdir(exist_ok=True)
        with closing(open_state(f"sqlite:///{state_folder}/recon.db")) as state, clock.earlier(ago):
            for sides in self.all_sides:
                sides.write(clock.now())
            runs = EodRuns(load(Overrides(), {}, folder), state, clock)
            runs.run_all(runs.due())


def changed(positions: Mapping[str, Position], changes: Changes) -> dict[str, Position]:
    """The positions with what came, and without what went."""
    return {symbol: one for symbol, one in {**positions, **changes}.items() if one is not None}


def row(symbol: str, position: Position) -> str:
    """The beginning of a line of either file."""
    return f"{symbol},{position.quantity},{position.price}"
