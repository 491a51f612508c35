"""End of day: which breaks are open, since when, worth what; did the runs take place; what became of earlier breaks?"""

from typing import Any

import end_of_day_graphs
import links
import selecting
import shared_panels
from board import Section, dashboard
from looks import WORTH_A_LOOK, YES_OR_NO
from panels import number
from shared_panels import DAY

OVERDUE = 3000
"""Seconds after its time at which a run counts as overdue, before the ten minutes that the alert waits."""
_WSB = selecting.of_bots("wsb_eod_reconciliation_breaks_total")


def build() -> dict[str, Any]:
    """The dashboard."""
    return dashboard(
        "recon-eod",
        "Reconciliation / End of day",
        "Which breaks are open, since when, worth what? Did the runs take place, on both sides verified? What became "
        "of earlier breaks?",
        (
            Section("What is open?", *_open()),
            Section("Did the runs take place?", *_runs()),
            Section("Breaks", end_of_day_graphs.breaks(), *end_of_day_graphs.trends()),
            Section("Halts and schedule", end_of_day_graphs.halts(), end_of_day_graphs.schedule()),
            Section("History", *end_of_day_graphs.history()),
        ),
        back="now-14d",
        refresh="1m",
    )


def _open() -> tuple[Any, ...]:
    return (
        number(
            "Breaks of the latest run",
            "Breaks open as of the latest completed run of each bot. Good is 0, as long as no run is overdue and the "
            "last verdict is young. Alert: ReconciliationBreaks.",
            f"sum({_WSB})",
            goes_to=(links.runbook("ReconciliationBreaks"), links.breaks()),
        ),
        shared_panels.exposure(),
        shared_panels.oldest_break(),
        number(
            "Positions missing",
            "Positions that one side does not have, by the latest runs. Good is 0; from three on, at the policy's "
            "default, trading halts and the whole book is compared by hand: ReconciliationPositionsMissing.",
            f"sum({selecting.of_bots('recon_positions_missing')})",
            steps=((0, "green"), (1, "orange"), (3, "red")),
            goes_to=(links.runbook("ReconciliationPositionsMissing"), links.breaks()),
        ),
        shared_panels.halts(),
        number(
            "Halt actions failed",
            "Attempts to stop a bot in the time range that were not confirmed: it may still trade. Good is 0; UNKNOWN "
            "where no action is configured. Alert: ReconciliationHaltActionFailed.",
            selecting.gained(selecting.of_bots("recon_halt_action_failures_total")),
            goes_to=(links.runbook("ReconciliationHaltActionFailed"),),
        ),
    )


def _runs() -> tuple[Any, ...]:
    due = f"max by (job, bot) ({selecting.of_bots('recon_eod_due_timestamp_seconds')})"
    completed = f"max by (job, bot) ({selecting.of_bots('recon_eod_last_completed_timestamp_seconds')})"
    return (
        shared_panels.exporter_up(),
        number(
            "Runs overdue",
            "Bots whose run was due 50 minutes ago and has not ended with both sides verified. Good is 0. Alert: "
            "ReconciliationEodRunMissed, ten minutes later.",
            f"count(\n  time() - {due} > {OVERDUE}\n  unless on (job, bot) {completed} >= on (job, bot) {due}\n)\n"
            f"or 0 * count({due})",
            goes_to=(links.runbook("ReconciliationEodRunMissed"),),
        ),
        number(
            "Oldest verdict",
            "How long ago the latest verified run of the bot that waits longest ended. Good is less than the distance "
            "between runs; orange from eight days: ReconciliationEodUnverified.",
            f"max(time() - {completed})",
            unit="s",
            steps=((0, "green"), (8 * DAY, "orange")),
            goes_to=(links.runbook("ReconciliationEodUnverified"),),
        ),
        number(
            "Bots without verdict",
            "Bots of which the latest run could not verify both sides, or opened nothing because too much differed at "
            "once. Good is 0. Alert: ReconciliationEodUnverified.",
            selecting.blind_checks(check="eod"),
            steps=WORTH_A_LOOK,
            goes_to=(links.runbook("ReconciliationEodUnverified"), links.runs()),
        ),
        number(
            "Audit log",
            "Whether the chain of the audit log holds; cut or rewritten ends are seen below. Alert: "
            "ReconciliationAuditChainBroken.",
            f"min({selecting.of_jobs('recon_audit_chain_valid')})",
            words=YES_OR_NO,
            goes_to=(links.runbook("ReconciliationAuditChainBroken"),),
        ),
        number(
            "Opened in the time range",
            "Breaks of any check opened in the time range. How many are usual is for each fleet to know.",
            selecting.gained(selecting.of_bots("recon_breaks_opened_total")),
            steps=((0, "text"),),
            goes_to=(links.breaks(),),
        ),
    )
