"""The demonstration's four bots: who they are, how their accounts begin, and what the configuration says of them."""

from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from recon_exporter.demo.accounts import Account, Profile, opened

OPENING_PRICE = Decimal("68000.0")
TICK = Decimal("0.1")

PROFILES = (
    Profile("bot1", "bitget", "BTC-USDT", Decimal("0.5"), Decimal("0.001"), Decimal("0.001"), lot=Decimal("0.0005")),
    Profile("bot2", "bitget", "BTC-USDT", Decimal("0.5"), Decimal("0.001"), Decimal("0.001"), lot=Decimal("0.0008")),
    Profile(
        "bot3",
        "bitget_paper_trade",
        "BTC-USDT",
        Decimal("0.5"),
        Decimal("0.001"),
        Decimal("0.001"),
        lot=Decimal("0.001"),
    ),
    Profile(
        "bot4",
        "bitget_perpetual",
        "BTC-USDT",
        Decimal("0.1"),
        Decimal("0.0002"),
        Decimal("0.0005"),
        lot=Decimal("0.0005"),
    ),
)
BALANCES = MappingProxyType(
    {
        "bot1": (Decimal("0.1"), Decimal(6800)),
        "bot2": (Decimal("0.2"), Decimal(13600)),
        "bot3": (Decimal("0.25"), Decimal(17000)),
        "bot4": (Decimal("0.0147"), Decimal(10000)),
    }
)
ACCOUNTS = MappingProxyType(
    {
        "bot1": {"exchange": "bitget", "credential_prefix": "BOT1", "account_mode": "probe"},
        "bot2": {"exchange": "none", "credential_prefix": "BOT2", "account_mode": "disabled"},
        "bot3": {"exchange": "bitget", "credential_prefix": "BOT3", "account_mode": "paper_only"},
        "bot4": {"exchange": "bitget_perpetual", "credential_prefix": "BOT4", "account_mode": "probe"},
    }
)
THRESHOLDS = MappingProxyType(
    {
        "bot1": {"inventory_warn": 0.40, "inventory_critical": 0.55},
        "bot3": {"exchange_check_enabled": False, "inventory_warn": 0.45, "inventory_critical": 0.65},
        "bot4": {"inventory_warn": 0.40, "inventory_critical": 0.55},
    }
)


def opening_accounts(at: datetime) -> dict[str, Account]:
    """Every bot's account before anything was traded."""
    return {profile.bot: opened(profile, at, OPENING_PRICE, *BALANCES[profile.bot]) for profile in PROFILES}
