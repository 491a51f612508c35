"""A fleet of sound bots on disk, with its configuration: what a warm cycle, a cold start and the service read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from benchmarks.events import BLOCK_LINES, MINUTE, Block, bot_name, write_copies
from recon_exporter.demo.hbot_writer import (
    FILL_COLUMNS,
    MINUTE_COLUMNS,
    HbotFiles,
    account_entry,
    append_text,
    minute_row,
    snapshot_document,
    table_text,
)
from recon_exporter.domain.money import product, ratio, total
from recon_exporter.settings.loading import load
from recon_exporter.settings.model import Settings
from recon_exporter.settings.overrides import Overrides

NOON = datetime(2026, 2, 23, 12, tzinfo=UTC)
SETTLED = timedelta(minutes=3)
"""How long before the first cycle the last event of the store happened: longer than any grace."""

BASE, QUOTE = Decimal("0.0731"), Decimal("4975.512874")
DIGITS = Decimal("1e-16")

Row = Mapping[str, object]


def sound_row(at: datetime, fills: int = 0) -> dict[str, object]:
    """A row of a bot whose numbers have as many digits as live ones, and agree with one another."""
    mid = Decimal("68064.865") + Decimal(at.minute) / 8
    equity = total((QUOTE, product(BASE, mid)))
    return minute_row(
        at,
        mid=mid,
        base_balance=BASE,
        quote_balance=QUOTE,
        equity_quote=equity,
        base_pct=ratio(product(BASE, mid), equity).quantize(DIGITS),
        fills_count_today=fills,
    )


@dataclass(slots=True)
class Fleet:
    """The bots of one folder; ``fill_counts`` are the fills of each so far."""

    folder: Path
    bots: int
    now: datetime = NOON
    copies: int = 0
    fill_counts: dict[str, int] = field(default_factory=dict)

    @property
    def files(self) -> HbotFiles:
        """Where the bots write."""
        return HbotFiles(self.folder)

    @property
    def names(self) -> tuple[str, ...]:
        """The bots."""
        return tuple(bot_name(number) for number in range(self.bots))

    @property
    def store(self) -> Path:
        """The event file of the day."""
        return self.files.event_store / f"events_{self.now:%Y%m%d}.jsonl"

    def settings(self) -> Settings:
        """The configuration of the folder."""
        return load(Overrides(), {}, self.folder)

    def write(self, lines: int, history_minutes: int) -> None:
        """Configuration, an event store of so many lines, and the books that agree with it."""
        self.configure()
        block = Block.of(min(lines, BLOCK_LINES), self.bots)
        copies = range(lines // min(lines, BLOCK_LINES))
        begin = self.now - SETTLED - len(copies) * MINUTE
        self.store.parent.mkdir(parents=True, exist_ok=True)
        with self.store.open("wb") as file:
            written = list(write_copies(block, file, copies, begin))
        header = ",".join(FILL_COLUMNS)
        for bot in self.names:
            rows = b"".join(block.rows(bot, copy, at) for copy, at in written)
            append_text(self.files.folder(bot) / "fills.csv", f"{header}\n{rows.decode()}")
            self.fill_counts[bot] = rows.count(b"\n")
        self.copies = len(copies)
        self._write_minutes(history_minutes)
        self.replace_snapshot()

    def advance(self, lines: int) -> None:
        """A minute later: so many new events, a row of each bot, and a new exchange snapshot."""
        block = Block.of(lines, self.bots)
        with self.store.open("ab") as file:
            for copy, at in write_copies(block, file, range(self.copies, self.copies + 1), self.now):
                self._write_fills(block, copy, at)
        self.copies += 1
        self.now += MINUTE
        by_count = {
            fills: _minutes_text([sound_row(self.now, fills)]) for fills in sorted(set(self.fill_counts.values()))
        }
        for bot in self.names:
            append_text(self.files.folder(bot) / "minute.csv", by_count[self.fill_counts[bot]])
        self.replace_snapshot()

    def configure(self) -> None:
        """The smallest configuration with an exchange snapshot."""
        fleet = "fleets: {hbot: {type: hbot, exchange_snapshot: {enabled: true}}}\n"
        append_text(self.folder / "config" / "recon.yml", fleet)
        defaults = {"exchange": "bitget", "credential_prefix": "BOT", "account_mode": "probe"}
        account_map = {"version": 1, "defaults": defaults, "bots": {}}
        append_text(self.folder / "config" / "exchange_account_map.json", json.dumps(account_map))

    def _write_fills(self, block: Block, copy: int, at: datetime) -> None:
        for bot in block.fills:
            rows = block.rows(bot, copy, at)
            append_text(self.files.folder(bot) / "fills.csv", rows.decode())
            self.fill_counts[bot] += rows.count(b"\n")

    def _write_minutes(self, history_minutes: int) -> None:
        """Rows up to now; the text is the same for all bots but for the last row, which counts the fills."""
        times = [self.now - ahead * MINUTE for ahead in range(history_minutes, 0, -1)]
        history = ",".join(MINUTE_COLUMNS) + "\n" + _minutes_text([sound_row(at) for at in times])
        for bot in self.names:
            last = _minutes_text([sound_row(self.now, self.fill_counts[bot])])
            append_text(self.files.folder(bot) / "minute.csv", history + last)

    def append_minute(self, bot: str) -> None:
        """A row of the bot as of now."""
        self.files.append_minutes(bot, [sound_row(self.now, self.fill_counts[bot])])

    def replace_snapshot(self) -> None:
        """An exchange snapshot as of now, in which every account holds what its bot believes."""
        entry = account_entry(sound_row(self.now))
        self.files.replace_snapshot(snapshot_document(self.now, dict.fromkeys(self.names, entry)))


def _minutes_text(rows: list[dict[str, object]]) -> str:
    return table_text(rows, MINUTE_COLUMNS, header=False)
