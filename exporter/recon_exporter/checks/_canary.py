"""The synthetic bot in which each check must find its known break.

It agrees with its venue in everything until a check breaks one thing. Its clock stands at noon of the day, so that no
canary depends on the hour at which a cycle runs.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from recon_exporter.domain.check import Evidence
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
    FillBook,
    MinuteRow,
    SourceHealth,
    Unavailable,
    Variant,
    VenueAccount,
)

BOT = "canary"
MINUTE = timedelta(minutes=1)
SOUND = {
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
POLICY = BotPolicy(
    bot=BOT,
    switches={key: Switch(on=True, origin=Origin.BUILTIN) for key in SWITCH_KEYS},
    limits={key: Limit(Decimal("0.5" if key.endswith("critical") else "0.25"), Origin.BUILTIN) for key in LIMIT_KEYS},
    account=Account("bitget", "CANARY", AccountMode.PROBE),
    exchange_source=True,
    freshness=Freshness(Decimal(3), 10 * MINUTE, 2 * MINUTE, 60 * MINUTE),
    fee_drop_relative_floor=Decimal(0),
    identity_tolerance=Decimal("0.000001"),
    equity_jump_ratio=Decimal("0.05"),
)


def noon(now: datetime) -> datetime:
    """Noon of the day, the time at which the canary is judged."""
    return now.replace(hour=12, minute=0, second=0, microsecond=0)


def sound_evidence(
    now: datetime, book: Book | Unavailable, venue: VenueAccount | Unavailable | None = None
) -> Evidence:
    """The book, judged at noon beside the sound account of the venue or another one."""
    return Evidence(BOT, noon(now), POLICY, book, venue or sound_account(now))


def sound_row(at: datetime, changes: Mapping[str, str]) -> MinuteRow:
    """A row that agrees with itself, apart from the columns changed."""
    numbers = {column: Decimal(text) for column, text in {**SOUND, **changes}.items()}
    return MinuteRow(at, "a", "bitget", "BTC-USDT", "canary", numbers)


def sound_book(now: datetime, changes: Mapping[str, str] | None = None, fills: FillBook | None = None) -> Book:
    """Two rows until noon, the second with some columns changed."""
    rows = (sound_row(noon(now) - MINUTE, {}), sound_row(noon(now), changes or {}))
    return Book(
        bot=BOT,
        variants=(Variant("canary/logs/runtime_v24/canary_a", rows[-1].at),),
        newest=rows[-1],
        previous=None,
        rows=rows,
        closing=None,
        future_at=None,
        cadence=MINUTE,
        fills=fills or FillBook(noon(now).date(), None, None, 2, 2, 0, (), noon(now), noon(now)),
        damage=(),
        bad_lines={},
        health=(),
    )


def sound_account(now: datetime, base: str = "1", quote: str = "50000") -> VenueAccount:
    """The account at noon, with these balances."""
    return VenueAccount(
        bot=BOT,
        taken_at=noon(now),
        mode="canary",
        source="canary",
        exchange="bitget",
        trading_pair="BTC-USDT",
        probe_status="ok",
        probe_error="",
        balances={"BTC": Balance(Decimal(base), None), "USDT": Balance(Decimal(quote), None)},
        positions=None,
        price=None,
        health=SourceHealth(BOT, "venue", "exchange_snapshot", is_up=True, at=noon(now)),
    )
