"""The fleet of which the runbooks speak: each bot has the break that a page uses it for, at the present time.

bot1 books and venue apart, and a broken balance   bot2 probe fails           bot3 fills without events
bot4 inventory off target                          bot5 fees negative         bot6 fee counter fell
bot7 turnover without fees                         bot8 fee rate out of band  bot9 expected, never there
bot10 a line that cannot be read                   bot11 stands still
"""

from __future__ import annotations

import csv
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MINUTE = timedelta(minutes=1)
MINUTE_HEADER = (
    "ts,bot_variant,exchange,trading_pair,state,regime,mid,equity_quote,base_pct,target_base_pct,spread_pct,"
    "spread_floor_pct,net_edge_pct,skew,adverse_drift_30s,soft_pause_edge,base_balance,quote_balance,market_spread_pct,"
    "market_spread_bps,best_bid_size,best_ask_size,turnover_today_x,cancel_per_min,orders_active,fills_count_today,"
    "fees_paid_today_quote,daily_loss_pct,drawdown_pct,risk_reasons,fee_source,maker_fee_pct,taker_fee_pct"
)
FILL_HEADER = (
    "ts,bot_variant,exchange,trading_pair,side,price,amount_base,notional_quote,fee_quote,order_id,state,mid_ref,"
    "expected_spread_pct,adverse_drift_30s,fee_source,is_maker,realized_pnl_quote"
)
SOUND_ROW: Mapping[str, str] = {
    "bot_variant": "a",
    "exchange": "bitget",
    "trading_pair": "BTC-USDT",
    "state": "running",
    "regime": "neutral_low_vol",
    "mid": "50000",
    "equity_quote": "10000",
    "base_pct": "0.5",
    "target_base_pct": "0.5",
    "soft_pause_edge": "False",
    "base_balance": "0.1",
    "quote_balance": "5000",
    "turnover_today_x": "0.1",
    "fills_count_today": "0",
    "fees_paid_today_quote": "1",
    "fee_source": "project:fee_profiles.json",
    "maker_fee_pct": "0.001",
    "taker_fee_pct": "0.001",
}
SOUND_FILL: Mapping[str, str] = {
    "bot_variant": "a",
    "exchange": "bitget",
    "trading_pair": "BTC-USDT",
    "side": "buy",
    "price": "50000",
    "amount_base": "0.001",
    "notional_quote": "50",
    "fee_quote": "0.05",
    "state": "running",
    "fee_source": "fee",
    "is_maker": "True",
    "realized_pnl_quote": "0",
}


def account(status: str = "ok", btc: str = "0.1", usdt: str = "5000") -> dict[str, object]:
    """An account as the snapshot service writes it."""
    return {
        "base_pct": 0.5,
        "equity_quote": 10000,
        "exchange": "bitget",
        "trading_pair": "BTC-USDT",
        "source": "bitget_ccxt_private_with_local_reference",
        "account_probe_status": status,
        "account_balances": {"BTC": {"total": btc, "free": btc}, "USDT": {"total": usdt, "free": usdt}},
        "account_probe_error": "" if status == "ok" else "bitget: Apikey does not exist",
        "account_exchange": "bitget",
        "account_credential_prefix": "BOT1",
        "account_mode": "probe",
    }


@dataclass(frozen=True, slots=True)
class Bot:
    """What one bot wrote: the changes of its rows against a sound one, oldest first, and how many fills."""

    name: str
    rows: Sequence[Mapping[str, str]]
    fills: int = 0
    age: timedelta = MINUTE / 2
    account: Mapping[str, object] = field(default_factory=account)


def inventory(base: str, target: str = "0.5") -> dict[str, str]:
    """A row with this base share, whose balances agree with it."""
    worth = float(base) * 10000
    balances = {"base_balance": f"{worth / 50000:.6f}", "quote_balance": f"{10000 - worth:.2f}"}
    return {"base_pct": base, "target_base_pct": target, **balances}


