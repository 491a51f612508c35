"""The synthetic bot in which each check must find its known break, as its files tell it or as evidence.

It agrees with its venue in everything until a check breaks one thing.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from recon_exporter.domain.check import Evidence
from recon_exporter.domain.file_canary import BOT, MINUTE, POLICY, FileCanary, ToldFill, noon
from recon_exporter.domain.finding import Detail
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

TEXTS = {"bot_variant": "a", "exchange": "bitget", "trading_pair": "BTC-USDT", "fee_source": "canary"}
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


def in_files(
    now: datetime, code: str, details: Mapping[str, Detail], changes: Mapping[str, str] | None = None
) -> FileCanary:
    """The files of the bot, with some columns of its last row changed, and the finding that must come out of them."""
    at = noon(now)
    fills = tuple(ToldFill(f"canary-{hour}", "0.01", at.replace(hour=hour)) for hour in (9, 10))
    rows = (_told_row(at - MINUTE, {}), _told_row(at, changes or {}))
    return FileCanary(code, details, rows, fills, fills, {"BTC": "1", "USDT": "50000"})


def _told_row(at: datetime, changes: Mapping[str, str]) -> Mapping[str, str]:
    return {"ts": at.isoformat(), **TEXTS, **SOUND, **changes}


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
