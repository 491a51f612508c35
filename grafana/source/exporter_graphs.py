"""The graphs of the dashboard of the exporter."""

from typing import Any

import links
import selecting
from panels import graph, over_time

_SELECTED = selecting.of_instances


def _rate(metric: str, by: str) -> str:
    return f"sum by ({by}) (rate({_SELECTED(metric)}[$__rate_interval]))"


def _rises(metric: str, by: str) -> str:
    return f"sum by ({by}) (increase({_SELECTED(metric)}[$__rate_interval]))"


def jobs() -> tuple[Any, ...]:
    """How long runs take, how many fail or are left out, and when the next is due."""
    buckets = f"sum by (run, le) (rate({_SELECTED('recon_job_duration_seconds_bucket')}[$__rate_interval]))"
    return (
        graph(
            "Duration of runs",
            "How long runs take: nine of ten no longer than the solid line, and the distance between runs dashed. Good "
            "is far below it. Alert: ReconciliationCycleMissed.",
            (
                over_time(f"histogram_quantile(0.9, {buckets})", "{{run}}"),
                over_time(f"max by (run) ({_SELECTED('recon_job_interval_seconds')})", "{{run}} interval"),
            ),
            unit="s",
            dashed={f"{run} interval": "orange" for run in ("cycle", "snapshot", "eod")},
            goes_to=(links.runs(),),
        ),
        graph(
            "Runs",
            "Runs that ended, that ended without a report, and that were left out, in each step. Good is only the "
            "first. Alerts: ReconciliationCycleFailing, ReconciliationCycleMissed.",
            (
                over_time(_rises("recon_job_runs_total", "run"), "{{run}} ended"),
                over_time(_rises("recon_job_failures_total", "run, reason"), "{{run}} failed: {{reason}}"),
                over_time(_rises("recon_job_missed_total", "run"), "{{run}} left out"),
            ),
            goes_to=(links.runs(),),
        ),
        graph(
            "Age of the last report",
            "How long ago each job last ended with a report. Alerts: ReconciliationCycleStale, "
            "ReconciliationSnapshotStale.",
            (over_time(f"time() - {_SELECTED('recon_job_last_success_timestamp_seconds')}", "{{instance}} {{run}}"),),
            unit="s",
        ),
        graph(
            "Next run",
            "How long until each job is due. A line below 0 is a run that is late.",
            (over_time(f"{_SELECTED('recon_job_next_run_timestamp_seconds')} - time()", "{{instance}} {{run}}"),),
            unit="s",
        ),
    )


def venues() -> tuple[Any, ...]:
    """What is asked of venues, what they refuse, and how far their clocks are from ours."""
    failures = selecting.of_instances("recon_venue_request_failures_total")
    requests = selecting.of_instances("recon_venue_requests_total")
    return (
        graph(
            "Requests to venues",
            "Requests sent, a second. Compare with the limit that each venue allows.",
            (over_time(_rate("recon_venue_requests_total", "venue"), "{{venue}}"),),
            unit="reqps",
        ),
        graph(
            "Failed requests by reason",
            "Requests that came to nothing, a second. Good is 0. Alerts: ReconciliationCredentialsRefused for auth and "
            "permission, ReconciliationVenueUnreachable for the rest.",
            (over_time(_rate("recon_venue_request_failures_total", "venue, reason"), "{{venue}} {{reason}}"),),
            unit="reqps",
            goes_to=(links.runbook("ReconciliationVenueUnreachable"),),
        ),
        graph(
            "Share of failed requests",
            "Failed requests as a share of all of the last ten minutes. From one half on, for five minutes, "
            "ReconciliationVenueUnreachable fires. A gap: nothing was asked.",
            (
                over_time(
                    f"sum by (venue) (increase({failures}[10m]))\n/ sum by (venue) (increase({requests}[10m]))",
                    "{{venue}}",
                ),
            ),
            unit="percentunit",
            steps=((0, "green"), (0.5, "orange")),
        ),
        graph(
            "Clock skew",
            "The venue's clock less ours. Beyond five seconds either way ReconciliationVenueClockSkew fires.",
            (over_time(_SELECTED("recon_venue_clock_skew_seconds"), "{{venue}}"),),
            unit="s",
            steps=((-5, "green"), (5, "orange")),
            goes_to=(links.runbook("ReconciliationVenueClockSkew"),),
        ),
    )


