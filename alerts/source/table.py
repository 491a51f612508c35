"""The alert table: the one place where an alert's name, severity, condition and words are written.

Money alerts have no `for`: the exporter's checks have already waited for what is in flight.
"""

from model import Alert, Drift, Findings, Plain

CYCLE = 'run="cycle"'


def finding(check: str, code: str) -> Plain:
    """A current finding that tells about sight and not about money."""
    return Plain(f'max by (job, bot) (recon_finding{{check="{check}",code="{code}"}}) > 0')


def rising(by: str, counter: str) -> Plain:
    """A counter, initialised at start, that has moved within a quarter of an hour."""
    return Plain(f"sum by ({by}) (increase({counter}[15m])) > 0")


MONEY = (
    Alert(
        name="ReconciliationBalanceBroken",
        severity="critical",
        component="reconciliation",
        condition=Findings("balance", severity="critical"),
        subject="balance",
        summary="{{ $labels.bot }}: balance is broken, {{ $value | humanize }} critical finding(s)",
        description="The bot's equity, base share or balances contradict each other or cannot be true: size, drift and "
        "risk limits computed from them are wrong. Pause promotion and compare the last minute rows with the venue.",
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationInventoryDrift",
        severity="critical",
        component="reconciliation",
        condition=Drift("inventory", "recon_inventory_drift_ratio", "inventory_critical", "critical"),
        subject="inventory_drift_critical",
        summary="{{ $labels.bot }}: inventory {{ $value | humanizePercentage }} of equity off target (critical)",
        description="The base share of equity is further from the bot's own target than the critical threshold: it holds "
        "a position that it does not mean to hold. Look at base and target share, then decide whether to stop the bot.",
        dashboard="recon-bot",
        clears=False,
    ),
    Alert(
        name="ReconciliationInventoryDrift",
        severity="warning",
        component="reconciliation",
        condition=Drift("inventory", "recon_inventory_drift_ratio", "inventory_warn", "warning"),
        subject="inventory_drift_warning",
        summary="{{ $labels.bot }}: inventory {{ $value | humanizePercentage }} of equity off target",
        description="The base share of equity has left the band around the bot's own target. Follow it up today: look "
        "whether it grows, and whether the bot still works it off.",
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationExchangeDrift",
        severity="critical",
        component="reconciliation",
        condition=Drift("exchange_snapshot", "recon_exchange_drift_ratio", "exchange_drift_critical", "critical"),
        subject="exchange_drift_critical",
        summary="{{ $labels.bot }}: books and venue {{ $value | humanizePercentage }} of equity apart (critical)",
        description="What the bot believes to hold and what the account at the venue holds differ beyond the critical "
        "threshold. Trust the venue: check its balances by hand and stop the bot if they stand.",
        dashboard="recon-bot",
        clears=False,
    ),
    Alert(
        name="ReconciliationExchangeDrift",
        severity="warning",
        component="reconciliation",
        condition=Drift("exchange_snapshot", "recon_exchange_drift_ratio", "exchange_drift_warn", "warning"),
        subject="exchange_drift_warning",
        summary="{{ $labels.bot }}: books and venue {{ $value | humanizePercentage }} of equity apart",
        description="What the bot believes to hold and what the account at the venue holds have drifted apart beyond the "
        "warning threshold. Look for transfers, missed fills or another program on the same account.",
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationFillParityBroken",
        severity="warning",
        component="reconciliation",
        condition=Findings("fill_parity"),
        subject="fill_parity",
        summary="{{ $labels.bot }}: fills and events of today differ, {{ $value | humanize }} finding(s)",
        description="The fills in the bot's file and the filled orders in the event store are not the same set for this "
        "UTC day: one of the two has lost or invented a fill. Compare both counts, then the identifiers in the report.",
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationFeesNegative",
        severity="critical",
        component="reconciliation",
        condition=Findings("accounting", codes=("fees_paid_negative",)),
        subject="fees_negative",
        summary="{{ $labels.bot }}: fees paid today are negative",
        description="The bot's fee counter is below zero and maker rebates do not explain it: profit and loss of today "
        "is wrong. Pause promotion and compare the counter with the fees in the fills file.",
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationFeeCounterDecreased",
        severity="critical",
        component="reconciliation",
        condition=Findings("accounting", codes=("fees_counter_decreased_critical",)),
        subject="fee_counter_decreased_critical",
        summary="{{ $labels.bot }}: fee counter of today fell, beyond the critical limit",
        description="A counter that can only grow within a UTC day has fallen: the accounting state was lost or reset. "
        "Pause promotion and find the row in the report. It is reported until its UTC day ends.",
        dashboard="recon-bot",
        clears=False,
    ),
    Alert(
        name="ReconciliationFeeCounterDecreased",
        severity="warning",
        component="reconciliation",
        condition=Findings("accounting", codes=("fees_counter_decreased_critical", "fees_counter_decreased_warning")),
        subject="fee_counter_decreased_warning",
        summary="{{ $labels.bot }}: fee counter of today fell",
        description="A counter that can only grow within a UTC day has fallen by more than the warning limit. Find the "
        "row in the report and look for a restart of the bot. It is reported until its UTC day ends.",
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationTurnoverWithoutFees",
        severity="warning",
        component="reconciliation",
        condition=Findings("accounting", codes=("turnover_without_fee_accrual",)),
        subject="turnover_without_fees",
        summary="{{ $labels.bot }}: turnover grew and no fee was booked",
        description="The bot traded under a fee schedule that charges, and its fee counter stood still: profit of today "
        "is overstated. Check the fee source and the fees in the fills file.",
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationFeeRateOutOfBand",
        severity="warning",
        component="reconciliation",
        condition=Findings("accounting", codes=("fee_rate_out_of_expected_band",)),
        subject="fee_rate",
        summary="{{ $labels.bot }}: fees paid do not fit turnover and fee schedule",
        description="Fees divided by turnover lie outside the band around the bot's maker and taker rates: the schedule, "
        "the fees or the turnover is wrong. Compare the rate in the report with the venue's fee tier.",
        dashboard="recon-bot",
    ),
)

