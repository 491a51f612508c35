"""The hbot fleet of a drill: bots that go on writing their books, and an account each at the exchange."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from recon_exporter.demo.hbot_writer import (
    HbotFiles,
    account_entry,
    fill_event,
    fill_row,
    minute_event,
    minute_row,
    snapshot_document,
)
from recon_exporter.domain.probe import Permission
from recon_exporter.drills.sandbox import Sandbox
from recon_exporter.drills.scene import Scene

EQUITY = Decimal(10000)
PRICE = Decimal(50000)
MINUTE = timedelta(minutes=1)
SOUND = {"fees_paid_today_quote": Decimal(1), "turnover_today_x": Decimal("0.1")}
PROBE_ERROR = "bitget: Apikey does not exist"

Values = Mapping[str, Any]


def holding(base: str) -> dict[str, Decimal]:
    """The columns of a row, or the changes of an account, with this share of equity in the base asset."""
    worth = Decimal(base) * EQUITY
    return {"base_pct": Decimal(base), "base_balance": worth / PRICE, "quote_balance": EQUITY - worth}


@dataclass(slots=True)
class Bot:
    """What one bot would write now: the columns of its row, and what its account holds instead of the same."""

    name: str
    columns: dict[str, Any] = field(default_factory=dict)
    account: dict[str, Any] = field(default_factory=dict)
    probe: str = "ok"
    can_trade: bool = False
    can_withdraw: bool = False
    mode: str = "probe"
    is_writing: bool = True
    fills: int = 0


@dataclass(slots=True)
class Fleet:
    """The files of bots below a folder, written as time passes."""

    root: Path
    bots: Sequence[Bot]
    is_snapshot_written: bool = True
    thresholds: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    _files: HbotFiles = field(init=False)
    _rows: dict[str, Mapping[str, object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._files = HbotFiles(self.root)

    def bot(self, name: str) -> Bot:
        """The bot of this name."""
        return next(bot for bot in self.bots if bot.name == name)

    def found(self, name: str) -> Path:
        """Where this bot writes."""
        return self._files.folder(name)

    def configure(self) -> None:
        """Thresholds and account map, as people write them."""
        write_json(self.root / "config/reconciliation_thresholds.json", {"version": 1, "bots": self.thresholds})
        accounts = {
            bot.name: {"exchange": "bitget", "credential_prefix": bot.name.upper(), "account_mode": bot.mode}
            for bot in self.bots
        }
        write_json(self.root / "config/exchange_account_map.json", {"version": 1, "bots": accounts})

    def write(self, now: datetime) -> None:
        """A row of each bot that writes, what it publishes, and the exchange snapshot."""
        for bot in self.bots:
            if bot.is_writing:
                row = minute_row(now, **{**SOUND, "fills_count_today": bot.fills, **bot.columns})
                self._rows[bot.name] = row
                self._files.append_events(now.date(), [minute_event(bot.name, row)])
                self._files.append_minutes(bot.name, [row])
        if self.is_snapshot_written:
            entries = {bot.name: self._entry(bot) for bot in self.bots if bot.name in self._rows}
            self._files.replace_snapshot(snapshot_document(now, entries))

    def fill(self, bot: str, at: datetime, *, with_event: bool, **values: object) -> Mapping[str, object]:
        """An execution that the bot books, some columns of its row given; with or without the event that says so."""
        owner = self.bot(bot)
        owner.fills += 1
        row = fill_row(at, f"{bot}-{owner.fills}", **values)
        self._files.append_fills(bot, [row])
        if with_event:
            self.tell_of(bot, row)
        return row

    def tell_of(self, bot: str, row: Mapping[str, object]) -> None:
        """The event of a fill."""
        at = row["ts"]
        if isinstance(at, datetime):
            self._files.append_events(at.date(), [fill_event(bot, row, event_id=str(row["order_id"]))])

    def _entry(self, bot: Bot) -> Mapping[str, object]:
        error = {} if bot.probe == "ok" else {"account_probe_error": PROBE_ERROR}
        permissions = {Permission.TRADE.value: bot.can_trade, Permission.WITHDRAW.value: bot.can_withdraw}
        return account_entry({**self._rows[bot.name], **bot.account}, bot.probe, permissions=permissions, **error)


class FleetScene(Scene):
    """A fleet whose bots write a row every few seconds; what is wrong is a change of what one of them writes."""

    BOTS: Sequence[str] = ("bot1", "bot2")

    def __init__(self, sandbox: Sandbox, *names: str) -> None:
        super().__init__(sandbox)
        self.fleet = Fleet(sandbox.folder, [Bot(name) for name in names or self.BOTS])

    def prepare(self) -> Values:
        self.fleet.configure()
        self.fleet.write(self.sandbox.clock.now() - MINUTE)
        self.keep()
        return {"fleets": {"hbot": {"type": "hbot", "exchange_snapshot": {"enabled": True}}}}

    def keep(self) -> None:
        self.fleet.write(self.sandbox.clock.now())


class Wrong(FleetScene):
    """One bot writes something else than a sound one would, and later what it should.

    ``fill`` is an execution that it books when it goes wrong; ``mended`` is what it writes in the end, where that is
    not what it wrote at first.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        bot: str,
        wrong: Values,
        sound: Values | None = None,
        mended: Values | None = None,
        fill: Values | None = None,
    ) -> None:
        super().__init__(sandbox, bot, "bot12")
        self._bot = self.fleet.bot(bot)
        self._wrong = dict(wrong)
        self._sound = dict(sound or {})
        self._mended = dict(self._sound if mended is None else mended)
        self._fill = fill
        self._bot.columns = dict(self._sound)

    def happen(self) -> None:
        if self._fill is not None:
            self.fleet.fill(self._bot.name, self.sandbox.clock.now(), with_event=True, **self._fill)
        self._bot.columns = self._sound | self._wrong
        self.keep()

    def repair(self) -> None:
        self._bot.columns = dict(self._mended)
        self.keep()


def write_json(path: Path, document: object) -> None:
    """Write a document as people do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n")
