"""The fleet of which the runbooks speak: each bot has the break that a page uses it for, at the present time.

bot1 books and venue apart, a broken balance, a key that trades   bot2 probe fails           bot3 fills without events
bot4 inventory off target                          bot5 fees negative         bot6 fee counter fell
bot7 turnover without fees                         bot8 fee rate out of band  bot9 expected, never there
bot10 a line that cannot be read                   bot11 stands still
swing1 to swing6 books and broker disagree in every way            swing7 the broker's statement is not there
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from recon_exporter.demo.hbot_writer import HbotFiles, account_entry, fill_row, minute_row, snapshot_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from recon_exporter.demo.hbot_writer import Row

MINUTE = timedelta(minutes=1)
EQUITY = Decimal(10000)
PRICE = Decimal(50000)


@dataclass(frozen=True, slots=True)
class Bot:
    """What one bot wrote, changes against a sound one: its rows, oldest first, how many fills, its account."""

    name: str
    rows: Sequence[Row] = ({}, {})
    fills: int = 0
    age: timedelta = MINUTE / 2
    probe: str = "ok"
    account: Row = field(default_factory=dict)
    can_trade: bool = False


def holding(base: str) -> dict[str, Decimal]:
    """The columns of a row, or the changes of an account, with this share of equity in the base asset."""
    worth = Decimal(base) * EQUITY
    return {"base_pct": Decimal(base), "base_balance": worth / PRICE, "quote_balance": EQUITY - worth}


def off_target(name: str, base: str, target: str) -> Bot:
    """A bot whose books and account agree on a share that it does not want."""
    return Bot(name, ({**holding(base), "target_base_pct": Decimal(target)},) * 2)


def fees(paid: str, turnover: str = "0.1") -> dict[str, Decimal]:
    """The columns of a row with these counters of the day."""
    return {"fees_paid_today_quote": Decimal(paid), "turnover_today_x": Decimal(turnover)}


PAGES_FLEET = (
    # Its equity is not what its balances are worth.
    Bot("bot1", ({**holding("0.4"), "quote_balance": Decimal(6500)},) * 2, account=holding("0.75"), can_trade=True),
    Bot("bot2", probe="fetch_failed"),
    Bot("bot3", ({"fills_count_today": 3},) * 2, fills=3),
    off_target("bot4", "0.95", "0.3"),
    Bot("bot5", (fees("-1.25"),) * 2),
    Bot("bot6", (fees("1.5"), fees("0.5"))),
    Bot("bot7", (fees("1"), fees("1", turnover="0.2"))),
    Bot("bot8", (fees("100", turnover="1"),) * 2),
    Bot("bot10"),
    Bot("bot11", age=timedelta(hours=10)),
)


UNSEEN = "swing7"
HELD = (
    ("AAPL,100,180", timedelta(days=3)),
    ("MSFT,50,400", MINUTE),
    ("TSLA,10,250", MINUTE),
    ("SPY,100,500", MINUTE),
    ("QQQ,10,440", MINUTE),
)
AT_BROKER = ("AAPL,100,180,181,USD", "SPY,80,500,505,USD", "NVDA,5,900,905,USD", "QQQ,10,400,441,USD")
EXECUTED = ("f1,o1,swing-1,SPY,sell,20,505", "f2,o2,web-1,NVDA,buy,5,900")
BOOKS = """\
  {bot}:
    ledger: {{type: file, positions: books/{bot}.csv}}
    venue: {{type: file, positions: statements/{bot}.csv, fills: statements/{bot}-fills.csv}}
    eod: {{at: "{due}", settle: 1s, client_id_prefixes: [swing-]}}
