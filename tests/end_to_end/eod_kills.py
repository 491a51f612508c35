"""Two bots whose books come to differ and to agree again, and every command killed at a random instant.

Run by test_eod_kill.py as a program with a folder, the address of the state, and how many kills. Each kill is one
`kill -9` of a process that carries out `recon-exporter eod`, `halt clear` or `breaks retire`. Afterwards everything
that is left is held against what was there before; what was lost, doubled or halved is printed, and ends the program
with exit code 1. Else a line of JSON tells how many kills came before and how many after the commit.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from recon_exporter import app
from recon_exporter.cli import app as command_line
from recon_exporter.clock import SystemClock
from recon_exporter.commands import breaks, eod, halts
from recon_exporter.ledgers import file as file_ledgers
from recon_exporter.settings.loading import load
from recon_exporter.settings.overrides import Overrides
from recon_exporter.state import open_state
from recon_exporter.telemetry import Telemetry
from recon_exporter.venues import file as file_venues

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from recon_exporter.domain.breaks import Break
    from recon_exporter.ports import EodMemory
    from recon_exporter.state.audit import SealedEntry

BOTS = ("grid", "swing")
SYMBOLS = ("AAPL", "MSFT", "NVDA", "SPY", "BTC/USD")
AGREES = "AGREES"
DIFFERENCES = ("MISSING_AT_BROKER", "MISSING_IN_DB", "QUANTITY_MISMATCH", "PRICE_MISMATCH", "STALE_POSITION")
OPENINGS = {"break_opened", "break_reopened"}
ENDINGS = {"break_resolved", "break_retired"}
ACTS_OF_PERSONS = {"halt_cleared", "break_retired"}
IMPORTED = (breaks, eod, halts, file_ledgers, file_venues)
"""What commands import when they are called: here before, so that a kill meets their work and not their imports."""

LEASE = timedelta(minutes=2)
WARM_UP = 3
CONFIGURATION = """\
state: {{url: "{url}"}}
bots:
  grid:
    ledger: {{type: file, positions: grid-ledger.csv, currency: USD}}
    venue: {{type: file, positions: grid-venue.csv}}
    eod: {{at: "16:15", settle: 1s}}
  swing:
    ledger: {{type: file, positions: swing-ledger.csv, currency: USD}}
    venue: {{type: file, positions: swing-venue.csv}}
    eod: {{at: "16:15", settle: 1s}}
