"""What asking a venue for one account established: the account as it stands, the key's rights, the venue's clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import BalanceStatement, PositionStatement


class ProbeStatus(StrEnum):
    """How the probe ended; the values of the label ``status`` and of ``account_probe.status`` in a snapshot."""

    OK = "ok"
    DISABLED = "disabled"
    PAPER_ONLY = "paper_only"
    MISSING_CREDENTIALS = "missing_credentials"
    FETCH_FAILED = "fetch_failed"
    UNKNOWN = "unknown"


class Permission(StrEnum):
    """What a key may do beyond reading; the values of the label ``permission``."""

    TRADE = "trade"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Probe:
    """One account asked once.

    ``reason`` and ``error`` (redacted) say why the status is not ok. ``balances`` and ``positions`` are None where they
    were not had; ``price`` is the venue's price of ``trading_pair``'s base asset in its quote asset where told.
    ``permissions`` holds those that the venue told; ``clock_skew`` is the venue's clock minus ours.
    """

    bot: str
    exchange: str
    at: datetime
    status: ProbeStatus
    reason: Reason | None = None
    error: str = ""
    trading_pair: str = ""
    balances: BalanceStatement | None = None
    positions: PositionStatement | None = None
    price: Decimal | None = None
    permissions: Mapping[Permission, bool] | None = None
    clock_skew: timedelta | None = None