def deliveries() -> tuple[Any, ...]:
    """Where reports go, and who asks for pages."""
    return (
        graph(
            "Deliveries",
            "Reports and messages that each sink took, and attempts that it did not take, in each step. Alert: "
            "ReconciliationDeliveryFailing.",
            (
                over_time(_rises("recon_deliveries_total", "sink"), "{{sink}} taken"),
                over_time(_rises("recon_delivery_failures_total", "sink"), "{{sink}} failed"),
            ),
        ),
        graph(
            "HTTP requests",
            "Requests that the exporter answered by kind of path and class of status, a second. Good has no 5xx.",
            (over_time(_rate("recon_http_requests_total", "path, code"), "{{path}} {{code}}"),),
            unit="reqps",
        ),
        graph(
            "Warnings and errors logged",
            "Lines that the exporter logged as warnings and as errors, in each step. Good is none, or what is known: "
            "every line says what it is about, and what of it concerns money has its alert.",
            (over_time(_rises("recon_log_lines_total", "level"), "{{level}}"),),
            width=24,
        ),
    )


def pipeline() -> tuple[Any, ...]:
    """Whether what the rules say reaches a person, as Prometheus and Alertmanager see it, of whatever job they are."""
    failed = 'prometheus_rule_evaluation_failures_total{rule_group=~".+;recon-.+"}'
    refused = 'alertmanager_notification_requests_failed_total{integration!=""}'
    untold = 'prometheus_notifications_errors_total{alertmanager!=""}'
    return (
        graph(
            "Rules that fail",
            "Evaluations of our rules that failed, by group, in each step. Good is 0. A gap: nobody scrapes Prometheus "
            "itself. Alert: ReconciliationRulesFailing.",
            (over_time(f"sum by (rule_group) (increase({failed}[$__rate_interval]))", "{{rule_group}}"),),
        ),
        graph(
            "Notifications that fail",
            "Attempts to tell somebody that failed, in each step: of Alertmanager at its receivers, and of Prometheus "
            "at Alertmanager. Good is 0. A gap: nobody scrapes them. Alert: ReconciliationNotificationsFailing.",
            (
                over_time(f"sum by (integration) (increase({refused}[$__rate_interval])) > 0", "{{integration}}"),
                over_time(f"sum by (alertmanager) (increase({untold}[$__rate_interval]))", "{{alertmanager}}"),
            ),
        ),
    )


def process() -> tuple[Any, ...]:
    """What the process needs, and what the scrape costs."""
    return (
        graph(
            "Memory",
            "Resident memory of the exporter. Good does not grow for days.",
            (over_time(_SELECTED("process_resident_memory_bytes"), "{{instance}}"),),
            unit="bytes",
        ),
        graph(
            "Processor",
            "Share of one core that the exporter needs.",
            (over_time(_rate("process_cpu_seconds_total", "instance"), "{{instance}}"),),
            unit="percentunit",
        ),
        graph(
            "Duration of the scrape",
            "How long Prometheus waits for the page, with its limit of ten seconds in the shipped configuration. "
            "Beyond it the exporter counts as down.",
            (over_time(_SELECTED("scrape_duration_seconds"), "{{instance}}"),),
            unit="s",
        ),
        graph(
            "Size of the page",
            "Samples of each scrape. The shipped configuration refuses a page of more than 200 000. Alert then: "
            "ReconciliationExporterDown.",
            (over_time(_SELECTED("scrape_samples_scraped"), "{{instance}}"),),
        ),
    )
