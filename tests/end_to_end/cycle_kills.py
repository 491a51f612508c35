"""Two bots whose sides come to differ and to agree again, and every process that makes cycles killed at some instant.

Run by test_cycle_kill.py as a program with a folder, the address of the state, how many kills, and a seed. Each kill is
one `kill -9` of a process that makes one cycle after the other, beginning with sides that have just changed. Afterwards
everything that is left is held against what was there before, and two cycles of another process against the sides
themselves; what was lost or doubled is printed, and ends the program with exit code 1. Else a line of JSON tells how
many of the killed processes had recorded a cycle, and how many breaks there have been.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from end_to_end.eod_kills import ENDINGS, LaterClock, fail, killed_work, of_breaks, of_files
from recon_exporter import app
from recon_exporter.clock import SystemClock
from recon_exporter.ledgers import file as file_ledgers
from recon_exporter.settings.loading import load
from recon_exporter.settings.overrides import Overrides
from recon_exporter.state import open_state
from recon_exporter.telemetry import Telemetry
from recon_exporter.venues import file as file_venues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recon_exporter.domain.breaks import Break
    from recon_exporter.ports import EodMemory
    from recon_exporter.state.audit import SealedEntry

IMPORTED = (file_ledgers, file_venues)
"""What a first cycle imports: here before, so that a kill meets work and not imports."""

BOTS = ("grid", "swing")
SYMBOLS = ("BTC/USDT:USDT", "ETH/USDT:USDT", "SOL/USDT:USDT")
SIDES = ("ledger", "venue")
CYCLES = 3
WARM_UP = 3
CONFIGURATION = """\
state: {{url: "{url}"}}
confirm: {{cycles: 2, clear: 1, settle: 0s}}
bots:
  grid:
    ledger: {{type: file, positions: grid-ledger/p.csv, fills: grid-ledger/f.csv, balances: grid-ledger/b.csv}}
    venue: {{type: file, positions: grid-venue/p.csv, fills: grid-venue/f.csv, balances: grid-venue/b.csv}}
    intraday: true
  swing:
    ledger: {{type: file, positions: swing-ledger/p.csv, fills: swing-ledger/f.csv, balances: swing-ledger/b.csv}}
    venue: {{type: file, positions: swing-venue/p.csv, fills: swing-venue/f.csv, balances: swing-venue/b.csv}}
    intraday: true
