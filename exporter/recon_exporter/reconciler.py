"""``PositionReconciler``: the end-of-day reconciliation as a call, for scripts and for the runbook's snippets."""

import os
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from recon_exporter import app, logs
from recon_exporter.clock import SystemClock
from recon_exporter.domain.eod_document import reconciliation
from recon_exporter.domain.eod_report import EodReport, told_unverified
from recon_exporter.domain.finding import Reason
from recon_exporter.eod import Occasion
from recon_exporter.eod_runs import EodRuns
from recon_exporter.errors import ReconciliationError
from recon_exporter.settings.loading import load
from recon_exporter.settings.model import Settings
from recon_exporter.settings.overrides import Overrides
from recon_exporter.state import open_state
from recon_exporter.telemetry import Telemetry


class Unverified(ReconciliationError):
    """A side could not be read or proven, so there is no number of breaks.

    ``bot`` is whose, ``side`` is ledger, venue or both, ``reason`` a stable code; ``str()`` says it in words.
    """

    def __init__(self, bot: str, side: str, reason: str, detail: str) -> None:
        super().__init__(f"{bot}: {told_unverified(side)} ({reason}): {detail}")
        self.bot = bot
        self.side = side
        self.reason = reason


class PositionReconciler:
    """Reconciles the positions of all bots that have an end-of-day run.

    The configuration is found as the command line finds it: ``config_file``, else RECON_CONFIG_FILE, else
    ``config/recon.yml``, below ``directory``; or as ``overrides`` say, which are the flags of the command line.
    """

    def __init__(
        self,
        config_file: str | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
        overrides: Overrides | None = None,
    ) -> None:
        self._overrides = overrides or Overrides(config_file)
        self._environment = os.environ if environment is None else environment
        self._directory = directory or Path()

    def reconcile(self, bot: str | None = None, *, record: bool = True) -> dict[str, Any]:
        """One run of every bot, or of one: ``{"discrepancies": […], "break_count": n}``.

        With ``record`` False it only looks. Raises Unverified where any side could not be read or proven, or no bot has
        an end-of-day run; ConfigurationError and StateError where nothing could be run.
        """
        reports = self.run(bot, record=record)
        if not reports:
            raise Unverified("every bot", "both", Reason.NOT_RUN.value, "no bot has an end-of-day run")
        for report in reports:
            if report.unverified is not None:
                why = report.unverified.why
                raise Unverified(report.bot, report.unverified.side, why.reason.value, why.detail)
        return reconciliation(reports)

    def run(self, bot: str | None = None, *, record: bool = True) -> tuple[EodReport, ...]:
        """The reports of the runs, also of those without verdict. Raises ReconciliationError for an unknown bot."""
        logs.keep_off_standard_output()
        return reconciled(load(self._overrides, self._environment, self._directory), bot, record=record)


def reconciled(
    settings: Settings, bot: str | None, *, record: bool, opens_mass_break: bool = False
) -> tuple[EodReport, ...]:
    """The reports of one run of every bot, or of one, under these settings; told to the sinks where it is recorded.

    With every bot come those that no run reaches any more, without verdict. ``opens_mass_break`` opens all new breaks,
    however many: a person has found the sources to be right.
    """
    clock = SystemClock()
    with closing(open_state(settings.state.url.get_secret_value())) as state:
        runs = EodRuns(settings, state, clock)
        subjects = runs.subjects()
        if bot is not None and bot not in subjects:
            known = ", ".join(sorted(subjects)) or "no bot"
            raise ReconciliationError(f"{bot} has no end-of-day run; configured: {known}")
        chosen = [subjects[bot]] if bot is not None else list(subjects.values())
        gone = runs.out_of_reach() if bot is None else ()
        if not record:
            return (*(runs.look(subject) for subject in chosen), *gone)
        occasion = Occasion(opens_mass_break=opens_mass_break)
        reports = (*runs.run_all({subject.bot: occasion for subject in chosen}), *gone)
        app.build_deliveries(settings, state, clock, Telemetry("", (), ())).deliver()
        return reports
