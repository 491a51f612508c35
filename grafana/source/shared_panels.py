"""Panels that stand on more than one dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import links
import selecting
from looks import BAD, WORTH_A_LOOK
from panels import number, rows

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import stat, table

    from links import Link

DAY = 86400


def open_breaks(*goes_to: Link) -> stat.Panel:
    """How many breaks are open, of any check."""
    return number(
        "Open breaks",
        "Differences between books and venue that nobody has accepted, from cycles (seen once or confirmed) and from "
        "end-of-day runs. Good is 0, which is said only where every enabled check that finds breaks was judged; a "
        "number beside checks without a verdict is a lower bound. UNKNOWN where no such check is judged or none is "
        "configured. Alerts: ReconciliationBreaks, ReconciliationFillMissing, ReconciliationPositionMismatch.",
        selecting.open_breaks(),
        goes_to=(links.breaks(), *goes_to),
    )


def exposure(*goes_to: Link) -> stat.Panel:
    """What the open breaks are worth."""
    return number(
        "Exposure of open breaks",
        "What the open breaks are worth in US dollars, of those whose worth is known: at least this much is in doubt. "
        "Good is 0. Alert: ReconciliationExposureMaterial, at the limit of the policy.",
        selecting.exposure(),
        unit="currencyUSD",
        goes_to=(links.breaks(), *goes_to),
    )


def oldest_break(*goes_to: Link) -> stat.Panel:
    """How long the oldest break has been open."""
    return number(
        "Oldest open break",
        "How long the oldest open break has been open. Good is 0: none is open. Orange from one day, red from seven: "
        "ReconciliationBreakAgeing.",
        selecting.oldest_break(),
        unit="s",
        steps=((0, "green"), (1, "yellow"), (DAY, "orange"), (7 * DAY, "red")),
        goes_to=(links.breaks(), *goes_to),
    )


def halts() -> stat.Panel:
    """How many halts are latched."""
    return number(
        "Halts",
        "Halts that end-of-day runs requested and no person has cleared. Good is 0. Whether anything was really "
        "stopped says `recon-exporter halt list`. Alert: ReconciliationTradingHalted.",
        selecting.halts(),
        goes_to=(links.runbook("ReconciliationTradingHalted"), links.breaks()),
    )


def blind_checks(*goes_to: Link) -> stat.Panel:
    """How many checks gave no verdict."""
    return number(
        "Checks without verdict",
        "Enabled checks that could not be judged: neither clean nor broken. Good is 0. Alert: "
        "ReconciliationCheckUnverified.",
        selecting.blind_checks(),
        steps=WORTH_A_LOOK,
        goes_to=(*goes_to, links.runs()),
    )


def sources_down() -> stat.Panel:
    """How many sources could not be read."""
    return number(
        "Sources down",
        "Files, databases and venues of which the last read was not complete and fresh. Good is 0. Alerts: "
        "ReconciliationLedgerStale, ReconciliationCheckUnverified.",
        selecting.sources_down(),
        steps=WORTH_A_LOOK,
        goes_to=(links.runs(),),
    )


def exporter_up() -> stat.Panel:
    """Whether the exporter answers."""
    return number(
        "Exporter",
        "Whether Prometheus gets an answer from the exporter. While it is DOWN every other number is old or UNKNOWN, "
        "and alerts about money are held as they were. UNKNOWN: Prometheus knows no such target. Alerts: "
        "ReconciliationExporterDown, ReconciliationExporterAbsent.",
        f"min({selecting.of_jobs('up')})",
        words=((0, "DOWN", "red"), (1, "UP", "green")),
        goes_to=(links.dashboard("recon-exporter", "Dashboard of the exporter"),),
    )


def firing_alerts(*, width: int = 24, about_exporter: bool = False) -> table.Panel:
    """The alerts that fire, each with its runbook."""
    subject = "the exporter and the path to Alertmanager" if about_exporter else "money and sight"
    return rows(
        "Firing alerts about the exporter" if about_exporter else "Firing alerts",
        f"Alerts about {subject} that fire now, of the selected bots and of the whole fleet, as Prometheus has them: "
        "those about money stay while the exporter is down. A click on a cell leads to the runbook. Good is empty, "
        "as long as Prometheus evaluates the rules.",
        {"Since": selecting.firing_alerts(about_exporter=about_exporter)},
        labels=(
            "alertname",
            "severity",
            "bot",
            "check",
        ),
        goes_to=[
            links.runbook_of_alert(about_exporter=about_exporter),
            *([] if about_exporter else [links.dashboard_of_bot()]),
        ],
        unit="dateTimeFromNow",
        empty="No alert is known to fire",
        sort="severity",
        width=width,
        height=8,
    )


def critical_findings(*goes_to: Link) -> stat.Panel:
    """How many critical findings are current."""
    return number(
        "Critical findings",
        "Current findings that need a person at once. Good is 0, which only evaluated checks say. Alerts: those of "
        "component reconciliation with severity critical.",
        selecting.findings("critical"),
        steps=BAD,
        goes_to=(*goes_to, links.runs()),
    )