"""
Expected = set[tuple[str, str, str]]


@dataclass(frozen=True)
class Left:
    """All that is durable at one moment."""

    memory: EodMemory
    sealed: tuple[SealedEntry, ...]
    broken_at: int | None

    @property
    def breaks(self) -> tuple[Break, ...]:
        return self.memory.cycle_breaks


@dataclass
class Side:
    """What one side of a bot holds: quantities by symbol, lines of fills by their number, an amount of dollars."""

    positions: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SYMBOLS, 10))
    fills: dict[str, str] = field(default_factory=dict)
    balance: int = 10_000

    def write(self, folder: Path) -> None:
        """As three files."""
        positions = [f"{symbol},{quantity},100,100,USDT" for symbol, quantity in self.positions.items() if quantity]
        _write(folder / "p.csv", "symbol,quantity,avg_price,price,currency", positions)
        header = "fill_id,order_id,symbol,side,quantity,price,fee,fee_currency,filled_at"
        _write(folder / "f.csv", header, list(self.fills.values()))
        _write(folder / "b.csv", "asset,total,free", [f"USDT,{self.balance},{self.balance}"])


def _write(file: Path, header: str, lines: list[str]) -> None:
    file.parent.mkdir(exist_ok=True)
    temporary = file.with_suffix(".new")
    temporary.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    temporary.replace(file)


@dataclass
class Game:
    """The folder with the sides, and what stands in them."""

    folder: Path
    url: str
    chance: random.Random
    sides: dict[tuple[str, str], Side] = field(
        default_factory=lambda: {(bot, side): Side() for bot in BOTS for side in SIDES}
    )
    numbers: int = 0

    def begin(self) -> None:
        """Write the configuration, and sides that agree."""
        (self.folder / "config").mkdir()
        (self.folder / "config" / "recon.yml").write_text(CONFIGURATION.format(url=self.url), encoding="utf-8")
        for bot in BOTS:
            self._fill(bot, SIDES)
        self.write()

    def change(self) -> None:
        """Let some positions and balances differ or agree again; fills are lost on a side, and written late."""
        for bot in BOTS:
            ledger, venue = self.sides[(bot, "ledger")], self.sides[(bot, "venue")]
            for symbol in SYMBOLS:
                if self.chance.random() < 0.3:
                    ledger.positions[symbol] = self.chance.choice((0, 8, 10))
            ledger.balance = self.chance.choice((9_000, 10_000))
            if self.chance.random() < 0.5:
                ledger.fills |= venue.fills
                venue.fills |= ledger.fills
            self._fill(bot, (self.chance.choice(SIDES),))
            # The latest fill of the venue is one that both have: what a venue has told it does not take back.
            self._fill(bot, SIDES)
        self.write()

    def _fill(self, bot: str, sides: tuple[str, ...]) -> None:
        self.numbers += 1
        name, at = f"t{self.numbers}", datetime.now(UTC) - timedelta(seconds=1)  # noqa:TID251  # fills are of just now
        line = f"{name},o-{name},{SYMBOLS[0]},buy,1,100,0,USDT,{at.isoformat()}"
        for side in sides:
            self.sides[(bot, side)].fills[name] = line

    def write(self) -> None:
        """Both sides of every bot as files."""
        for (bot, side), told in self.sides.items():
            told.write(self.folder / f"{bot}-{side}")

    def expected(self, bot: str) -> Expected:
        """The breaks that stand once a cycle has judged the sides: type, symbol and item."""
        ledger, venue = self.sides[(bot, "ledger")], self.sides[(bot, "venue")]
        kinds = {0: "MISSING_IN_DB", 8: "QUANTITY_MISMATCH"}
        found = {(kinds[held], symbol, "") for symbol, held in ledger.positions.items() if held in kinds}
        found |= {("FILL_MISSING_IN_LEDGER", SYMBOLS[0], name) for name in venue.fills.keys() - ledger.fills.keys()}
        found |= {("FILL_MISSING_AT_VENUE", SYMBOLS[0], name) for name in ledger.fills.keys() - venue.fills.keys()}
        return found | ({("BALANCE_MISMATCH", "USDT", "")} if ledger.balance != venue.balance else set())

    def left(self) -> Left:
        """What another process finds."""
        with closing(open_state(self.url)) as state:
            return Left(state.load_eod(), state.sealed_entries(), state.verify_audit()[1])

    def cycles(self, count: int | None, clock: SystemClock) -> None:
        """Cycles of one process: so many, or until somebody kills it."""
        settings = load(Overrides(), {}, self.folder)
        with closing(open_state(self.url)) as state:
            deliveries = app.build_deliveries(settings, state, clock, Telemetry("", (), ()))
            with closing(app.build_cycle(settings, state, clock)) as cycle:
                while count is None or count > 0:
                    cycle.run(settings.policies, app.build_telling(settings, always_stamp=False), lambda _: None)
                    deliveries.deliver()
                    count = None if count is None else count - 1


# What must be true whenever the kill came.


def problems(before: Left, after: Left, folder: Path) -> Iterator[str]:
    """Everything that was lost, doubled or halved."""
    if after.broken_at is not None:
        yield f"the audit chain is broken at {after.broken_at}"
    if after.sealed[: len(before.sealed)] != before.sealed:
        yield "an entry of the audit log is lost or changed"
    if after.memory.revision == before.memory.revision and after != before:
        yield "no cycle was recorded, and still something has changed"
    yield from of_breaks(after.sealed, after.breaks, after.memory)
    yield from _of_lives(after)
    yield from of_files(folder)


def _of_lives(after: Left) -> Iterator[str]:
    """What the state holds of each break is what the log tells of it: confirmed once, and ended last."""
    steps: dict[str, list[str]] = {}
    for sealed in after.sealed:
        steps.setdefault(sealed.entry.subject, []).append(sealed.entry.action)
    for one in after.breaks:
        of_one = steps.get(one.identifier, [])
        if of_one.count("break_confirmed") != (one.confirmed_at is not None):
            yield f"break {one.identifier}: confirmed {one.confirmed_at}, the log has {', '.join(of_one)}"
        if ENDINGS & set(of_one[:-1]):
            yield f"break {one.identifier} has ended before its last entry: {', '.join(of_one)}"
    standing = Counter(one.discrepancy.identity for one in after.breaks if one.resolved_at is None)
    yield from (f"{identity} stands {count} times" for identity, count in standing.items() if count > 1)


def after_more_cycles(game: Game) -> Iterator[str]:
    """Another process finds every break that there is and no other, each of them confirmed."""
    killed_work(lambda: game.cycles(2, SystemClock()), None)
    left = game.left()
    for bot in BOTS:
        standing = [one for one in left.breaks if one.discrepancy.bot == bot and one.resolved_at is None]
        told = {(one.discrepancy.type.value, one.discrepancy.symbol, one.discrepancy.item) for one in standing}
        if told != game.expected(bot):
            yield f"of {bot} there stand {sorted(told)}, and its sides have {sorted(game.expected(bot))}"
        yield from (f"break {one.identifier} is not confirmed" for one in standing if one.confirmed_at is None)


def last_words(game: Game) -> Iterator[str]:
    """When the leases of the dead are over, the latest report comes through."""
    settings = load(Overrides(), {}, game.folder)
    with closing(open_state(game.url)) as state:
        failed = app.build_deliveries(settings, state, LaterClock(), Telemetry("", (), ())).deliver()
    if failed:
        yield f"not delivered: {', '.join(sorted(failed))}"


def lasting(game: Game) -> float:
    """How long some cycles take that nobody kills."""
    spans = []
    for _ in range(WARM_UP):
        game.change()
        began = time.monotonic()
        killed_work(lambda: game.cycles(CYCLES, SystemClock()), None)
        spans.append(time.monotonic() - began)
    return max(spans[1:])


def main(folder: str, url: str, kills: int, seed: int) -> None:
    game = Game(Path(folder), url, random.Random(seed))  # noqa: S311  # instants, not secrets
    os.chdir(folder)
    game.begin()
    span = lasting(game)
    recorded = 0
    for number in range(kills):
        before = game.left()
        game.change()
        killed_work(lambda: game.cycles(None, SystemClock()), game.chance.uniform(0.0, 1.0) * span)
        after = game.left()
        recorded += after.memory.revision > before.memory.revision
        fail(number, seed, ["cycles"], list(problems(before, after, game.folder)))
        fail(number, seed, ["cycles"], list(after_more_cycles(game)))
        fail(number, seed, ["the cycles after it"], list(problems(after, game.left(), game.folder)))
    fail(kills, seed, ["the last cycle"], list(last_words(game)))
    left = game.left()
    told = {
        "kills": kills,
        "span": span,
        "recorded": recorded,
        "types": sorted({one.discrepancy.type.value for one in left.breaks}),
        "breaks": len(left.breaks),
        "entries": len(left.sealed),
    }
    print(json.dumps(told))  # noqa: T201  # read by the test


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