"""


def wait_for_one_day() -> None:
    """Wait over midnight where rows and fills would not lie in one UTC day with the time at which they are judged."""
    while _now().date() != (_now() - 6 * MINUTE).date() or _now().date() != (_now() + 6 * MINUTE).date():
        time.sleep(5)


def write_fleet(folder: Path, bots: Sequence[Bot], *, missing: Sequence[str] = ()) -> None:
    """Books, event store, snapshot, map and thresholds of the bots; ``missing`` are named and never there."""
    now = _now()
    files = HbotFiles(folder)
    entries = {bot.name: _written(files, bot, now) for bot in bots}
    files.append_events(now.date(), [_sign_of_life(now)])
    files.replace_snapshot(snapshot_document(now, entries))
    modes = {bot.name: _account(bot.name, "probe") for bot in bots}
    modes |= {name: _account(name, "disabled") for name in missing}
    write_json(folder / "config" / "exchange_account_map.json", {"version": 1, "bots": modes})
    thresholds = {bot.name: {"inventory_warn": 0.4, "inventory_critical": 0.55} for bot in bots if bot.name == "bot1"}
    write_json(folder / "config" / "reconciliation_thresholds.json", {"version": 1, "bots": thresholds})


def write_books(folder: Path) -> str:
    """Positions in books and at the broker, which differ in every way; returns the section ``bots`` of it.

    The run was due two hours ago, so it is caught up at the start.
    """
    for name in ("books", "statements"):
        (folder / name).mkdir()
    now = _now()
    held = [f"{row},USD,{(now - age).isoformat()}" for row, age in HELD]
    for number in range(1, 8):
        bot = f"swing{number}"
        _write_table(folder / "books" / f"{bot}.csv", "symbol,quantity,avg_price,currency,updated_at", held)
        if bot != UNSEEN:
            _write_table(folder / "statements" / f"{bot}.csv", "symbol,quantity,avg_price,price,currency", AT_BROKER)
            fills = [f"{row},{(now - 3 * MINUTE).isoformat()}" for row in EXECUTED]
            columns = "fill_id,order_id,client_order_id,symbol,side,quantity,price,filled_at"
            _write_table(folder / "statements" / f"{bot}-fills.csv", columns, fills)
    due = f"{now - timedelta(hours=2):%H:%M}"
    return "".join(BOOKS.format(bot=f"swing{number}", due=due) for number in range(1, 8))


def append_broken_row(folder: Path, bot: str) -> None:
    """A complete line that has too few fields, as a killed writer leaves it behind a restart."""
    with (HbotFiles(folder).folder(bot) / "minute.csv").open("a") as file:
        file.write(f"{_now().isoformat()},a,bitget\n")


def write_json(path: Path, document: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2))


def _written(files: HbotFiles, bot: Bot, now: datetime) -> Row:
    """Write the books; returns the bot's entry of the snapshot."""
    newest = now - bot.age
    times = [newest - MINUTE * distance for distance in reversed(range(len(bot.rows)))]
    rows = [minute_row(at, **{**fees("1"), **changes}) for at, changes in zip(times, bot.rows, strict=True)]
    files.append_minutes(bot.name, rows)
    files.append_fills(bot.name, [fill_row(now - 5 * MINUTE, f"ord-{number}") for number in range(bot.fills)])
    error = {} if bot.probe == "ok" else {"account_probe_error": "bitget: Apikey does not exist"}
    permissions = {"trade": bot.can_trade, "withdraw": False}
    return account_entry({**rows[-1], **bot.account}, bot.probe, permissions=permissions, **error)


def _write_table(path: Path, columns: str, rows: Sequence[str]) -> None:
    path.write_text("\n".join([columns, *rows]) + "\n")


def _account(bot: str, mode: str) -> Mapping[str, str]:
    return {"exchange": "bitget", "credential_prefix": bot.upper(), "account_mode": mode}


def _sign_of_life(at: datetime) -> Mapping[str, object]:
    """An event that is no fill."""
    identity = {"event_id": "event-1", "event_type": "market_snapshot", "event_version": "v1"}
    return {**identity, "ts_utc": at.isoformat(), "producer": "hb", "instance_name": "bot1", "payload": {}}


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the program that is tried reads the same clock