SIGHT = (
    Alert(
        name="ReconciliationBotNotCovered",
        severity="critical",
        component="coverage",
        condition=finding("coverage", "expected_bot_missing"),
        summary="{{ $labels.bot }}: expected, but its books are not there",
        description="Nothing about this bot is being reconciled: its folder or its minute rows are gone. First: "
        "recon-exporter bots list, then look for the bot's log folder under the data root.",
        dashboard="recon-fleet",
    ),
    Alert(
        name="ReconciliationCoverageIncomplete",
        severity="critical",
        component="coverage",
        duration="2m",
        condition=Plain(
            "max by (job) (recon_bots_expected) - max by (job) (recon_bots_checked) > 0\n"
            "or\n"
            "max by (job) (recon_bots_expected) == 0"
        ),
        summary="{{ with $value }}{{ . | humanize }} expected bot(s) not checked{{ else }}no bot is expected at all{{ end }}",
        description="Fewer bots were checked than are expected, or the fleet is empty: silence about the others means "
        "nothing. First: recon-exporter bots list, which says who is expected and why.",
        dashboard="recon-fleet",
    ),
    Alert(
        name="ReconciliationLedgerStale",
        severity="critical",
        component="coverage",
        duration="15m",
        condition=finding("freshness", "ledger_stale"),
        summary="{{ $labels.bot }}: books stand still for a quarter of an hour",
        description="The bot has written no fresh minute row and every verdict that needs one is withheld: its money is "
        "not being watched. Find out whether the bot still runs and trades.",
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationLedgerStale",
        severity="warning",
        component="coverage",
        duration="1m",
        condition=finding("freshness", "ledger_stale"),
        summary="{{ $labels.bot }}: books stand still",
        description="The newest minute row is older than its cadence allows, so the verdicts that need it are withheld. "
        "Look whether the bot runs and where it writes its logs.",
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationCheckUnverified",
        severity="warning",
        component="coverage",
        duration="15m",
        condition=Plain('max by (job, bot, check) (recon_check_unverified{reason!="canary_missed"}) > 0'),
        summary="{{ $labels.bot }}: {{ $labels.check }} could not be verified for 15 min",
        description="This check has given no verdict for a quarter of an hour; it is neither clean nor broken. The reason "
        "stands on the status page and in the latest report; mend its input, or disable the check on purpose.",
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationProbeStatusUnexpected",
        severity="warning",
        component="coverage",
        duration="5m",
        condition=finding("exchange_snapshot", "probe_status_unexpected"),
        summary="{{ $labels.bot }}: the account probe's status is not the expected one",
        description="The exchange snapshot shows another probe status than the account map asks for, so the venue side of "
        "this bot cannot be trusted. Compare the account mode in the map with the status in the snapshot.",
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationSourceLinesUnreadable",
        severity="warning",
        component="coverage",
        condition=rising("job, bot, source", "recon_source_bad_lines_total"),
        summary="{{ $labels.bot }}: {{ $value | humanize }} unreadable line(s) in {{ $labels.source }} in 15 min",
        description="Complete lines of this source could not be read and were skipped. Something writes to the file that "
        "should not, or its format has changed; the log names file and line.",
        dashboard="recon-bot",
    ),
)

