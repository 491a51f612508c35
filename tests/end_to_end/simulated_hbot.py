"""hbot bots on a simulated clock, with all that is late about healthy ones.

What is left of a burst of fills is written with the next one only, events are stored late, the change of the day is put
off while there is no price, and bots are restarted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from recon_exporter.demo.fleet import OPENING_PRICE, opening_accounts
from recon_exporter.demo.fleet_accounts import KEYS, SPOT
from recon_exporter.demo.hbot_writer import FILL_COLUMNS, MINUTE_COLUMNS, HbotFiles
from recon_exporter.demo.simulation import Scene, Step, advance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal
    from pathlib import Path

    from recon_exporter.demo.accounts import Trade
    from recon_exporter.demo.exchange import Exchange
    from recon_exporter.demo.exchange.records import Execution

    Row = Mapping[str, Any]

HBOT_BOTS = ("bot1",)
SEED = 20260301
BUFFERED, FLUSH_AFTER = 10, timedelta(seconds=5)
"""As hbot's writer of fills does it, and only when it writes."""

EVENTS_LATE = 90
"""Seconds that an event is under way at most."""

FILL_COLUMNS_WITH_ID = (*FILL_COLUMNS, "exchange_trade_id")


@dataclass(slots=True)
class FillsWriter:
    """Writes rows of fills.csv as hbot does: what a burst leaves in the buffer waits for the next write."""

    files: HbotFiles
    bot: str
    rows: list[Row] = field(default_factory=list)
    flushed_at: datetime | None = None

    def write(self, rows: Iterable[Row], at: datetime) -> None:
        for row in rows:
            self.rows.append(row)
            if self.flushed_at is None or at - self.flushed_at >= FLUSH_AFTER or len(self.rows) >= BUFFERED:
                self.flush(at)

    def flush(self, at: datetime) -> None:
        """All that is buffered goes out, as when the file is closed."""
        self.files.append_fills(self.bot, self.rows, columns=FILL_COLUMNS_WITH_ID)
        self.rows, self.flushed_at = [], at


class HbotBots:
    """The hbot bots, with accounts for spot at the local exchange, and the event store."""

    def __init__(self, folder: Path, exchange: Exchange, began: datetime) -> None:
        self.files = HbotFiles(folder)
        self._exchange = exchange
        every = opening_accounts(began)
        self._scene = Scene(SEED, OPENING_PRICE, {bot: every[bot] for bot in HBOT_BOTS})
        self._accounts = {bot: exchange.open_account(keys, bot) for bot, keys in KEYS.items() if bot in HBOT_BOTS}
        self._price(OPENING_PRICE)
        for bot, simulated in self._scene.accounts.items():
            self._accounts[bot].deposit("USDT", simulated.quote, at=began)
            self._accounts[bot].deposit("BTC", simulated.base, at=began)
        self._writers = {bot: FillsWriter(self.files, bot) for bot in HBOT_BOTS}
        self._rows: dict[str, Row] = {}
        self._under_way: list[tuple[datetime, Row]] = []
        self._draw = Random(SEED)  # noqa: S311  # no secret is made of it
        self.priceless_until: datetime | None = None
        """Until then there is no price: nothing is traded, and the counters of the day are not reset."""
        self.silent: dict[str, datetime] = {}
        """Bots that are being restarted, and when they are back."""

    def play(self, at: datetime) -> None:
        """One minute: trades, rows, fills and events, and the events of earlier minutes that arrive."""
        if self.priceless_until is not None and at < self.priceless_until and self._rows:
            self._write_rows({bot: {**row, "ts": at} for bot, row in self._rows.items()}, at)
        else:
            self._scene, step = advance(self._scene, at, frozenset())
            self._write(step)
        self._store(at)

    def _write(self, step: Step) -> None:
        self._rows = dict(step.minutes)
        self._price(step.mid)
        for bot, trades in step.trades.items():
            executed = [self._executed(bot, trade) for trade in trades]
            fills = zip(step.fills[bot], executed, strict=True)
            self._writers[bot].write([{**row, "exchange_trade_id": told.trade_id} for row, told in fills], step.at)
        self._write_rows(self._rows, step.at)
        for event in step.events:
            late = timedelta(seconds=self._draw.randint(0, EVENTS_LATE))
            self._under_way.append((step.at + late, event))

    def _price(self, mid: Decimal) -> None:
        self._exchange.price(SPOT, mid)

    def _executed(self, bot: str, trade: Trade) -> Execution:
        """The execution at the exchange, under the order's own name."""
        return self._accounts[bot].trade(
            SPOT,
            trade.amount,
            trade.price,
            client_id=trade.order_id,
            fee=trade.fee,
            fee_asset="USDT",
            maker=trade.is_maker,
            at=trade.at,
        )

    def _write_rows(self, rows: Mapping[str, Row], at: datetime) -> None:
        for bot, row in rows.items():
            if self.silent.get(bot, at) > at:
                continue
            if self.silent.pop(bot, None) is not None:
                self._writers[bot].flush(at)
            held = {"position_base": row["base_balance"], "avg_entry_price": row["mid"]}
            self.files.append_minutes(bot, [{**row, **held}], columns=(*MINUTE_COLUMNS, *held))

    def _store(self, at: datetime) -> None:
        """What has arrived goes into the file of the day on which it did."""
        arrived = [(when, event) for when, event in self._under_way if when <= at]
        self._under_way = [(when, event) for when, event in self._under_way if when > at]
        for day in sorted({when.date() for when, _ in arrived}):
            self.files.append_events(day, [event for when, event in arrived if when.date() == day])
