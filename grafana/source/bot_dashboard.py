"""Bot: what is wrong with this bot, since when, and what does its verdict stand on?"""

from typing import Any

import bot_accounts
import links
import selecting
import shared_panels
from board import Section, dashboard
from looks import STATES, WORTH_A_LOOK
from panels import graph, number, over_time, rows, states


def build() -> dict[str, Any]:
    """The dashboard."""
    return dashboard(
        "recon-bot",
        "Reconciliation / Bot",
        "What is wrong with this bot, since when, and what does its verdict stand on? Made for one bot or a few: "
        "choose them above, or come from the fleet.",
        (
            Section("Is its money right?", *_money()),
            Section("Can we see it?", *_sight()),
            Section("What is found", shared_panels.firing_alerts(width=12), _findings(), _checks()),
            Section("Drift against its limits", *_drift()),
            Section("Fills and accounting", *bot_accounts.accounting()),
            Section("Books against venue", *bot_accounts.both_sides()),
            Section("Sources and venue", *bot_accounts.sources()),
        ),
    )


def _money() -> tuple[Any, ...]:
    return (
        number(
            "Status",
            "The worst status among the selected bots. UNKNOWN: something could not be judged, or the bot has left the "
            "exporter's page.",
            f"max(\n{selecting.status_of_bots()}\n)",
            words=STATES,
            goes_to=(links.runs(),),
        ),
        shared_panels.critical_findings(),
        number(
            "Warnings",
            "Current findings that want a look today. Good is 0, which only evaluated checks say.",
            selecting.findings("warning"),
            steps=WORTH_A_LOOK,
            goes_to=(links.runs(),),
        ),
        shared_panels.open_breaks(links.dashboard("recon-eod", "End of day", keeps_bot=True)),
        shared_panels.exposure(links.dashboard("recon-eod", "End of day", keeps_bot=True)),
        shared_panels.halts(),
    )


def _sight() -> tuple[Any, ...]:
    last_verdict = selecting.of_bots("recon_check_last_evaluated_timestamp_seconds")
    trade, withdraw = (
        selecting.of_bots("recon_credential_permission", permission=name) for name in ("trade", "withdraw")
    )
    return (
        shared_panels.blind_checks(),
        number(
            "Oldest verdict",
            "How long ago the check that waits longest was last judged. Good is about one cycle; orange from a quarter "
            "of an hour, when ReconciliationCheckUnverified fires.",
            f"max(time() - {last_verdict})",
            unit="s",
            steps=((0, "green"), (900, "orange")),
            goes_to=(links.runs(),),
        ),
        shared_panels.sources_down(),
        number(
            "Unreadable lines",
            "Lines of the bot's files that could not be read, in the time range. Good is 0. Alert: "
            "ReconciliationSourceLinesUnreadable.",
            selecting.gained(selecting.of_bots("recon_source_bad_lines_total")),
            steps=WORTH_A_LOOK,
            goes_to=(links.runbook("ReconciliationSourceLinesUnreadable"),),
        ),
        number(
            "The key may",
            "The strongest right of the keys that reconciliation uses, where the venue tells: they should only read. "
            "UNKNOWN where no venue tells. Alert: ReconciliationCredentialsTooPowerful.",
            f"max(2 * {withdraw} or {trade})",
            words=((0, "READ", "green"), (1, "TRADE", "orange"), (2, "WITHDRAW", "red")),
            goes_to=(links.runbook("ReconciliationCredentialsTooPowerful"),),
        ),
        number(
            "Differences not shown",
            "Symbols and assets that differ beyond the number that one bot may have series for: the lists of "
            "differences below are not complete. Good is 0; UNKNOWN where positions and balances are not compared. "
            "Alert: ReconciliationSeriesSuppressed.",
            f"sum({selecting.of_bots('recon_differences_not_shown')})",
            steps=WORTH_A_LOOK,
            goes_to=(links.breaks(),),
        ),
    )


def _findings() -> Any:
    return rows(
        "Findings",
        "Every current finding by its stable code. Good is empty, as long as no check lacks its verdict. The "
        "exporter's page of runs has the numbers behind each.",
        {"": f"max by (bot, check, code, severity) ({selecting.of_bots('recon_finding')})"},
        labels=(
            "code",
            "severity",
            "bot",
            "check",
        ),
        goes_to=(links.runs(), links.breaks_of_bot(), links.dashboard_of_bot()),
        empty="No finding is known",
        width=12,
        height=8,
    )


def _checks() -> Any:
    return states(
        "Status of checks",
        "The verdict of each check over time: UNKNOWN where it could not be judged or has left the page, OFF where a "
        "person or the mode of the account switched it off.",
        selecting.status_of_checks(),
        "{{bot}} {{check}}",
        goes_to=(links.runs(),),
        height=10,
    )


def _drift() -> tuple[Any, ...]:
    return (
        _against_limits(
            "Inventory drift",
            "How far the base share of equity is from the bot's own target; dashed the lowest limits of the selected "
            "bots. A gap is a drift that could not be judged. Alert: ReconciliationInventoryDrift.",
            "recon_inventory_drift_ratio",
            ("inventory_warn", "inventory_critical"),
        ),
        _against_limits(
            "Exchange drift",
            "How far the base share in the books is from that at the venue; dashed the lowest limits of the selected "
            "bots. A gap is a drift that could not be judged. Alert: ReconciliationExchangeDrift.",
            "recon_exchange_drift_ratio",
            ("exchange_drift_warn", "exchange_drift_critical"),
        ),
        graph(
            "Base share by side",
            "What the drifts are made of: the base share of equity in the books, as the bot wants it, and at the "
            "venue. Good is three lines close together.",
            (over_time(selecting.of_bots("recon_base_ratio"), "{{bot}} {{side}}"),),
            unit="percentunit",
        ),
        graph(
            "Balance identity error",
            "How far equity is from quote balance plus base balance at mid price, relative to equity. Good is 0. "
            "Alert: ReconciliationBalanceBroken.",
            (over_time(selecting.of_bots("recon_balance_identity_error_ratio"), "{{bot}}"),),
            unit="percentunit",
            goes_to=(links.runbook("ReconciliationBalanceBroken"),),
        ),
    )


def _against_limits(title: str, description: str, metric: str, keys: tuple[str, str]) -> Any:
    warn, critical = (selecting.of_bots("recon_threshold", key=key) for key in keys)
    return graph(
        title,
        description,
        (
            over_time(selecting.of_bots(metric), "{{bot}}"),
            over_time(f"min({warn})", "warning limit"),
            over_time(f"min({critical})", "critical limit"),
        ),
        unit="percentunit",
        dashed={"warning limit": "orange", "critical limit": "red"},
        goes_to=(links.runs(),),
    )