"""


class LaterClock(SystemClock):
    """When whatever a killed process had leased is free again."""

    def now(self) -> datetime:
        return super().now() + LEASE


@dataclass(frozen=True)
class Left:
    """All that is durable at one moment."""

    memory: EodMemory
    sealed: tuple[SealedEntry, ...]
    broken_at: int | None

    @property
    def standing(self) -> dict[str, Break]:
        return {one.identifier: one for one in self.memory.breaks if one.resolved_at is None}


@dataclass
class Game:
    """The folder with the books, and what stands in them."""

    folder: Path
    url: str
    chance: random.Random
    books: dict[tuple[str, str], str] = field(
        default_factory=lambda: {(bot, symbol): AGREES for bot in BOTS for symbol in SYMBOLS}
    )

    def begin(self) -> None:
        """Write configuration and books."""
        (self.folder / "config").mkdir()
        (self.folder / "config" / "recon.yml").write_text(CONFIGURATION.format(url=self.url), encoding="utf-8")
        self.write()

    def change(self) -> None:
        """Let some positions differ, or agree again."""
        for key in self.books:
            if self.chance.random() < 0.25:
                self.books[key] = self.chance.choice((AGREES, *DIFFERENCES))
        self.write()

    def write(self) -> None:
        """Both books of every bot as files."""
        now = datetime.now(UTC)  # noqa:TID251  # the books are of today
        for bot in BOTS:
            for side in ("ledger", "venue"):
                lines = ["symbol,quantity,avg_price,updated_at"]
                lines += [line for symbol in SYMBOLS for line in self._line(bot, side, symbol, now)]
                temporary = self.folder / f"{bot}-{side}.csv.new"
                temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
                temporary.replace(self.folder / f"{bot}-{side}.csv")

    def _line(self, bot: str, side: str, symbol: str, now: datetime) -> Iterator[str]:
        kind = self.books[(bot, symbol)]
        is_ledger = side == "ledger"
        if kind == ("MISSING_IN_DB" if is_ledger else "MISSING_AT_BROKER"):
            return
        quantity = 8 if kind == "QUANTITY_MISMATCH" and not is_ledger else 10
        price = 150 if kind == "PRICE_MISMATCH" and not is_ledger else 100
        written = now - timedelta(days=3) if kind == "STALE_POSITION" else now
        yield f"{symbol},{quantity},{price},{written.isoformat()}"

    def expected(self, bot: str) -> set[tuple[str, str]]:
        """The breaks that a run has to find."""
        return {(symbol, kind) for (of_bot, symbol), kind in self.books.items() if of_bot == bot and kind != AGREES}

    def left(self) -> Left:
        """What another process finds."""
        with closing(open_state(self.url)) as state:
            return Left(state.load_eod(), state.sealed_entries(), state.verify_audit()[1])

    def command(self, left: Left) -> list[str]:
        """Mostly a run; now and then what a person decides."""
        person = ["--by", "alice", "--reason", "checked by hand"]
        draw = self.chance.random()
        if draw < 0.1 and left.memory.halts:
            return ["halt", "clear", "--bot", self.chance.choice(left.memory.halts).bot, *person]
        if draw < 0.2 and left.standing:
            return ["breaks", "retire", self.chance.choice(sorted(left.standing)), *person]
        return ["eod"]


def carry_out(work: Callable[[], object]) -> None:
    """In a process of its own. Waiting takes no time, so that a kill meets work."""
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    SystemClock.wait = lambda *_: None  # type: ignore[method-assign]
    try:
        work()
    finally:
        os._exit(1)


def killed(arguments: Sequence[str], after: float | None) -> None:
    """Carry out the command, and kill it after so many seconds; None lets it end."""
    killed_work(lambda: command_line(args=list(arguments)), after)


def killed_work(work: Callable[[], object], after: float | None) -> None:
    """Do the work in a process of its own, and kill it after so many seconds; None lets it end."""
    child = os.fork()
    if child == 0:
        carry_out(work)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


# What must be true whenever the kill came.


def problems(game: Game, arguments: Sequence[str], before: Left, after: Left) -> Iterator[str]:
    """Everything that was lost, doubled or halved."""
    if after.broken_at is not None:
        yield f"the audit chain is broken at {after.broken_at}"
    if after.sealed[: len(before.sealed)] != before.sealed:
        yield "an entry of the audit log is lost or changed"
    new = after.sealed[len(before.sealed) :]
    yield from _of_recordings(arguments, before, after, new)
    yield from of_breaks(after.sealed, after.memory.breaks, after.memory)
    yield from _of_halts(after)
    for bot in BOTS:
        yield from _of_bot(game, bot, before, after, new)
    yield from of_files(game.folder)


def _of_recordings(arguments: Sequence[str], before: Left, after: Left, new: Sequence[SealedEntry]) -> Iterator[str]:
    """Each recording is one run or one act, with all that belongs to it."""
    acts = {"run_completed"} if arguments == ["eod"] else ACTS_OF_PERSONS
    recorded = sum(one.entry.action in acts for one in new)
    if after.memory.revision - before.memory.revision != recorded:
        yield f"{after.memory.revision - before.memory.revision} recordings, but {recorded} in the audit log"
    if recorded > (len(BOTS) if arguments == ["eod"] else 1):
        yield f"{recorded} recordings of one command"


def of_breaks(sealed: Sequence[SealedEntry], breaks: Sequence[Break], memory: EodMemory) -> Iterator[str]:
    """The log tells the life of every break, opened once and ended once, and the state holds just these."""
    opened = [one.entry.subject for one in sealed if one.entry.action in OPENINGS]
    ended = [one.entry.subject for one in sealed if one.entry.action in ENDINGS]
    for name, identifiers in (("opened", opened), ("ended", ended)):
        yield from (f"break {one} was {name} {count} times" for one, count in Counter(identifiers).items() if count > 1)
    if set(opened) != {one.identifier for one in breaks}:
        yield "the state and the audit log tell of different breaks"
    if set(opened) - set(ended) != {one.identifier for one in breaks if one.resolved_at is None}:
        yield "the state and the audit log differ about which breaks stand"
    if sum(memory.opened_counts.values()) != len(opened):
        yield "the count of opened breaks is not that of the audit log"


def _of_halts(after: Left) -> Iterator[str]:
    """Each halt that stands was raised once since the bot was last cleared, and none was lost."""
    raised: Counter[str] = Counter()
    for sealed in after.sealed:
        if sealed.entry.action == "halt_raised":
            raised[sealed.entry.subject] += 1
        elif sealed.entry.action == "halt_cleared":
            raised[sealed.entry.subject] = 0
    standing = Counter(halt.bot for halt in after.memory.halts)
    if +raised != standing:
        yield f"halts raised {dict(+raised)}, standing {dict(standing)}"
    if len({(halt.bot, halt.reason) for halt in after.memory.halts}) != len(after.memory.halts):
        yield "a halt stands twice"


def _of_bot(game: Game, bot: str, before: Left, after: Left, new: Sequence[SealedEntry]) -> Iterator[str]:
    """After a recorded run the books are told as they are; without one nothing has changed."""
    standing = [one for one in after.standing.values() if one.discrepancy.bot == bot]
    if any((one.entry.subject, one.entry.action) == (bot, "run_completed") for one in new):
        if {(one.discrepancy.symbol, one.discrepancy.type.value) for one in standing} != game.expected(bot):
            yield f"the breaks of {bot} are not those of its books"
        reasons = {halt.reason for halt in after.memory.halts if halt.bot == bot}
        for one in standing:
            if one.discrepancy.auto_halt and one.discrepancy.type.value not in reasons:
                yield f"{bot} is not halted for {one.discrepancy.type}"
        if after.memory.marks[bot] == before.memory.marks.get(bot):
            yield f"the run of {bot} left no mark"
    elif not any(one.entry.action == "break_retired" for one in new):
        same = [one for one in before.standing.values() if one.discrepancy.bot == bot]
        if standing != same or after.memory.marks.get(bot) != before.memory.marks.get(bot):
            yield f"no run of {bot} was recorded, and still something has changed"


def of_files(folder: Path) -> Iterator[str]:
    """Every file is whole: the one before or the one after."""
    for file in folder.rglob("*.json"):
        try:
            json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            yield f"{file.relative_to(folder)} is not whole: {error}"


def last_words(game: Game) -> Iterator[str]:
    """When a run may end, and the leases of the dead are over, every file tells what the state holds."""
    killed(["eod"], None)
    settings = load(Overrides(), {}, game.folder)
    with closing(open_state(game.url)) as state:
        failed = app.build_deliveries(settings, state, LaterClock(), Telemetry("", (), ())).deliver()
        if failed:
            yield f"not delivered: {', '.join(sorted(failed))}"
    left = game.left()
    told = json.loads((game.folder / ".state" / "eod_recon_breaks.json").read_text(encoding="utf-8"))["breaks"]
    if {one["id"]: one["resolution"] for one in told} != {one.identifier: one.resolution for one in left.memory.breaks}:
        yield "the history does not tell what the state holds"
    halted = {file.stem for file in (game.folder / ".state" / "halt").glob("*.json")}
    if halted != {halt.bot for halt in left.memory.halts}:
        yield f"halt files of {sorted(halted)}, halts of {sorted({halt.bot for halt in left.memory.halts})}"


def lasting(game: Game) -> float:
    """How long a run takes that nobody kills."""
    spans = []
    for _ in range(WARM_UP):
        game.change()
        began = time.monotonic()
        killed(["eod"], None)
        spans.append(time.monotonic() - began)
    return max(spans[1:])


def fail(number: int, seed: int, arguments: Iterable[str], found: Sequence[str]) -> None:
    """Print what was found and leave, if anything was."""
    if found:
        print(f"kill {number} of {' '.join(arguments)} (seed {seed}):", *found, sep="\n  ", flush=True)  # noqa: T201
        raise SystemExit(1)


def main(folder: str, url: str, kills: int, seed: int) -> None:
    game = Game(Path(folder), url, random.Random(seed))  # noqa: S311  # instants, not secrets
    os.chdir(folder)
    game.begin()
    span = lasting(game)
    recorded = 0
    for number in range(kills):
        before = game.left()
        game.change()
        arguments = game.command(before)
        killed(arguments, game.chance.uniform(0.0, 1.1) * span)
        after = game.left()
        recorded += after.memory.revision > before.memory.revision
        fail(number, seed, arguments, list(problems(game, arguments, before, after)))
    fail(kills, seed, ["the last run"], list(last_words(game)))
    left = game.left()
    told = {
        "kills": kills,
        "span": span,
        "recorded": recorded,
        "breaks": len(left.memory.breaks),
        "entries": len(left.sealed),
    }
    print(json.dumps(told))  # noqa: T201  # read by the test


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
