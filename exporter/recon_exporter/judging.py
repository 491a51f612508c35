"""Putting every check to every bot: one bot's or one check's failure is its own, and a blind check has no say."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import structlog

from recon_exporter.domain.check import Check, Evidence
from recon_exporter.domain.finding import CheckResult, Detail, Finding, Reason, Severity, Unverified
from recon_exporter.domain.statement import Book

ROWS_NOT_JUDGED = "rows_not_judged"
LOG = structlog.get_logger(__name__)


class Canaries(Protocol):
    """Looks for the known break of every check."""

    def missed(self, now: datetime) -> Mapping[str, str]:
        """The checks that do not find theirs, each with the reason."""

    def close(self) -> None:
        """Give up what is held for them."""


class Judge:
    """Runs the checks. One that raises becomes *unverified*, its traceback is logged once for each bot and cause.

    Without ``canaries`` it is the judge of the canaries themselves.
    """

    def __init__(self, checks: Mapping[str, Check], canaries: Canaries | None = None) -> None:
        self._checks = {name: checks[name] for name in sorted(checks)}
        self._canaries = canaries
        self._logged: set[tuple[str, str, str]] = set()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the checks, sorted."""
        return tuple(self._checks)

    def missed_canaries(self, now: datetime) -> Mapping[str, str]:
        """The checks that do not find their known break, each with the reason."""
        return {} if self._canaries is None else self._canaries.missed(now)

    def close(self) -> None:
        """Look for no canaries any more."""
        if self._canaries is not None:
            self._canaries.close()

    def results(self, evidence: Evidence, missed: Mapping[str, str]) -> tuple[CheckResult, ...]:
        """What every check says of one bot; a check that missed its canary says nothing that counts."""
        judged = [
            _blind(check, evidence, missed[name]) if name in missed else self.result(name, evidence)
            for name, check in self._checks.items()
        ]
        return tuple(judged)

    def result(self, name: str, evidence: Evidence) -> CheckResult:
        """What one check says of one bot."""
        check = self._checks[name]
        try:
            return check.judge(evidence)
        except Exception as error:  # noqa: BLE001  # the other bots and checks get their verdicts
            self._log_once(name, evidence.bot, error)
            why = Unverified(Reason.CHECK_FAILED, f"the check raised {type(error).__name__}: {error}")
            return CheckResult(name, evidence.bot, _lost_steps(check, evidence), why)

    def results_of_sides(self, evidence: Evidence, missed: Mapping[str, str]) -> tuple[CheckResult, ...]:
        """What the checks say that compare both sides; all others are off, for a bot that no fleet holds."""
        on = {name for name, check in self._checks.items() if check.compares_sides}
        return tuple(
            result if result.check in on else CheckResult(result.check, evidence.bot, enabled=False)
            for result in (self.results(evidence, missed) if on else self.taken_out(evidence.bot))
        )

    def taken_out(self, bot: str) -> tuple[CheckResult, ...]:
        """Every check switched off, for a bot that a person took out."""
        return tuple(CheckResult(check.name, bot, enabled=False) for check in self._checks.values())

    def _log_once(self, check: str, bot: str, error: Exception) -> None:
        cause = (check, bot, type(error).__name__)
        if cause not in self._logged:
            self._logged.add(cause)
            LOG.error("check failed", check=check, bot=bot, exc_info=error)


def _blind(check: Check, evidence: Evidence, told: str) -> CheckResult:
    why = Unverified(Reason.CANARY_MISSED, told)
    return CheckResult(check.name, evidence.bot, _lost_steps(check, evidence), why)


def _lost_steps(check: Check, evidence: Evidence) -> tuple[Finding, ...]:
    """Says until the end of the day that rows passed which this check never judged: it may not be ok again before."""
    rows = evidence.book.rows if isinstance(evidence.book, Book) else ()
    if not check.follows_steps or not rows:
        return ()
    details: dict[str, Detail] = {"rows": len(rows), "first_row_at": rows[0].at, "last_row_at": rows[-1].at}
    return (Finding(Severity.WARNING, check.name, ROWS_NOT_JUDGED, evidence.bot, details, step_at=rows[-1].at),)
