"""The synthetic drift: a known critical finding added to a real report, marked, to prove the way of the alarm."""

from dataclasses import replace

from recon_exporter.domain.finding import CheckResult, Finding, Severity
from recon_exporter.domain.policy import BotPolicy
from recon_exporter.domain.report import BotVerdict, Report, Status

BOT = "test-bot"
CHECK = "synthetic_drift_test"
CODE = "synthetic_reconciliation_drift_triggered"


def with_synthetic_drift(report: Report, policy: BotPolicy) -> Report:
    """The report with one more bot whose only finding is the synthetic one; its status is critical."""
    finding = Finding(Severity.CRITICAL, CHECK, CODE, BOT, {"source": "manual_test"})
    verdict = BotVerdict(
        bot=BOT,
        status=Status.CRITICAL,
        results=(CheckResult(CHECK, BOT, (finding,)),),
        policy=policy,
        newest=None,
        health=(),
        bad_lines={},
        probe_status=None,
    )
    return replace(
        report,
        status=Status.CRITICAL,
        bots=tuple(sorted((*report.bots, verdict), key=lambda bot: bot.bot)),
        first_seen={**report.first_seen, finding.identity: report.at},
        synthetic=True,
    )
