"""Builders of evidence: each gives something sound, and a test names only what it changes.

The sound bot trades BTC-USDT on spot, holds half of its 100 000 in each asset, and agrees with its venue in everything.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from recon_exporter.domain.check import Evidence
from recon_exporter.domain.finding import CheckResult, Finding, Reason
from recon_exporter.domain.policy import (
    LIMIT_KEYS,
    SWITCH_KEYS,
    Account,
    AccountMode,
    BotPolicy,
    Freshness,
    Limit,
    Origin,
    Switch,
)
from recon_exporter.domain.statement import (
    Balance,
    Book,
    Damage,
    FillBook,
    Malformed,
    MinuteRow,
    OpenOrder,
    Position,
    SourceHealth,
    Unavailable,
    Variant,
    VenueAccount,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

NOW = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
MINUTE = timedelta(minutes=1)
BOT = "bot1"

Number = str | Decimal | Malformed | None
"""A value of a row: None leaves the column out."""

NUMBERS: Mapping[str, str] = {
    "mid": "50000",
    "equity_quote": "100000",
    "base_pct": "0.5",
    "target_base_pct": "0.5",
    "base_balance": "1",
    "quote_balance": "50000",
    "turnover_today_x": "0.1",
    "fills_count_today": "2",
    "fees_paid_today_quote": "10",
    "maker_fee_pct": "0.001",
    "taker_fee_pct": "0.001",
}
LIMITS: Mapping[str, str] = {
    "inventory_warn": "0.25",
    "inventory_critical": "0.45",
    "exchange_drift_warn": "0.10",
    "exchange_drift_critical": "0.20",
    "fee_drop_warn": "0.05",
    "fee_drop_critical": "0.20",
    "turnover_fee_gap_warn": "0.05",
}
MISSING = Unavailable(Reason.SOURCE_MISSING, "it is not there")
UNREADABLE = Unavailable(Reason.SOURCE_UNREADABLE, "permission denied")


def make_row(
    at: datetime = NOW - MINUTE / 2,
    *,
    variant: str = "a",
    connector: str = "bitget",
    trading_pair: str = "BTC-USDT",
    fee_source: str = "project:fee_profiles.json",
    **numbers: Number,
) -> MinuteRow:
    """A sound row; keywords are columns."""
    return MinuteRow(at, variant, connector, trading_pair, fee_source, _values(numbers))


def make_rows(*changes: Mapping[str, Number], until: datetime = NOW - MINUTE / 2) -> tuple[MinuteRow, ...]:
    """One row a minute, the last at ``until``, each with the columns of its mapping changed."""
    first = until - MINUTE * (len(changes) - 1)
    return tuple(
        replace(make_row(first + MINUTE * index), numbers=_values(numbers)) for index, numbers in enumerate(changes)
    )


def _values(changes: Mapping[str, Number]) -> Mapping[str, Decimal | Malformed]:
    merged: dict[str, Number] = {**NUMBERS, **changes}
    return {
        column: Decimal(value) if isinstance(value, str) else value
        for column, value in merged.items()
        if value is not None
    }


def make_order(
    order_id: str = "order-1", *, count: int = 1, quantity: str = "0.5", last_at: datetime = NOW - 10 * MINUTE
) -> OpenOrder:
    """An order of which the ledger has ``count`` fills and ``quantity`` more than the events."""
    return OpenOrder(order_id, count, Decimal(quantity), last_at)


def make_fills(
    *open_orders: OpenOrder,
    day: date = TODAY,
    ledger: Unavailable | None = None,
    events: Unavailable | None = None,
    ledger_count: int = 2,
    events_count: int = 2,
    backfilled_count: int = 0,
    newest_ledger_at: datetime | None = NOW - 10 * MINUTE,
    newest_event_at: datetime | None = NOW - MINUTE,
) -> FillBook:
    """Two fills on both sides that agree."""
    return FillBook(
        day,
        ledger,
        events,
        ledger_count,
        events_count,
        backfilled_count,
        open_orders,
        newest_ledger_at,
        newest_event_at,
    )


def make_book(
    *rows: MinuteRow,
    bot: str = BOT,
    previous: MinuteRow | None = None,
    closing: MinuteRow | None = None,
    future_at: datetime | None = None,
    cadence: timedelta = MINUTE,
    fills: FillBook | None = None,
    damage: tuple[Damage, ...] = (),
    variants: tuple[Variant, ...] | None = None,
    bad_lines: Mapping[str, int] | None = None,
    health: tuple[SourceHealth, ...] = (),
) -> Book:
    """A book whose new rows are ``rows``, by default one sound row; the last of them is the newest."""
    new = rows or (make_row(),)
    folder = Variant(f"{bot}/logs/epp_v24/{bot}_a", new[-1].at)
    return Book(
        bot=bot,
        variants=(folder,) if variants is None else variants,
        newest=new[-1],
        previous=previous,
        rows=new,
        closing=closing,
        future_at=future_at,
        cadence=cadence,
        fills=fills or make_fills(),
        damage=damage,
        bad_lines=bad_lines or {},
        health=health,
    )


def make_rowless_book(
    *, future_at: datetime | None = None, damage: tuple[Damage, ...] = (), fills: FillBook | None = None
) -> Book:
    """A book whose minute file is there and has no readable row."""
    return Book(
        bot=BOT,
        variants=(Variant(f"{BOT}/logs/epp_v24/{BOT}_a", None),),
        newest=None,
        previous=None,
        rows=(),
        closing=None,
        future_at=future_at,
        cadence=MINUTE,
        fills=fills or make_fills(),
        damage=damage,
        bad_lines={},
        health=(),
    )


def make_account(
    *,
    bot: str = BOT,
    taken_at: datetime = NOW - MINUTE,
    mode: str = "bitget_ccxt_private",
    source: str = "bitget_ccxt_private_with_local_reference",
    exchange: str = "bitget",
    trading_pair: str = "BTC-USDT",
    probe_status: str = "ok",
    probe_error: str = "",
    balances: Mapping[str, str] | None = None,
    without_balances: bool = False,
    positions: tuple[Position, ...] | None = None,
    price: str | None = None,
) -> VenueAccount:
    """The sound bot's account as the venue sees it; ``balances`` are totals by asset."""
    totals = {"BTC": "1", "USDT": "50000"} if balances is None else balances
    return VenueAccount(
        bot=bot,
        taken_at=taken_at,
        mode=mode,
        source=source,
        exchange=exchange,
        trading_pair=trading_pair,
        probe_status=probe_status,
        probe_error=probe_error,
        balances=None if without_balances else {asset: Balance(Decimal(of), None) for asset, of in totals.items()},
        positions=positions,
        price=None if price is None else Decimal(price),
        health=SourceHealth(bot, "venue", "exchange_snapshot", is_up=True, at=taken_at),
    )


