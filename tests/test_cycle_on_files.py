"""Properties of one pass over real files, from the bytes on disk to the verdicts."""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recon_exporter.checks import CHECKS
from recon_exporter.collecting import Collector
from recon_exporter.cycle import Cycle
from recon_exporter.demo.hbot_writer import (
    FILL_COLUMNS,
    HbotFiles,
    account_entry,
    append_text,
    fill_event,
    fill_row,
    minute_event,
    minute_row,
    snapshot_document,
    table_text,
)
from recon_exporter.domain.document import to_json
from recon_exporter.domain.finding import CheckStatus
from recon_exporter.judging import Judge
from recon_exporter.ledgers.hbot import HbotLedger
from recon_exporter.ports import Fleet, Policies
from recon_exporter.venues.exchange_snapshot import ExchangeSnapshot
from support.evidence import make_policy
from support.parts import FixedClock, MemoryState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from recon_exporter.domain.report import Report
    from recon_exporter.ports import Recording

NOW = datetime(2026, 3, 6, 12, 0, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
FRESHNESS = make_policy().freshness
SOUND = {"equity_quote": Decimal(10000), "base_balance": Decimal("0.1"), "quote_balance": Decimal(5000)}
NEEDED = {
    "balance": ("minute", "equity_quote"),
    "inventory": ("minute", "target_base_pct"),
    "accounting": ("minute", "fees_paid_today_quote"),
    "exchange_snapshot": ("minute", "base_pct"),
    "fill_parity": ("fills", "amount_base"),
}
few = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True)
class Fill:
    """One execution: of which order, how much, how long ago, and which of the two sides has it."""

    order: str
    quantity: str
    age: int
    in_ledger: bool
    in_events: bool


@dataclass(frozen=True)
class BotFiles:
    """What one bot has written: the changes of its rows, oldest first, and its fills."""

    rows: tuple[Mapping[str, object], ...]
    fills: tuple[Fill, ...] = field(default=())


shares = st.sampled_from([Decimal(text) for text in ("0", "0.2", "0.5", "0.8", "1.1", "-0.1")])
fees = st.sampled_from([Decimal(text) for text in ("0", "0.1", "1", "5")])
rows = st.fixed_dictionaries(
    {"fees_paid_today_quote": fees},
    optional={
        "base_pct": shares,
        "equity_quote": st.sampled_from([Decimal(text) for text in ("10000", "100", "-1")]),
        "turnover_today_x": st.sampled_from([Decimal(text) for text in ("0", "0.2", "1")]),
        "fills_count_today": st.integers(0, 3),
    },
)
fills = st.builds(
    Fill,
    order=st.sampled_from(["one", "two", "probe-ord-1"]),
    quantity=st.sampled_from(["0.001", "0.002"]),
    age=st.integers(0, 900),
    in_ledger=st.booleans(),
    in_events=st.booleans(),
)
bots = st.builds(BotFiles, st.lists(rows, min_size=1, max_size=5).map(tuple), st.lists(fills, max_size=6).map(tuple))


class ProgressState(MemoryState):
    """A state that keeps the ledger's progress too."""

    def record(self, recording: Recording) -> int:
        revision = super().record(recording)
        for name, changes in recording.progress.items():
            documents = {**self.progress.get(name, {}), **changes}
            self.progress[name] = {key: text for key, text in documents.items() if text is not None}
        return revision


class Place:
    """The files of a fleet, and one pass after the other over them."""

    def __init__(self, folder: Path) -> None:
        self.files = HbotFiles(folder)
        self._state = ProgressState()
        self.restart()

    def restart(self) -> None:
        """Go on in another process."""
        ledger = HbotLedger("hbot", self.files.data, self.files.event_store, FRESHNESS)
        fleet = Fleet("hbot", ledger, ExchangeSnapshot("hbot", self.files.snapshot, FRESHNESS))
        collector = Collector([fleet], FixedClock(NOW), timedelta(seconds=20))
        self._cycle = Cycle(collector, Judge(CHECKS), self._state, FixedClock(NOW))

    def write(self, fleet: Mapping[str, BotFiles], *, backwards: bool = False) -> None:
        """All files of these bots, ``backwards`` with the events of later orders first.

        The fills of one order and quantity keep their order, in which they are told apart.
        """
        newest: dict[str, dict[str, object]] = {}
        events: list[dict[str, object]] = []
        for bot, written in fleet.items():
            minutes = [
                minute_row(NOW - MINUTE * (len(written.rows) - index - 1) - 5 * SECOND, **(SOUND | dict(changes)))
                for index, changes in enumerate(written.rows)
            ]
            newest[bot] = account_entry(minutes[-1])
            self.files.append_minutes(bot, minutes)
            filled = sorted(written.fills, key=lambda fill: -fill.age)
            made = [
                fill_row(NOW - fill.age * SECOND, fill.order, amount_base=Decimal(fill.quantity)) for fill in filled
            ]
            kept = [row for row, fill in zip(made, filled, strict=True) if fill.in_ledger]
            self.files.append_fills(bot, kept)
            events += [
                fill_event(bot, row, event_id=f"{bot} {number}")
                for number, (row, fill) in enumerate(zip(made, filled, strict=True))
                if fill.in_events
            ]
            events.append(minute_event(bot, minutes[-1]))
        if backwards:
            events.sort(key=lambda event: str(event["correlation_id"]), reverse=True)
        self.files.append_events(NOW.date(), events)
        self.write_snapshot(newest)

    def write_snapshot(self, bots: Mapping[str, Mapping[str, object]]) -> None:
        """A fresh exchange snapshot with these entries."""
        append_text(self.files.snapshot, to_json(snapshot_document(NOW - MINUTE, bots)))

    def run(self) -> Report:
        """One pass."""
        policies = Policies(lambda bot: make_policy(bot=bot), (), ())
        return self._cycle.run(policies, lambda _, memory: (memory, ()), lambda _: None)

    def verdicts(self) -> dict[str, object]:
        """What one pass says of each bot."""
        return {bot.bot: (bot.status, bot.results) for bot in self.run().bots}

    def status(self, bot: str, check: str) -> CheckStatus:
        """What one pass says of one check of a bot."""
        (verdict,) = (verdict for verdict in self.run().bots if verdict.bot == bot)
        return next(result.status for result in verdict.results if result.check == check)

    def path(self, source: str, bot: str) -> Path:
        """The file of a source."""
        if source == "events":
            return self.files.event_store / f"events_{NOW:%Y%m%d}.jsonl"
        return self.files.folder(bot) / f"{source}.csv"


