"""What a check reports: findings, or that it could not see.

A finding is data, never an exception. *Unverified* is a result of its own and never counts as clean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recon_exporter.domain.differences import Differences

Detail = str | int | bool | None | Decimal | datetime | Sequence["Detail"] | Mapping[str, "Detail"]


class Severity(StrEnum):
    """How bad a finding is."""

    WARNING = "warning"
    CRITICAL = "critical"


class CheckStatus(StrEnum):
    """The state of one check for one bot, as the report's ``checks`` and the status page show it."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNVERIFIED = "unverified"
    DISABLED = "disabled"


class Reason(StrEnum):
    """Why a check is unverified; stable codes, the values of the label ``reason``."""

    SOURCE_MISSING = "source_missing"
    SOURCE_STALE = "source_stale"
    SOURCE_MALFORMED = "source_malformed"
    SOURCE_UNREADABLE = "source_unreadable"
    SOURCE_INCOMPLETE = "source_incomplete"
    INPUT_MISSING = "input_missing"
    NOT_INDEPENDENT = "not_independent"
    PROBE_NOT_OK = "probe_not_ok"
    VENUE_UNREACHABLE = "venue_unreachable"
    CREDENTIALS_REFUSED = "credentials_refused"
    RATE_LIMITED = "rate_limited"
    TIME_IN_FUTURE = "time_in_future"
    DEADLINE_EXCEEDED = "deadline_exceeded"
    CHECK_FAILED = "check_failed"
    CANARY_MISSED = "canary_missed"
    MOVED_WHILE_READ = "moved_while_read"
    MASS_BREAK = "mass_break"
    NOT_RUN = "not_run"


class Measure(StrEnum):
    """A number that a check established on its way, published as a gauge of the bot."""

    INVENTORY_DRIFT = "inventory_drift"
    EXCHANGE_DRIFT = "exchange_drift"
    IDENTITY_ERROR = "identity_error"
    BASE_LEDGER = "base_ledger"
    BASE_TARGET = "base_target"
    BASE_VENUE = "base_venue"
    FILLS_LEDGER = "fills_ledger"
    FILLS_EVENTS = "fills_events"
    FILLS_VENUE = "fills_venue"
    FILLS_PENDING = "fills_pending"
    FILL_DIFFERENCE = "fill_difference"
    EQUITY = "equity"
    FEES_PAID = "fees_paid"
    TURNOVER = "turnover"


@dataclass(frozen=True, slots=True)
class Finding:
    """One anomaly: ``message`` is a stable code, the numbers stand in ``details``.

    ``step_at`` is set where the anomaly lies between two rows of the ledger: the time of the later row. Such a finding
    stays current until the end of that row's UTC day, because the step is not seen again.
    """

    severity: Severity
    check: str
    message: str
    bot: str
    details: Mapping[str, Detail] = field(default_factory=dict)
    step_at: datetime | None = None

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What stays the same when only the amounts change: bot, check, code, severity."""
        return (self.bot, self.check, self.message, self.severity)


@dataclass(frozen=True, slots=True)
class Unverified:
    """A check that could not be evaluated, with its reason in a code and in words."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check established about one bot.

    ``unverified`` and ``findings`` may stand together: a finding such as ``missing_minute_snapshot`` says what is
    wrong, ``unverified`` that the comparison itself was not made. ``enabled`` False means a person or the account's
    mode switched the comparison off. ``differences`` is set where the check compared both sides: its breaks have a
    life.
    """

    check: str
    bot: str
    findings: tuple[Finding, ...] = ()
    unverified: Unverified | None = None
    enabled: bool = True
    measures: Mapping[Measure, Decimal] = field(default_factory=dict)
    differences: "Differences | None" = None

    @property
    def is_evaluated(self) -> bool:
        """Whether the check was judged: it is on, and it could see."""
        return self.enabled and self.unverified is None

    @property
    def status(self) -> CheckStatus:
        """disabled, else unverified, else the worst finding, else ok."""
        if not self.enabled:
            return CheckStatus.DISABLED
        if self.unverified is not None:
            return CheckStatus.UNVERIFIED
        if not self.findings:
            return CheckStatus.OK
        critical = any(finding.severity is Severity.CRITICAL for finding in self.findings)
        return CheckStatus.CRITICAL if critical else CheckStatus.WARNING
