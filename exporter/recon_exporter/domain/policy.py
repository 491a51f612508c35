"""What a person decided about one bot: thresholds with their origin, switches, account mode, limits of freshness."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache


class Origin(StrEnum):
    """Where an effective threshold came from; the earlier beats the later."""

    BOT = "bot"
    ENVIRONMENT = "environment"
    DEFAULTS = "defaults"
    BUILTIN = "builtin"


class AccountMode(StrEnum):
    """What the account map says of a bot's account; ``expected_probe`` is the probe status that must follow."""

    PROBE = "probe"
    DISABLED = "disabled"
    PAPER_ONLY = "paper_only"

    @property
    def expected_probe(self) -> str:
        return "ok" if self is AccountMode.PROBE else self.value


@dataclass(frozen=True, slots=True)
class Limit:
    """An effective numeric threshold and its origin."""

    value: Decimal
    origin: Origin


@dataclass(frozen=True, slots=True)
class Switch:
    """An effective on/off value and its origin."""

    on: bool
    origin: Origin


SWITCH_KEYS = (
    "enabled",
    "inventory_check_enabled",
    "exchange_check_enabled",
    "fill_parity_check_enabled",
    "accounting_check_enabled",
)
LIMIT_KEYS = (
    "inventory_warn",
    "inventory_critical",
    "exchange_drift_warn",
    "exchange_drift_critical",
    "fee_drop_warn",
    "fee_drop_critical",
    "turnover_fee_gap_warn",
)


@dataclass(frozen=True, slots=True)
class Account:
    """The bot's entry in the account map, defaults of the map applied."""

    exchange: str
    credential_prefix: str
    mode: AccountMode


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old data may be: ``minute_rows`` in multiples of the rows' cadence, ``events`` that of the event store."""

    minute_rows: Decimal
    snapshot: timedelta
    future_skew: timedelta
    events: timedelta = timedelta(hours=1)

    def oldest_row(self, cadence: timedelta) -> timedelta:
        """The age up to which the newest of rows at this distance is fresh."""
        return _multiple(self.minute_rows, cadence)


@lru_cache(maxsize=1024)
def _multiple(factor: Decimal, cadence: timedelta) -> timedelta:
    """Exact for whoever compares an age with it: ages are whole microseconds, as this is rounded down to."""
    above, below = factor.as_integer_ratio()
    return cadence * above // below


@dataclass(frozen=True, slots=True)
class BotPolicy:
    """Everything that a person decided about one bot; values are effective, precedence already applied.

    ``switches`` has every key of SWITCH_KEYS, ``limits`` every key of LIMIT_KEYS. ``account`` is None where the map
    has neither the bot nor defaults. ``exchange_source`` is False where no exchange snapshot is configured.
    """

    bot: str
    switches: Mapping[str, Switch]
    limits: Mapping[str, Limit]
    account: Account | None
    exchange_source: bool
    freshness: Freshness
    fee_drop_relative_floor: Decimal
    identity_tolerance: Decimal
    equity_jump_ratio: Decimal

    def __hash__(self) -> int:
        """By the bot alone, so that what is worked out of a policy can be kept for as long as it stands."""
        return hash(self.bot)

    def is_on(self, key: str) -> bool:
        """Whether the switch is on."""
        return self.switches[key].on

    def limit(self, key: str) -> Decimal:
        """The effective threshold."""
        return self.limits[key].value
