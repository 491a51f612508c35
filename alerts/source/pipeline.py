"""The alert table, part three: the exporter itself, and the path on which its alerts travel.

Their runbooks are linked where they can be read while the exporter is down, and their first command stands in the
description.
"""

from model import Alert, Plain, rising

CYCLE = 'run="cycle"'

EXPORTER = (
    Alert(
        name="ReconciliationExporterDown",
        severity="critical",
        component="exporter",
        duration="1m",
        condition=Plain('up{job="recon-exporter"} == 0'),
        summary="recon-exporter at {{ $labels.instance }} does not answer",
        description=(
            "Prometheus cannot scrape the exporter: nothing is being reconciled, and open money alerts are held "
            "at their last state. First: curl -fsS http://{{ $labels.instance }}/-/healthy, then systemctl status"
            " recon-exporter."
        ),
        dashboard="recon-exporter",
        about_exporter=True,
    ),
    Alert(
        name="ReconciliationExporterAbsent",
        severity="critical",
        component="exporter",
        duration="5m",
        condition=Plain(
            'absent(up{job="recon-exporter"})\n'
            "or\n"
            'up{job="recon-exporter"} == 1 unless on (job, instance) recon_build_info'
        ),
        summary="no exporter behind the scrape job {{ $labels.job }}",
        description=(
            "Prometheus has no target of this job, or its target answers without the exporter's metrics: nothing "
            "is being reconciled. First: curl -fsS http://127.0.0.1:9090/api/v1/targets, then compare "
            "config/prometheus.yml."
        ),
        dashboard="recon-exporter",
        about_exporter=True,
    ),
    Alert(
        name="ReconciliationCycleStale",
        severity="critical",
        component="exporter",
        duration="2m",
        # The memory of six hours sees through restarts: an exporter that crashes again and again must not look young.
        condition=Plain(
            "time() - (\n"
            f"  max by (job, instance) (max_over_time(recon_job_last_success_timestamp_seconds{{{CYCLE}}}[6h]))\n"
            "  or\n"
            "  min by (job, instance) (min_over_time(recon_config_last_reload_success_timestamp_seconds[6h]))\n"
            ")\n"
            "> on (job, instance)\n"
            f"2 * max by (job, instance) (max_over_time(recon_job_interval_seconds{{{CYCLE}}}[5m])) + 60"
        ),
        summary="no finished reconciliation cycle for {{ $value | humanizeDuration }}",
        description=(
            "The exporter answers but judges nothing: what it shows is {{ $value | humanizeDuration }} old. "
            "First: recon-exporter once, which runs one cycle and prints what stands in its way."
        ),
        dashboard="recon-exporter",
        about_exporter=True,
    ),
    Alert(
        name="ReconciliationCycleFailing",
        severity="warning",
        component="exporter",
        condition=rising("job, instance, reason", f"recon_job_failures_total{{{CYCLE}}}"),
        summary="reconciliation cycle failed {{ $value | humanize }} time(s) in 15 min ({{ $labels.reason }})",
        description=(
            "Whole cycles end without a report. First: recon-exporter once, which runs one cycle and prints the "
            "error; the log of the service holds the traceback."
        ),
        dashboard="recon-exporter",
        about_exporter=True,
    ),
    Alert(
        name="ReconciliationCycleMissed",
        severity="warning",
        component="exporter",
        condition=rising("job, instance", f"recon_job_missed_total{{{CYCLE}}}"),
        summary="{{ $value | humanize }} reconciliation cycle(s) missed in 15 min",
        description=(
            "Cycles did not start when they were due: the one before still ran, or the machine slept. First: curl"
            " -gfsS 'http://{{ $labels.instance }}/metrics?name[]=recon_job_duration_seconds_sum', against the "
            "interval."
        ),
        dashboard="recon-exporter",
        about_exporter=True,
    ),
    Alert(
        name="ReconciliationCanaryMissed",
        severity="critical",
        component="exporter",
        condition=Plain("max by (job, instance, run) (recon_canaries_missed) > 0"),
        summary="{{ $value | humanize }} canary break(s) not found by the {{ $labels.run }} run",
        description=(
            "The engine overlooked a break that was planted for it, so the check concerned counts as unverified "
            "for every bot. First: recon-exporter once; do not promote anything until it finds them again."
        ),
        dashboard="recon-exporter",
        about_exporter=True,
    ),
    Alert(
        name="ReconciliationDeliveryFailing",
        severity="warning",
        component="exporter",
        condition=Plain(
            "round(sum by (job, instance, sink) (increase(recon_delivery_failures_total[10m]))) > 0\n"
            "unless\n"
            "sum by (job, instance, sink) (increase(recon_deliveries_total[10m])) > 0"
        ),
        summary="{{ $labels.sink }}: nothing delivered, {{ $value | humanize }} failed attempt(s) in 10 min",
        description=(
            "Attempts fail and none succeeds: reports do not reach this destination and wait in the outbox. "
            "First: curl -gfsS 'http://{{ $labels.instance }}/metrics?name[]=recon_delivery_failures_total', then "
            "the destination's own log."
        ),
        dashboard="recon-exporter",
        about_exporter=True,
    ),
    Alert(
        name="ReconciliationConfigReloadFailed",
        severity="warning",
        component="exporter",
        condition=Plain("max by (job, instance) (max_over_time(recon_config_last_reload_successful[5m])) == 0"),
        summary="recon-exporter at {{ $labels.instance }} refused its configuration",
        description=(
            "The configuration on disk is bad and the exporter runs on with the last good one; the next restart "
            "will fail. First: recon-exporter check-config, which prints every error with its file and place."
        ),
        dashboard="recon-exporter",
        about_exporter=True,
    ),
)

