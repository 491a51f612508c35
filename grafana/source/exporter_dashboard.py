"""Exporter: does the machinery work that everything else is seen through?"""

from typing import Any

import exporter_graphs
import links
import selecting
import shared_panels
from board import Section, dashboard
from looks import PLAIN, WORTH_A_LOOK, YES_OR_NO
from panels import number

_SELECTED = selecting.of_instances


def build() -> dict[str, Any]:
    """The dashboard."""
    return dashboard(
        "recon-exporter",
        "Reconciliation / Exporter",
        "Does the machinery work that everything else is seen through: jobs, venues, deliveries, configuration, "
        "canaries, audit log, Prometheus itself?",
        (
            Section("Does it judge?", *_judging()),
            Section("Does it deliver?", *_delivering()),
            Section("What to do next", shared_panels.firing_alerts(about_exporter=True)),
            Section("Jobs", *exporter_graphs.jobs()),
            Section("Venues", *exporter_graphs.venues()),
            Section("Deliveries and pages", *exporter_graphs.deliveries()),
            Section("From a rule to a person", *exporter_graphs.pipeline()),
            Section("Process and scrape", *exporter_graphs.process()),
        ),
        second="instance",
    )


def _judging() -> tuple[Any, ...]:
    return (
        number(
            "Exporter",
            "Whether Prometheus gets an answer from the exporter. UNKNOWN: Prometheus knows no such target. Alerts: "
            "ReconciliationExporterDown, ReconciliationExporterAbsent.",
            f"min({_SELECTED('up')})",
            words=((0, "DOWN", "red"), (1, "UP", "green")),
        ),
        number(
            "Age of the last cycle",
            "The age of the last finished cycle as a share of the age at which ReconciliationCycleStale waits to fire: "
            "two intervals and a minute. Good is far below 100 %.",
            selecting.cycle_age(selecting.INSTANCE),
            unit="percentunit",
            steps=((0, "green"), (1, "red")),
            goes_to=(links.runs(),),
        ),
        number(
            "Canaries missed",
            "Planted differences that the last runs did not find. Good is 0. Alert: ReconciliationCanaryMissed.",
            f"max({_SELECTED('recon_canaries_missed')})",
        ),
        number(
            "Runs failed",
            "Runs of any job that ended without a report, in the time range. Good is 0. Alert: "
            "ReconciliationCycleFailing.",
            selecting.gained(_SELECTED("recon_job_failures_total")),
            steps=WORTH_A_LOOK,
            goes_to=(links.runs(),),
        ),
        number(
            "Runs missed",
            "Runs of any job left out in the time range: too late, or the one before still ran. Good is 0. Alert: "
            "ReconciliationCycleMissed.",
            selecting.gained(_SELECTED("recon_job_missed_total")),
            steps=WORTH_A_LOOK,
        ),
        number(
            "Audit log",
            "Whether the chain of the audit log holds. Alert: ReconciliationAuditChainBroken.",
            f"min({_SELECTED('recon_audit_chain_valid')})",
            words=YES_OR_NO,
            goes_to=(links.runbook("ReconciliationAuditChainBroken"),),
        ),
    )


def _delivering() -> tuple[Any, ...]:
    failures, taken = (
        f"sum by (job, instance, sink) (increase({_SELECTED(name)}[10m]))"
        for name in ("recon_delivery_failures_total", "recon_deliveries_total")
    )
    now = _SELECTED("recon_deliveries_total")
    return (
        number(
            "Sinks that take nothing",
            "Destinations of reports to which every attempt of the last ten minutes failed. Good is 0. Alert: "
            "ReconciliationDeliveryFailing.",
            f"count(\n  (round({failures}) > 0 unless {taken} > 0)\n  and on (job, instance, sink) {now}\n)\n"
            f"or 0 * count({now})",
            steps=WORTH_A_LOOK,
        ),
        number(
            "Configuration",
            "Whether the newest configuration was taken; if not, the last good one stays in force until the next "
            "restart fails. Alert: ReconciliationConfigReloadFailed.",
            f"min({_SELECTED('recon_config_last_reload_successful')})",
            words=((0, "REFUSED", "red"), (1, "IN FORCE", "green")),
        ),
        number(
            "Configuration loaded",
            "How long ago the configuration in force was loaded.",
            f"time() - max({_SELECTED('recon_config_last_reload_success_timestamp_seconds')})",
            unit="s",
            steps=PLAIN,
        ),
        number(
            "Digest of the configuration",
            "The digest of the configuration in force, as `recon-exporter print-config` and the page /config tell it.",
            f"max by (sha256) ({_SELECTED('recon_config_info')})",
            steps=PLAIN,
            legend="{{sha256}}",
        ),
        number(
            "Version",
            "The versions of the exporter and of Python.",
            f"max by (version, python) ({_SELECTED('recon_build_info')})",
            steps=PLAIN,
            legend="{{version}}, Python {{python}}",
        ),
        number(
            "Server errors",
            "HTTP requests that the exporter answered with an error of its own, in the time range. Good is 0; its log "
            "says why.",
            selecting.gained(_SELECTED("recon_http_requests_total", code="5xx")),
            steps=WORTH_A_LOOK,
        ),
    )
