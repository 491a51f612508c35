"""Every check's known break in every cycle, and which checks do not find theirs.

The files stand until the next day and are read in every cycle. Where something is missed they are written anew before
it counts: a folder that was tidied up meanwhile is no blindness.
"""

from collections.abc import Mapping
from datetime import datetime

import structlog

from recon_exporter.canaries.stage import Stage
from recon_exporter.canaries.told import Sought, Told
from recon_exporter.domain.check import Canary, Check
from recon_exporter.domain.decision import bot_status
from recon_exporter.domain.file_canary import BOT, FileCanary, noon
from recon_exporter.domain.finding import CheckResult
from recon_exporter.domain.report import ExpectedBot, Report
from recon_exporter.evidence import verdict_of
from recon_exporter.judging import Judge
from recon_exporter.ports import Clock

UNWRITTEN = "the files of the canaries cannot be written, in the folder for temporary files"
NOT_FOUND = "its known break was not found in this cycle"
LOG = structlog.get_logger(__name__)


class CanaryFleet:
    """Looks for the known break of each of these checks. Not to be asked twice at once; ``close`` removes its files."""

    def __init__(self, checks: Mapping[str, Check], clock: Clock) -> None:
        self._checks = checks
        self._judge = Judge(checks)
        self._clock = clock
        self._stage: Stage | None = None
        self._logged: Mapping[str, str] = {}

    def missed(self, now: datetime) -> Mapping[str, str]:
        """The checks that do not find their known break, each with the reason; never raises."""
        before = self._stage
        missed = self._missed(now)
        if missed and before is not None and before is self._stage:
            self.close()
            missed = self._missed(now)
        if missed and missed != self._logged:
            LOG.error("canaries missed", checks=", ".join(missed), why="; ".join(dict.fromkeys(missed.values())))
        self._logged = missed
        return missed

    def close(self) -> None:
        """Remove the files; the next look writes them anew."""
        stage, self._stage = self._stage, None
        if stage is not None:
            stage.close()

    def _missed(self, now: datetime) -> Mapping[str, str]:
        in_files: dict[str, FileCanary] = {}
        missed: dict[str, str] = {}
        for name, check in self._checks.items():
            try:
                canary = check.canary(now)
                if isinstance(canary, FileCanary):
                    in_files[name] = canary
                else:
                    missed.update(self._missed_in_evidence(name, canary))
            except Exception as error:  # noqa: BLE001  # whatever it is, this canary was not found
                missed[name] = f"its canary failed: {_told(error)}"
        missed.update(self._missed_in_files(in_files, noon(now)) if in_files else {})
        return dict(sorted(missed.items()))

    def _missed_in_files(self, canaries: Mapping[str, FileCanary], at: datetime) -> Mapping[str, str]:
        try:
            stage = self._staged(canaries, at)
            return {name: why.replace(f"{stage.folder}/", "") for name, why in _missed_on(stage).items()}
        except OSError as error:
            why = f"{UNWRITTEN}: {error.strerror or error}"
        except Exception as error:  # noqa: BLE001  # whatever it is, the canaries were not found
            why = f"the cycle of the canaries failed: {_told(error)}"
        return dict.fromkeys(canaries, why)

    def _staged(self, canaries: Mapping[str, FileCanary], at: datetime) -> Stage:
        if self._stage is None or (self._stage.at, self._stage.canaries) != (at, canaries):
            self.close()
            self._stage = Stage(canaries, self._judge, self._clock, at)
        return self._stage

    def _missed_in_evidence(self, name: str, canary: Canary) -> Mapping[str, str]:
        evidence = canary.evidence
        results = (self._judge.result(name, evidence),)
        of_bot = verdict_of(ExpectedBot(evidence.bot, (BOT,)), evidence, results)
        report = Report(evidence.now, 0.0, bot_status(results), (), (), (of_bot,), {}, ())
        return _missing_from(report, {name: Sought(evidence.bot, name, canary.code, {})})


def _missed_on(stage: Stage) -> Mapping[str, str]:
    report = stage.report()
    if report.blind_fleets:
        return dict.fromkeys(
            stage.canaries, f"the files of the canaries cannot be read: {report.blind_fleets[0].detail}"
        )
    sought = {name: Sought(name, name, canary.code, canary.details) for name, canary in stage.canaries.items()}
    return _missing_from(report, sought)


def _missing_from(report: Report, sought: Mapping[str, Sought]) -> Mapping[str, str]:
    told = Told(report)
    results = {(result.bot, result.check): result for bot in report.bots for result in bot.results}
    return {name: _why(results.get((of.bot, of.check))) for name, of in sought.items() if not told.holds(of)}


def _why(result: CheckResult | None) -> str:
    if result is None or result.unverified is None:
        return NOT_FOUND
    return f"its known break could not be seen: {result.unverified.reason}, {result.unverified.detail}"


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
