"""The lower half of the end-of-day dashboard: breaks, halts and history over time."""

from typing import Any

import links
import selecting
from panels import graph, over_time, rows, states
from shared_panels import DAY

_WSB = selecting.of_bots("wsb_eod_reconciliation_breaks_total")
_OLDEST = selecting.of_bots("recon_break_oldest_opened_timestamp_seconds")


def breaks() -> Any:
    by = "by (job, bot, break_type)"
    return rows(
        "Open breaks",
        "Open breaks by bot, type and state, with what they are worth and since when the oldest is open. An accepted "
        "break has no worth and no age here; a worth that is not known is UNKNOWN. The exporter's page explains each "
        "break and has the steps that correct it.",
        {
            "Breaks": f"sum {by} ({selecting.of_bots('recon_breaks_open')})",
            "Exposure, USD": f"sum {by} ({selecting.of_bots('recon_break_exposure_usd')})",
            "Oldest, days": f"(time() - min {by} ({_OLDEST})) / {DAY}",
        },
        labels=(
            "bot",
            "break_type",
        ),
        goes_to=(links.breaks_of_bot(), links.runbook("ReconciliationBreaks"), links.dashboard_of_bot()),
        unit="none",
        steps=((0, "yellow"), (1, "orange")),
        empty="No break is known",
        sort="Oldest, days",
    )


def trends() -> tuple[Any, ...]:
    return (
        graph(
            "Breaks of the latest run by type",
            "Breaks of the latest completed run by type. Good is 0. Alert: ReconciliationBreaks.",
            (over_time(f"sum by (break_type) ({_WSB})", "{{break_type}}"),),
            stacked=True,
            goes_to=(links.runbook("ReconciliationBreaks"),),
        ),
        graph(
            "Age of the oldest break by type",
            "How long the oldest open break of each type has been open, with the limits of ReconciliationBreakAgeing: "
            "one day and seven. Good is no line.",
            (
                over_time(
                    f"time() - min by (bot, break_type) ({_OLDEST})",
                    "{{bot}} {{break_type}}",
                ),
            ),
            unit="s",
            steps=((0, "yellow"), (DAY, "orange"), (7 * DAY, "red")),
            goes_to=(links.runbook("ReconciliationBreakAgeing"),),
        ),
        graph(
            "Exposure by bot",
            "What open breaks are worth by bot and type, where it is known. Good is no line. Alert: "
            "ReconciliationExposureMaterial.",
            (
                over_time(
                    f"sum by (bot, break_type) ({selecting.of_bots('recon_break_exposure_usd')})",
                    "{{bot}} {{break_type}}",
                ),
            ),
            unit="currencyUSD",
            stacked=True,
            goes_to=(links.dashboard_of_bot(of_series=True), links.breaks()),
        ),
        graph(
            "Positions missing by bot",
            "Positions that one side does not have, by the latest run of each bot. Good is 0. Alert: "
            "ReconciliationPositionsMissing.",
            (over_time(selecting.of_bots("recon_positions_missing"), "{{bot}}"),),
            goes_to=(links.runbook("ReconciliationPositionsMissing"),),
        ),
    )


def halts() -> Any:
    return states(
        "Halts latched",
        "Halts by bot and reason, from the run that requested them until a person cleared them. Good is empty. Alerts: "
        "ReconciliationTradingHalted, ReconciliationHaltActionFailed.",
        f"max by (bot, reason) ({selecting.of_bots('recon_halt_active')})",
        "{{bot}} {{reason}}",
        words=((1, "HALTED", "red"),),
        goes_to=(links.runbook("ReconciliationTradingHalted"),),
        width=12,
    ).no_value("No halt is known")


def schedule() -> Any:
    due, completed = "recon_eod_due_timestamp_seconds", "recon_eod_last_completed_timestamp_seconds"
    return rows(
        "Due and done",
        "For each bot when its run was last due and when a run with both sides verified last ended. Good is done after "
        "due. Alert: ReconciliationEodRunMissed.",
        {
            "Due": f"1000 * max by (job, bot) ({selecting.of_bots(due)})",
            "Done": f"1000 * max by (job, bot) ({selecting.of_bots(completed)})",
        },
        labels=("bot",),
        goes_to=(links.dashboard_of_bot(), links.runbook("ReconciliationEodRunMissed")),
        unit="dateTimeAsIso",
        width=12,
        height=8,
    )


def history() -> tuple[Any, ...]:
    buckets = selecting.of_bots("recon_break_resolution_seconds_bucket")
    resolved = "recon_breaks_resolved_total"
    return (
        graph(
            "Opened and resolved",
            "Breaks opened and resolved in each step of the graph. Where more open than resolve for days, differences "
            "pile up.",
            (
                over_time(
                    f"sum(increase({selecting.of_bots('recon_breaks_opened_total')}[$__rate_interval]))", "opened"
                ),
                over_time(f"sum(increase({selecting.of_bots(resolved)}[$__rate_interval]))", "resolved"),
            ),
        ),
        graph(
            "Time to resolve",
            "How long breaks that were resolved had been open, since the exporter's state exists: half of them took no "
            "longer than the lower line, nine of ten no longer than the upper. A gap: none was resolved yet.",
            (
                over_time(f"histogram_quantile(0.5, sum by (break_type, le) ({buckets}))", "half {{break_type}}"),
                over_time(
                    f"histogram_quantile(0.9, sum by (break_type, le) ({buckets}))", "nine of ten {{break_type}}"
                ),
            ),
            unit="s",
        ),
        graph(
            "Length of the audit log",
            "Entries of the audit log. It only grows; a fall means that its end was cut off. Alert: "
            "ReconciliationAuditChainBroken.",
            (over_time(selecting.of_jobs("recon_audit_sequence"), "{{instance}}"),),
            goes_to=(links.runbook("ReconciliationAuditChainBroken"),),
        ),
        graph(
            "Changes of the audit log's head",
            "How often the head of the audit log and its length changed. Good is two equal lines: a head that changes "
            "without an entry was rewritten. Alert: ReconciliationAuditChainBroken.",
            (
                over_time(f"changes({selecting.of_jobs('recon_audit_head')}[1d])", "{{instance}} head"),
                over_time(f"changes({selecting.of_jobs('recon_audit_sequence')}[1d])", "{{instance}} length"),
            ),
            goes_to=(links.runbook("ReconciliationAuditChainBroken"),),
        ),
    )
