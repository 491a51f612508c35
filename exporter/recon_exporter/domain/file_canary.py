"""The known break of a check whose input are the files of a bot: what those files say, and what must be found in them.

The synthetic bots are judged at noon of the day under one policy: no canary depends on the hour or on thresholds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from recon_exporter.domain.finding import Detail
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

BOT = "canary"
MINUTE = timedelta(minutes=1)
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


@dataclass(frozen=True, slots=True)
class ToldFill:
    """A fill as one of the two sides tells it."""

    order_id: str
    quantity: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FileCanary:
    """What the files of one synthetic bot say, oldest first, and the finding that must come out of them.

    ``rows`` are those of its minute.csv by column, ``fills`` those of its fills.csv, ``events`` its fills in the event
    store, ``balances`` the totals by asset in the exchange snapshot. A bot without rows has no log folder, one whose
    balances are None no entry in the snapshot. ``details`` are those of the finding that show that what was written is
    what was judged: another break of the same code does not count.
    """

    code: str
    details: Mapping[str, Detail]
    rows: tuple[Mapping[str, str], ...] = ()
    fills: tuple[ToldFill, ...] = ()
    events: tuple[ToldFill, ...] = ()
    balances: Mapping[str, str] | None = None


def noon(now: datetime) -> datetime:
    """Noon of the day, the time at which the canary is judged."""
    return now.replace(hour=12, minute=0, second=0, microsecond=0)