EXPORTER = (
    Alert(
        name="ReconciliationExporterDown",
        severity="critical",
        component="exporter",
        duration="1m",
        condition=Plain('up{job="recon-exporter"} == 0'),
        summary="recon-exporter at {{ $labels.instance }} does not answer",
        description="Prometheus cannot scrape the exporter: nothing is being reconciled, and open money alerts are held at "
        "their last state. First: curl -fsS http://{{ $labels.instance }}/-/healthy, then systemctl status recon-exporter.",
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
        description="Prometheus has no target of this job, or its target answers without the exporter's metrics: nothing "
        "is being reconciled. First: curl -fsS http://127.0.0.1:9090/api/v1/targets, then compare config/prometheus.yml.",
        dashboard="recon-exporter",
        about_exporter=True,
    ),
    Alert(
        name="ReconciliationCycleStale",
        severity="critical",
        component="exporter",
        duration="1m",
        condition=Plain(
            "time() - (\n"
            f"  max by (job, instance) (recon_job_last_success_timestamp_seconds{{{CYCLE}}})\n"
            "  or\n"
            "  max by (job, instance) (recon_config_last_reload_success_timestamp_seconds)\n"
            ")\n"
            "> on (job, instance)\n"
            f"2 * max by (job, instance) (recon_job_interval_seconds{{{CYCLE}}}) + 60"
        ),
        summary="no finished reconciliation cycle for {{ $value | humanizeDuration }}",
        description="The exporter answers but judges nothing: what it shows is {{ $value | humanizeDuration }} old. First: "
        "recon-exporter once, which runs one cycle and prints what stands in its way.",
        dashboard="recon-exporter",
        about_exporter=True,
    ),
    Alert(
        name="ReconciliationCycleFailing",
        severity="warning",
        component="exporter",
        condition=rising("job, instance, reason", f"recon_job_failures_total{{{CYCLE}}}"),
        summary="reconciliation cycle failed {{ $value | humanize }} time(s) in 15 min ({{ $labels.reason }})",
        description="Whole cycles end without a report. First: recon-exporter once, which runs one cycle and prints the "
        "error; the log of the service holds the traceback.",
        dashboard="recon-exporter",
        about_exporter=True,
    ),
    Alert(
        name="ReconciliationCycleMissed",
        severity="warning",
        component="exporter",
        condition=rising("job, instance", f"recon_job_missed_total{{{CYCLE}}}"),
        summary="{{ $value | humanize }} reconciliation cycle(s) missed in 15 min",
        description="Cycles did not start when they were due: the one before still ran, or the machine slept. First: curl "
        "-gfsS 'http://{{ $labels.instance }}/metrics?name[]=recon_job_duration_seconds_sum', against the interval.",
        dashboard="recon-exporter",
        about_exporter=True,
    ),
    Alert(
        name="ReconciliationCanaryMissed",
        severity="critical",
        component="exporter",
        condition=Plain("max by (job, instance, run) (recon_canaries_missed) > 0"),
        summary="{{ $value | humanize }} canary break(s) not found by the {{ $labels.run }} run",
        description="The engine overlooked a break that was planted for it, so the check concerned counts as unverified for "
        "every bot. First: recon-exporter once; do not promote anything until it finds them again.",
        dashboard="recon-exporter",
        about_exporter=True,
    ),
    Alert(
        name="ReconciliationDeliveryFailing",
        severity="warning",
        component="exporter",
        condition=rising("job, instance, sink", "recon_delivery_failures_total"),
        summary="{{ $labels.sink }}: {{ $value | humanize }} failed deliveries in 15 min",
        description="Reports do not reach this destination; they wait in the outbox. First: curl -gfsS "
        "'http://{{ $labels.instance }}/metrics?name[]=recon_delivery_failures_total', then the destination's own log.",
        dashboard="recon-exporter",
        about_exporter=True,
    ),
    Alert(
        name="ReconciliationConfigReloadFailed",
        severity="warning",
        component="exporter",
        condition=Plain("max by (job, instance) (max_over_time(recon_config_last_reload_successful[5m])) == 0"),
        summary="recon-exporter at {{ $labels.instance }} refused its configuration",
        description="The configuration on disk is bad and the exporter runs on with the last good one; the next restart "
        "will fail. First: recon-exporter check-config, which prints every error with its file and place.",
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
    description="Fires always; nothing to do. Send it to a dead man's switch outside this machine, which alarms when it "
    "stops coming. First, when it stopped: curl -fsS http://127.0.0.1:9090/-/healthy and http://127.0.0.1:9093/-/healthy.",
    dashboard="recon-exporter",
    about_exporter=True,
)

ALERTS: tuple[Alert, ...] = (*MONEY, *SIGHT, *EXPORTER, WATCHDOG)
