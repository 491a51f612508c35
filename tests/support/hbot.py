"""A fleet of hbot bots in a folder of a test, and the ledger that reads it as a service does.

The files are written by ``recon_exporter.demo.hbot_writer``; here is what only tests need of them: the wide layouts of
the tables, rotation, and the shapes of a fill event that the writer does not use.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from recon_exporter.demo.hbot_writer import (
    FILL_COLUMNS,
    MINUTE_COLUMNS,
    HbotFiles,
    fill_event,
    fill_row,
    minute_event,
    minute_row,
    table_text,
)
from recon_exporter.domain.policy import Freshness
from recon_exporter.domain.statement import Book
from recon_exporter.ledgers.hbot import HbotLedger

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from recon_exporter.domain.statement import MinuteRow, Unavailable
    from recon_exporter.ports import LedgerReading

NOON = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 7, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
BOT = "bot1"
FRESHNESS = Freshness(Decimal(3), 10 * MINUTE, 2 * MINUTE)

_LEVELS = [f"{side}_{what}_{level}" for level in range(1, 16) for side in ("bid", "ask") for what in ("price", "size")]
WIDE_MINUTE_COLUMNS = (
    "ts",
    "bot_mode",
    "accounting_source",
    *reversed(MINUTE_COLUMNS[1:]),
    "net_base_pct",
    "target_net_base_pct",
    "best_bid_price",
    "best_ask_price",
    "projected_total_quote",
    "realized_pnl_today_quote",
    "net_realized_pnl_today_quote",
    "position_base",
    "avg_entry_price",
    "funding_rate",
    "funding_cost_today_quote",
    "margin_ratio",
    "position_drift_pct",
    "min_base_pct",
    "max_base_pct",
    "ws_reconnect_count",
    "order_book_stale",
    *_LEVELS,
)
"""The later layout: more than 110 columns, in another order."""

WIDE_FILL_COLUMNS = (
    *FILL_COLUMNS[:10],
    "exchange_trade_id",
    *FILL_COLUMNS[10:],
    "regime",
    "alpha_policy_state",
    "alpha_policy_reason",
)
"""The later layout: 21 columns."""

Row = dict[str, object]


def specified_event(bot: str, fill: Mapping[str, object], **envelope: object) -> Row:
    """The event of a fill with the payload of the specification."""
    payload = {
        "client_order_id": str(fill["order_id"]),
        "fill_price": str(fill["price"]),
        "fill_qty_base": str(fill["amount_base"]),
        "fill_qty_quote": str(fill["notional_quote"]),
        "fee_asset": "USDT",
        "fee_amount": str(fill["fee_quote"]),
        "liquidity_side": "maker",
    }
    return fill_event(bot, fill) | {"payload": payload} | envelope


def top_level_event(bot: str, fill: Mapping[str, object], **envelope: object) -> Row:
    """A ``bot_fill`` that tells the fill beside an empty payload."""
    event = fill_event(bot, fill, event_type="bot_fill")
    payload = event["payload"]
    assert isinstance(payload, dict)
    return event | payload | {"payload": {}} | envelope


@dataclass
class HbotFleet:
    """A fleet with its ledger; ``documents`` stand for the state in which progress becomes durable."""

    root: Path
    freshness: Freshness = FRESHNESS
    documents: dict[str, str] = field(default_factory=dict)
    ledger: HbotLedger = field(init=False)
    files: HbotFiles = field(init=False)

    def __post_init__(self) -> None:
        self.files = HbotFiles(self.root)
        self.files.data.mkdir(parents=True, exist_ok=True)
        self.files.event_store.mkdir(parents=True, exist_ok=True)
        self.ledger = self._ledger()

    def _ledger(self) -> HbotLedger:
        return HbotLedger("hbot", self.files.data, self.files.event_store, self.freshness)

    def folder(self, bot: str = BOT, variant: str = "a", space: str = "epp_v24") -> Path:
        return self.files.folder(bot, variant, space)

    def minute(self, bot: str = BOT) -> Path:
        return self.folder(bot) / "minute.csv"

    def fills(self, bot: str = BOT) -> Path:
        return self.folder(bot) / "fills.csv"

    def store(self, at: datetime = NOON) -> Path:
        return self.files.event_store / f"events_{at:%Y%m%d}.jsonl"

    def add_rows(self, *rows: Row, bot: str = BOT, columns: Sequence[str] = MINUTE_COLUMNS) -> None:
        self.files.append_minutes(bot, rows, columns=columns)

    def add_fills(self, *fills: Row, bot: str = BOT, columns: Sequence[str] = FILL_COLUMNS) -> None:
        self.files.append_fills(bot, fills, columns=columns)

    def add_events(self, *events: Row, arrived: datetime = NOON) -> None:
        self.files.append_events(arrived.date(), events)

    def live_until(self, at: datetime, *, rows: int = 4, bot: str = BOT, **values: object) -> None:
        """Rows of the last minutes, an empty fills.csv and an event: a bot of which everything can be told."""
        self.add_rows(*minute_rows(at, rows, **values), bot=bot)
        if not self.fills(bot).exists():
            self.add_fills(bot=bot)
        self.add_events(minute_event(bot, minute_row(at)), arrived=at)

    def read(self, now: datetime = NOON) -> LedgerReading:
        """Read, and record nothing."""
        return self.ledger.read(now)

    def cycle(self, now: datetime = NOON) -> Mapping[str, Book | Unavailable]:
        """Read and record."""
        reading = self.ledger.read(now)
        for key, text in reading.documents.items():
            if text is None:
                del self.documents[key]
            else:
                self.documents[key] = text
        self.ledger.recorded()
        return reading.books

    def book(self, now: datetime = NOON, bot: str = BOT) -> Book:
        """Read and record, and take one bot's book."""
        book = self.cycle(now)[bot]
        assert isinstance(book, Book), book
        return book

    def restart(self) -> None:
        """Go on in a new process with what the state holds."""
        self.ledger = self._ledger()
        self.ledger.restore(dict(self.documents))

    def cold(self) -> HbotFleet:
        """The same files under a ledger that knows nothing."""
        return HbotFleet(self.root, self.freshness)


def minute_rows(until: datetime, count: int, **values: object) -> list[Row]:
    """One row a minute, the last at ``until``."""
    return [minute_row(until - MINUTE * back, **values) for back in reversed(range(count))]


def times(rows: Iterable[MinuteRow]) -> list[datetime]:
    return [row.at for row in rows]


def rotate(path: Path, stamp: str) -> None:
    """Put the table away as the bots do before a new header."""
    path.rename(path.with_name(f"{path.stem}.legacy_{stamp}.csv"))


def append(path: Path, text: str | bytes) -> None:
    """Append to a file as it is, also half a line."""
    with path.open("ab") as file:
        file.write(text.encode() if isinstance(text, str) else text)


def line(row: Row, columns: Sequence[str] = MINUTE_COLUMNS) -> str:
    """One line of a table."""
    return table_text([row], columns, header=False)


__all__ = [
    "BOT",
    "FILL_COLUMNS",
    "MIDNIGHT",
    "MINUTE",
    "MINUTE_COLUMNS",
    "NOON",
    "SECOND",
    "WIDE_FILL_COLUMNS",
    "WIDE_MINUTE_COLUMNS",
    "HbotFleet",
    "append",
    "fill_event",
    "fill_row",
    "line",
    "minute_event",
    "minute_row",
    "minute_rows",
    "rotate",
    "specified_event",
    "times",
    "top_level_event",
]
