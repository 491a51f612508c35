"""Fleet: is any money wrong, and can we see?"""

from typing import Any

import links
import selecting
import shared_panels
from board import Section, dashboard
from looks import BAD, WORTH_A_LOOK
from panels import graph, number, over_time, rows, states


def build() -> dict[str, Any]:
    """The dashboard."""
    return dashboard(
        "recon-fleet",
        "Reconciliation / Fleet",
        "Is any money wrong, and can we see? The first line answers the first question, the second line the second: "
        "green above means something only where below is green too. Grey is UNKNOWN, never clean.",
        (
            Section("Is any money wrong?", *_money()),
            Section("Can we see?", *_sight()),
            Section("What to do next", shared_panels.firing_alerts(), _bots()),
            Section("Since when?", _over_time(), _drift(), _findings(), _blind(), _reasons()),
        ),
    )


def _money() -> tuple[Any, ...]:
    return (
        number(
            "Bots with critical status",
            "Bots with at least one critical finding. Good is 0.",
            selecting.bots_with_status("critical"),
            steps=BAD,
            goes_to=(links.dashboard("recon-bot", "Dashboard of bots", keeps_bot=True),),
        ),
        number(
            "Bots with warnings",
            "Bots whose worst finding is a warning. Good is 0.",
            selecting.bots_with_status("warning"),
            steps=WORTH_A_LOOK,
            goes_to=(links.dashboard("recon-bot", "Dashboard of bots", keeps_bot=True),),
        ),
        shared_panels.open_breaks(),
        shared_panels.exposure(),
        shared_panels.oldest_break(),
        shared_panels.halts(),
    )


def _sight() -> tuple[Any, ...]:
    return (
        shared_panels.exporter_up(),
        number(
            "Bots not checked",
            "Bots that must be there less those of which at least one check was evaluated, of the whole fleet. Good is "
            "0. Alerts: ReconciliationCoverageIncomplete, ReconciliationBotNotCovered.",
            f"sum(max by (job) ({selecting.of_jobs('recon_bots_expected')}))\n"
            f"- sum(max by (job) ({selecting.of_jobs('recon_bots_checked')}))",
            goes_to=(links.runbook("ReconciliationCoverageIncomplete"), links.runs()),
        ),
        shared_panels.blind_checks(),
        shared_panels.sources_down(),
        number(
            "Age of the last cycle",
            "The age of the last finished cycle as a share of the age at which ReconciliationCycleStale waits to fire: "
            "two intervals and a minute. Good is far below 100 %.",
            selecting.cycle_age(selecting.JOB),
            unit="percentunit",
            steps=((0, "green"), (1, "red")),
            goes_to=(links.dashboard("recon-exporter", "Dashboard of the exporter"),),
        ),
        number(
            "Canaries missed",
            "Planted differences that the last runs did not find: while there are any, no verdict of that check "
            "counts. Good is 0. Alert: ReconciliationCanaryMissed.",
            f"max({selecting.of_jobs('recon_canaries_missed')})",
            goes_to=(links.dashboard("recon-exporter", "Dashboard of the exporter"),),
        ),
    )


def _bots() -> Any:
    return rows(
        "Bots",
        "Every bot that was seen in the time range, those with most findings first. UNKNOWN is a bot of which "
        "something could not be judged, or that has left the page, and a number that nothing proves. A click on a "
        "cell leads to the bot and to the exporter's pages.",
        {
            "": selecting.status_words(),
            "Findings": selecting.findings(by=" by (job, bot)"),
            "No verdict": selecting.blind_checks(" by (job, bot)"),
            "Open breaks": selecting.open_breaks(" by (job, bot)"),
            "Exposure, USD": selecting.exposure(" by (job, bot)"),
        },
        labels=(
            "bot",
            "status",
        ),
        goes_to=(links.dashboard_of_bot(), links.breaks_of_bot(), links.runs()),
        unit="none",
        steps=((1, "orange"),),
        sort="Findings",
        height=12,
    )


def _over_time() -> Any:
    return states(
        "Status of bots",
        "The status of each bot over time, twenty bots a page. Grey is UNKNOWN, also after the exporter has vanished; "
        "dark grey a bot of which a person switched every check off.",
        selecting.status_of_bots(),
        "{{bot}}",
        goes_to=(links.dashboard_of_bot(of_series=True),),
        height=12,
    )


def _drift() -> Any:
    return graph(
        "Drift against its critical limit",
        "The drift of each bot as a share of its own critical limit: at 100 % the critical alert fires "
        "(ReconciliationInventoryDrift, ReconciliationExchangeDrift). A gap is a drift that could not be judged.",
        (
            over_time(_share("recon_inventory_drift_ratio", "inventory_critical"), "{{bot}} inventory"),
            over_time(_share("recon_exchange_drift_ratio", "exchange_drift_critical"), "{{bot}} exchange"),
        ),
        unit="percentunit",
        steps=((0, "green"), (1, "red")),
        goes_to=(links.dashboard_of_bot(of_series=True),),
    )


def _share(metric: str, key: str) -> str:
    return (
        f"max by (job, bot) ({selecting.of_bots(metric)})\n"
        f"/ on (job, bot)\nmin by (job, bot) ({selecting.of_bots('recon_threshold', key=key)})"
    )


def _findings() -> Any:
    return graph(
        "Findings",
        "Current findings of all selected bots by check and severity. Good is a line at 0; a check without a line was "
        "not judged. Alerts: one for each kind of finding.",
        (over_time(selecting.findings(by=" by (check, severity)"), "{{check}} {{severity}}"),),
        stacked=True,
        goes_to=(links.runs(),),
    )


def _blind() -> Any:
    return graph(
        "Checks without verdict, by check",
        "How many bots each check gave no verdict for. Good is 0. Alert: ReconciliationCheckUnverified.",
        (over_time(selecting.blind_checks(" by (check)"), "{{check}}"),),
        stacked=True,
        goes_to=(links.runs(),),
    )


def _reasons() -> Any:
    return rows(
        "Why checks have no verdict",
        "Each check that could not be judged, with the reason. Good is empty, as long as the exporter is UP. Alert: "
        "ReconciliationCheckUnverified.",
        {"": f"max by (bot, check, reason) ({selecting.of_bots('recon_check_unverified')})"},
        labels=(
            "bot",
            "check",
            "reason",
        ),
        goes_to=(links.dashboard_of_bot(), links.runbook("ReconciliationCheckUnverified"), links.runs()),
        empty="No check is known to lack its verdict",
        width=12,
        height=8,
    )
