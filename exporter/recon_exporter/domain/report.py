"""Everything that one cycle established, immutable: the only thing that sinks receive."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from recon_exporter.domain.eod_view import EodView
from recon_exporter.domain.finding import CheckResult, Finding, Reason, Severity
from recon_exporter.domain.policy import BotPolicy
from recon_exporter.domain.statement import MinuteRow, SourceHealth


class Status(StrEnum):
    """The status of a bot and of a report; worse is later, except that unknown ranks as warning for the webhook."""

    OK = "ok"
    UNKNOWN = "unknown"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class ExpectedBot:
    """A bot that must be there, and why: found, thresholds, account_map, seen."""

    bot: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BotVerdict:
    """One bot's results, in the order of the checks' names.

    ``status`` is None for a bot that a person took out (``enabled: false``, or forgotten): its checks are all disabled.
    ``newest`` is the ledger's last row, for the accounting snapshot; None where there is none.
    ``bad_lines`` is None while the ledger cannot be read: a count that fell to zero would seem to rise again after it.
    ``permissions`` says of trade and withdraw whether the bot's key may, where the venue tells.
    """

    bot: str
    status: Status | None
    results: tuple[CheckResult, ...]
    policy: BotPolicy
    newest: MinuteRow | None
    health: tuple[SourceHealth, ...]
    bad_lines: Mapping[str, int] | None
    probe_status: str | None
    permissions: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BlindFleet:
    """A fleet in which no bot was found: nobody can say whom it should hold, so nothing about it is in order."""

    fleet: str
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """One cycle's outcome. ``at`` is the time of judgement, ``first_seen`` by Finding.identity.

    ``expected`` are the bots that must be there; a verdict exists for each of them and for those taken out by a person.
    ``canaries_missed`` are names of checks that did not find their known break. ``eod`` is what
    stands of end-of-day runs.
    """

    at: datetime
    duration_seconds: float
    status: Status
    expected: tuple[ExpectedBot, ...]
    checked: tuple[str, ...]
    bots: tuple[BotVerdict, ...]
    first_seen: Mapping[tuple[str, str, str, str], datetime]
    canaries_missed: tuple[str, ...]
    synthetic: bool = False
    eod: EodView | None = None
    blind_fleets: tuple[BlindFleet, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, sorted by bot, check, code and severity."""
        found = (finding for bot in self.bots for result in bot.results for finding in result.findings)
        return tuple(sorted(found, key=lambda finding: finding.identity))

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(finding.severity is severity for finding in self.findings)