WAY = (
    Alert(
        name="ReconciliationRulesFailing",
        severity="critical",
        component="pipeline",
        # Longer than the window: an evaluation that failed once is made up for half a minute later.
        duration="3m",
        condition=Plain(
            "round(sum by (job, instance, rule_group) (\n"
            '  increase(prometheus_rule_evaluation_failures_total{rule_group=~".+;recon-.+"}[2m])\n'
            ")) > 0"
        ),
        summary='{{ reReplaceAll ".*;" "" $labels.rule_group }}: rules cannot be evaluated',
        description=(
            "What these rules watch is not watched: nobody would be told, and Alertmanager drops what was open within "
            "minutes, which is no all-clear. First: curl -fsS http://{{ $labels.instance }}/api/v1/rules, whose "
            "lastError says of each rule why it fails."
        ),
        dashboard="recon-exporter",
        about_exporter=True,
    ),
    Alert(
        name="ReconciliationNotificationsFailing",
        severity="warning",
        component="pipeline",
        # Longer than the window: a receiver that restarts is tried again. The window is longer than the longest
        # distance between two attempts, which is group_interval.
        duration="5m",
        condition=Plain(
            "round(sum by (job, instance, integration) (\n"
            "  increase(alertmanager_notification_requests_failed_total[4m])\n"
            ")) > 0\n"
            "or\n"
            "round(sum by (job, instance, integration) (\n"
            "  label_replace(\n"
            '    increase(prometheus_notifications_errors_total[4m]), "integration", "alertmanager", "", ""\n'
            "  )\n"
            ")) > 0"
        ),
        summary="{{ $labels.integration }}: {{ $value | humanize }} attempt(s) to tell somebody failed in 4 min",
        description=(
            "For five minutes attempts to tell somebody have failed{{ if eq $labels.integration `alertmanager` }}"
            " on the way from Prometheus to Alertmanager{{ else }} at a receiver of Alertmanager{{ end }}. This goes to"
            " pager and chat, as one of them may be what fails. First: curl -fsS http://{{ $labels.instance }}/metrics,"
            " then the log of {{ $labels.job }}, which says who refuses and why."
        ),
        dashboard="recon-exporter",
        about_exporter=True,
    ),
)

WATCHDOG = Alert(
    name="Watchdog",
    severity="none",
    component="pipeline",
    condition=Plain("vector(1)"),
    summary="the path from Prometheus to Alertmanager works",
    description=(
        "Fires always; nothing to do. Send it to a dead man's switch outside this machine, which alarms when it "
        "stops coming. First, when it stopped: curl -fsS http://127.0.0.1:9090/-/healthy and "
        "http://127.0.0.1:9093/-/healthy."
    ),
    dashboard="recon-exporter",
    about_exporter=True,
)