SOUND = Bot("bot1", ({}, {}))
PAGES_FLEET = (
    Bot(
        "bot1",
        ({"base_pct": "0.4", "base_balance": "0.08", "quote_balance": "6500"},) * 2,
        account=account(btc="0.15", usdt="2500"),
    ),
    Bot("bot2", ({}, {}), account=account("fetch_failed")),
    Bot("bot3", ({"fills_count_today": "3"},) * 2, fills=3),
    Bot("bot4", (inventory("0.95", "0.3"),) * 2, account=account(btc="0.19", usdt="500")),
    Bot("bot5", ({"fees_paid_today_quote": "-1.25"},) * 2),
    Bot("bot6", ({"fees_paid_today_quote": "1.5"}, {"fees_paid_today_quote": "0.5"})),
    Bot("bot7", ({"turnover_today_x": "0.1"}, {"turnover_today_x": "0.2"})),
    Bot("bot8", ({"turnover_today_x": "1", "fees_paid_today_quote": "100"},) * 2),
    Bot("bot10", ({}, {})),
    Bot("bot11", ({}, {}), age=timedelta(hours=10)),
)


def wait_for_one_day() -> None:
    """Wait over midnight where rows and fills would not lie in one UTC day with the time at which they are judged."""
    while _now().date() != (_now() - 6 * MINUTE).date() or _now().date() != (_now() + 6 * MINUTE).date():
        time.sleep(5)


def write_fleet(folder: Path, bots: Sequence[Bot], *, missing: Sequence[str] = ()) -> None:
    """Books, event store, snapshot, map and thresholds of the bots; ``missing`` are named and never there."""
    now = _now()
    for bot in bots:
        _write_books(folder / "data" / bot.name / "logs" / "epp_v24" / f"{bot.name}_a", bot, now)
    _write_events(folder / "reports" / "event_store", now)
    accounts = {bot.name: bot.account for bot in bots}
    snapshot = {"ts_utc": now.isoformat(), "source": "exchange_snapshot_service", "mode": "bitget_ccxt_private"}
    write_json(folder / "reports" / "exchange_snapshots" / "latest.json", {**snapshot, "bots": accounts})
    modes = {name: {"exchange": "bitget", "credential_prefix": "BOT1", "account_mode": "probe"} for name in accounts}
    modes |= {name: {"exchange": "none", "credential_prefix": "BOT9", "account_mode": "disabled"} for name in missing}
    write_json(folder / "config" / "exchange_account_map.json", {"version": 1, "bots": modes})
    thresholds = {"inventory_warn": 0.4, "inventory_critical": 0.55}
    write_json(folder / "config" / "reconciliation_thresholds.json", {"version": 1, "bots": {"bot1": thresholds}})


def append_broken_row(folder: Path, bot: str) -> None:
    """A complete line that has too few fields, as a killed writer leaves it behind a restart."""
    with (folder / "data" / bot / "logs" / "epp_v24" / f"{bot}_a" / "minute.csv").open("a") as file:
        file.write(f"{_now().isoformat()},a,bitget\n")


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the program that is tried reads the same clock


def write_json(path: Path, document: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2))


def _write_books(folder: Path, bot: Bot, now: datetime) -> None:
    folder.mkdir(parents=True)
    newest = now - bot.age
    times = [newest - MINUTE * distance for distance in reversed(range(len(bot.rows)))]
    rows = [{**SOUND_ROW, **changes, "ts": at.isoformat()} for at, changes in zip(times, bot.rows, strict=True)]
    _write_csv(folder / "minute.csv", MINUTE_HEADER, rows)
    fills = [{**SOUND_FILL, "order_id": f"ord-{number}"} for number in range(bot.fills)]
    _write_csv(folder / "fills.csv", FILL_HEADER, [{**fill, "ts": (now - 5 * MINUTE).isoformat()} for fill in fills])


def _write_csv(path: Path, header: str, rows: Sequence[Mapping[str, str]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, header.split(","), restval="0", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _write_events(folder: Path, now: datetime) -> None:
    """An event store that lives: the newest event is young, and none of them is a fill."""
    folder.mkdir(parents=True)
    event = {
        "event_id": "event-1",
        "event_type": "market_snapshot",
        "event_version": "v1",
        "ts_utc": now.isoformat(),
        "producer": "hb",
        "instance_name": "bot1",
        "payload": {},
    }
    (folder / f"events_{now:%Y%m%d}.jsonl").write_text(json.dumps(event) + "\n")