def make_position(quantity: str, *, symbol: str = "BTC/USDT:USDT", mark_price: str | None = None) -> Position:
    """An open perpetual position."""
    return Position(symbol, Decimal(quantity), None if mark_price is None else Decimal(mark_price))


def make_policy(
    *,
    bot: str = BOT,
    mode: AccountMode | None = AccountMode.PROBE,
    exchange_source: bool = True,
    origin: Origin = Origin.DEFAULTS,
    minute_rows: str = "3",
    snapshot: timedelta = 10 * MINUTE,
    future_skew: timedelta = 2 * MINUTE,
    events: timedelta = 60 * MINUTE,
    fee_drop_relative_floor: str = "0",
    identity_tolerance: str = "0.000001",
    equity_jump_ratio: str = "0.05",
    **values: str | bool,
) -> BotPolicy:
    """The shipped thresholds with every check on; keywords are keys of that file, ``mode`` None is unmapped."""
    unknown = set(values) - {*SWITCH_KEYS, *LIMIT_KEYS}
    if unknown:
        raise ValueError(f"no such threshold: {sorted(unknown)}")
    return BotPolicy(
        bot=bot,
        switches={key: Switch(bool(values.get(key, True)), origin) for key in SWITCH_KEYS},
        limits={key: Limit(Decimal(str(values.get(key, LIMITS[key]))), origin) for key in LIMIT_KEYS},
        account=None if mode is None else Account("bitget", "BOT1", mode),
        exchange_source=exchange_source,
        freshness=Freshness(Decimal(minute_rows), snapshot, future_skew, events),
        fee_drop_relative_floor=Decimal(fee_drop_relative_floor),
        identity_tolerance=Decimal(identity_tolerance),
        equity_jump_ratio=Decimal(equity_jump_ratio),
    )


def make_evidence(
    book: Book | Unavailable | None = None,
    *,
    bot: str = BOT,
    now: datetime = NOW,
    policy: BotPolicy | None = None,
    venue: VenueAccount | Unavailable | None = None,
) -> Evidence:
    """Evidence in which every check finds agreement."""
    return Evidence(
        bot=bot,
        now=now,
        policy=policy or make_policy(bot=bot),
        book=book or make_book(bot=bot),
        venue=venue or make_account(bot=bot),
    )


def codes(result: CheckResult) -> list[str]:
    """The codes of the findings, in order."""
    return [finding.message for finding in result.findings]


def only(result: CheckResult) -> Finding:
    """The one finding that there is."""
    (finding,) = result.findings
    return finding


def reason(result: CheckResult) -> Reason | None:
    """Why the check is unverified."""
    return None if result.unverified is None else result.unverified.reason
