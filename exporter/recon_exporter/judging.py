"""Putting every check to every bot, and every check to its canary: one bot's or one check's failure is its own."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import structlog

from recon_exporter.domain.check import Check, Evidence
from recon_exporter.domain.finding import CheckResult, Detail, Finding, Reason, Severity, Unverified
from recon_exporter.domain.statement import Book

ROWS_NOT_JUDGED = "rows_not_judged"
LOG = structlog.get_logger(__name__)


class Judge:
    """Runs the checks. One that raises becomes *unverified*, its traceback is logged once for each bot and cause."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = tuple(checks[name] for name in sorted(checks))
        self._logged: set[tuple[str, str, str]] = set()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the checks, sorted."""
        return tuple(check.name for check in self._checks)

    def missed_canaries(self, now: datetime) -> tuple[str, ...]:
        """The checks that do not find their known break."""
        return tuple(check.name for check in self._checks if not self._finds_canary(check, now))

    def results(self, evidence: Evidence, missed: Iterable[str]) -> tuple[CheckResult, ...]:
        """What every check says of one bot; a check that missed its canary says nothing that counts."""
        blind = set(missed)
        judged = [
            _blind(check, evidence) if check.name in blind else self._guarded(check, evidence) for check in self._checks
        ]
        return tuple(judged)

    def taken_out(self, bot: str) -> tuple[CheckResult, ...]:
        """Every check switched off, for a bot that a person took out."""
        return tuple(CheckResult(check.name, bot, enabled=False) for check in self._checks)

    def _finds_canary(self, check: Check, now: datetime) -> bool:
        try:
            canary = check.canary(now)
            found = check.judge(canary.evidence).findings
        except Exception as error:  # noqa: BLE001  # a canary that cannot be judged is a canary missed
            self._log_once(check.name, "canary", error)
            return False
        return any(finding.message == canary.code for finding in found)

    def _guarded(self, check: Check, evidence: Evidence) -> CheckResult:
        try:
            return check.judge(evidence)
        except Exception as error:  # noqa: BLE001  # the other bots and checks get their verdicts
            self._log_once(check.name, evidence.bot, error)
            why = Unverified(Reason.CHECK_FAILED, f"the check raised {type(error).__name__}: {error}")
            return CheckResult(check.name, evidence.bot, _lost_steps(check, evidence), why)

    def _log_once(self, check: str, bot: str, error: Exception) -> None:
        cause = (check, bot, type(error).__name__)
        if cause not in self._logged:
            self._logged.add(cause)
            LOG.error("check failed", check=check, bot=bot, exc_info=error)


def _blind(check: Check, evidence: Evidence) -> CheckResult:
    why = Unverified(Reason.CANARY_MISSED, f"{check.name} did not find its known break in this cycle")
    return CheckResult(check.name, evidence.bot, _lost_steps(check, evidence), why)


def _lost_steps(check: Check, evidence: Evidence) -> tuple[Finding, ...]:
    """Says until the end of the day that rows passed which this check never judged: it may not be ok again before."""
    rows = evidence.book.rows if isinstance(evidence.book, Book) else ()
    if not check.follows_steps or not rows:
        return ()
    details: dict[str, Detail] = {"rows": len(rows), "first_row_at": rows[0].at, "last_row_at": rows[-1].at}
    return (Finding(Severity.WARNING, check.name, ROWS_NOT_JUDGED, evidence.bot, details, step_at=rows[-1].at),)