@contextmanager
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory() as folder:
        yield Place(Path(folder))


def written(fleet: Mapping[str, BotFiles], *, backwards: bool = False) -> dict[str, object]:
    """The verdicts of a first pass over the files of these bots."""
    with place() as made:
        made.write(fleet, backwards=backwards)
        return made.verdicts()


def last_line(source: str, bot: str) -> str:
    """One more sound line of a file, newer than all before."""
    if source == "minute":
        return table_text([minute_row(NOW - SECOND, **SOUND)], tuple(minute_row(NOW)), header=False)
    row = fill_row(NOW - SECOND, "three")
    if source == "fills":
        return table_text([row], FILL_COLUMNS, header=False)
    return json.dumps(fill_event(bot, row)) + "\n"


@few
@given(one=bots, two=bots)
def test_order_of_events_and_of_bots_is_irrelevant(one: BotFiles, two: BotFiles) -> None:
    assert written({"bot1": one, "bot2": two}) == written({"bot2": two, "bot1": one}, backwards=True)


@few
@given(one=bots, two=bots)
def test_verdict_on_a_bot_does_not_depend_on_other_bots(one: BotFiles, two: BotFiles) -> None:
    together = written({"bot1": one, "bot2": two})

    assert together == written({"bot1": one}) | written({"bot2": two})


@few
@given(one=bots)
def test_running_twice_on_the_same_files_changes_nothing(one: BotFiles) -> None:
    with place() as made:
        made.write({"bot1": one})
        first, second = made.verdicts(), made.verdicts()
        made.restart()

        assert first == second == made.verdicts()


@few
@given(
    check=st.sampled_from(sorted(NEEDED)),
    value=st.sampled_from(["nan", "inf", "-Infinity", "abc", "1e999", "0x1"]),
    position=st.integers(0, 2),
)
def test_malformed_value_in_a_complete_line_of_today_is_never_ok(check: str, value: str, position: int) -> None:
    source, column = NEEDED[check]
    minutes = [minute_row(NOW - (3 - index) * MINUTE, **SOUND) for index in range(3)]
    made_fills = [fill_row(NOW - (30 - index) * MINUTE, f"order {index}") for index in range(3)]
    with place() as made:
        made.files.append_events(
            NOW.date(), [*(fill_event("bot1", row) for row in made_fills), minute_event("bot1", minutes[-1])]
        )
        made.write_snapshot({"bot1": account_entry(minutes[-1])})
        (minutes if source == "minute" else made_fills)[position][column] = value
        made.files.append_minutes("bot1", minutes)
        made.files.append_fills("bot1", made_fills)

        assert made.status("bot1", check) is CheckStatus.UNVERIFIED
        made.restart()
        assert made.status("bot1", check) is CheckStatus.UNVERIFIED


@few
@given(
    source=st.sampled_from(["minute", "fills", "events"]),
    text=st.sampled_from(["garbage", "{", "a,b,c", '"order_filled"']),
)
def test_malformed_complete_line_of_a_needed_file_is_never_ok(source: str, text: str) -> None:
    with place() as made:
        made.write({"bot1": BotFiles(({},), (Fill("one", "0.001", 600, in_ledger=True, in_events=True),))})
        append_text(made.path(source, "bot1"), f"{text}\n")
        needing = ("fill_parity",) if source != "minute" else ("balance", "inventory", "accounting")

        assert {made.status("bot1", check) for check in needing} == {CheckStatus.UNVERIFIED}


@few
@given(one=bots, source=st.sampled_from(["minute", "fills", "events"]), part=st.floats(0, 1))
def test_unterminated_last_line_changes_no_verdict_until_it_is_completed(
    one: BotFiles, source: str, part: float
) -> None:
    line = last_line(source, "bot1")
    cut = int(part * (len(line) - 1))
    with place() as torn, place() as whole:
        torn.write({"bot1": one})
        before = torn.verdicts()
        append_text(torn.path(source, "bot1"), line[:cut])
        assert torn.verdicts() == before
        append_text(torn.path(source, "bot1"), line[cut:])
        whole.write({"bot1": one})
        whole.verdicts()
        append_text(whole.path(source, "bot1"), line)

        assert torn.verdicts() == whole.verdicts()
