"""The metric catalogue: the only place where a metric's name, type, unit, label set and help text is written.

Code takes names from here, and rules, runbooks, dashboards and documentation are checked against it in both directions.
A metric without ``since`` has a settled name that no part of this version exports.
"""

from collections.abc import Mapping
from types import MappingProxyType

from recon_exporter.telemetry.break_metrics import BREAKS
from recon_exporter.telemetry.entries import COUNTER, GAUGE, HISTOGRAM, INFO, live, page
from recon_exporter.telemetry.metric import Metric

_COVERAGE = (
    page(
        GAUGE,
        "recon_bots_expected",
        "",
        "Bots that must be there: found, named in the configuration, or seen before; an empty fleet counts as one.",
    ),
    page(
        GAUGE, "recon_bots_checked", "", "Expected bots of which at least one check was evaluated in the latest cycle."
    ),
    page(GAUGE, "recon_bot_status", "bot status", "1 for the bot's current status: ok, warning, critical or unknown."),
)

_CHECKS = (
    page(
        GAUGE,
        "recon_check_enabled",
        "bot check",
        "1 where the check is on for the bot, 0 where a person or the mode of the account switched it off.",
    ),
    page(
        GAUGE,
        "recon_check_evaluated",
        "bot check",
        "1 where the latest cycle judged the check on fresh and complete input, 0 where it is unverified; "
        "no series where the check is disabled and before the first cycle.",
    ),
    page(
        GAUGE,
        "recon_check_last_evaluated_timestamp_seconds",
        "bot check",
        "When an enabled check was last judged; no series before the first time since the exporter started.",
    ),
    page(
        GAUGE, "recon_check_unverified", "bot check reason", "1 where the check could not be judged, with the reason."
    ),
    page(
        GAUGE,
        "recon_findings",
        "bot check severity",
        "Current findings; 0 is said only of a check that was evaluated, findings beside an unverified one count too.",
    ),
    page(GAUGE, "recon_finding", "bot check code severity", "1 for each current finding, by its stable code."),
    page(
        GAUGE,
        "recon_threshold",
        "bot check key severity",
        "Effective threshold; the key is that of the thresholds file, the severity what reaching it leads to.",
    ),
    page(
        GAUGE,
        "recon_threshold_info",
        "bot key origin",
        "1 for the place the effective threshold came from: bot, environment, defaults or builtin.",
    ),
    page(
        GAUGE,
        "recon_canaries_missed",
        "run",
        "Checks that did not find their known break; 0 when all canaries were found.",
    ),
    page(
        COUNTER,
        "recon_tolerated_difference_total",
        "bot check sign",
        "Differences that tolerances let through, in the unit of the check.",
    ),
)

_VALUES = (
    page(
        GAUGE, "recon_inventory_drift_ratio", "bot", "Distance of the base share of equity from the bot's own target."
    ),
    page(
        GAUGE, "recon_exchange_drift_ratio", "bot", "Distance of the base share in the ledger from that at the venue."
    ),
    page(
        GAUGE,
        "recon_balance_identity_error_ratio",
        "bot",
        "Distance of equity from quote balance plus base balance at mid price, relative to equity.",
    ),
    page(
        GAUGE,
        "recon_base_ratio",
        "bot side",
        "Base share of equity as the ledger has it, as the bot's target wants it, and as the venue shows it.",
    ),
    page(
        GAUGE, "recon_fills", "bot side", "Fills of the current UTC day in the ledger, in the events and at the venue."
    ),
    page(GAUGE, "recon_fill_parity_difference", "bot", "Fills of the current UTC day: ledger less events."),
    page(
        GAUGE,
        "recon_fills_pending",
        "bot",
        "Fills known from events that the ledger's writer has not flushed yet; counted, not judged.",
    ),
    page(
        GAUGE,
        "recon_position_difference",
        "bot symbol leg",
        "Position in the ledger less that at the venue in base units, as the latest look found it, tolerated or not; "
        "no series where both sides agree.",
    ),
    page(
        GAUGE,
        "recon_balance_difference",
        "bot asset",
        "Balance in the ledger less that at the venue in units of the asset, tolerated or not; no series where both "
        "sides agree.",
    ),
    page(
        GAUGE,
        "recon_differences_not_shown",
        "bot",
        "Symbols and assets that differ beyond the number that a bot may have series for.",
    ),
    page(GAUGE, "recon_equity_quote", "bot", "Equity in quote currency, as the ledger has it."),
    page(GAUGE, "recon_fees_paid_today_quote", "bot", "Fees of the current UTC day in quote currency, less rebates."),
    page(GAUGE, "recon_turnover_today_ratio", "bot", "Turnover of the current UTC day as a multiple of equity."),
)

_SOURCES = (
    page(
        GAUGE,
        "recon_source_up",
        "bot side source",
        "1 after a completed, fresh read of the source, 0 otherwise; no series before the first cycle.",
    ),
    page(
        GAUGE,
        "recon_source_timestamp_seconds",
        "bot side source",
        "The time of the newest data that the source holds.",
    ),
    page(COUNTER, "recon_source_bad_lines_total", "bot source", "Lines of the source that could not be read."),
    page(
        GAUGE,
        "recon_venue_probe_status",
        "bot status",
        "1 for the probe status of the bot's account in the exchange snapshot.",
    ),
    live(COUNTER, "recon_venue_requests_total", "venue", "Requests sent to the venue."),
    live(
        COUNTER,
        "recon_venue_request_failures_total",
        "venue reason",
        "Requests that came to nothing, also for want of time to send them, by the class of the failure.",
    ),
    live(GAUGE, "recon_venue_clock_skew_seconds", "venue", "The venue's clock less ours, by its latest answer."),
    page(
        GAUGE,
        "recon_credential_permission",
        "bot permission",
        "1 where the bot's key can trade or withdraw, 0 where the venue says that it cannot.",
    ),
)

_DURATIONS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)

_EXPORTER = (
    live(COUNTER, "recon_job_runs_total", "run", "Runs that ended, well or not."),
    live(COUNTER, "recon_job_failures_total", "run reason", "Runs that ended without a report."),
    live(COUNTER, "recon_job_missed_total", "run", "Runs left out: too late, or the run before was still going on."),
    live(HISTOGRAM, "recon_job_duration_seconds", "run", "How long runs took.", buckets=_DURATIONS),
    live(
        GAUGE,
        "recon_job_last_success_timestamp_seconds",
        "run",
        "When a run last ended with a report; no series before the first.",
    ),
    live(GAUGE, "recon_job_next_run_timestamp_seconds", "run", "When the next run is due."),
    live(GAUGE, "recon_job_interval_seconds", "run", "The configured distance between runs."),
    live(COUNTER, "recon_deliveries_total", "sink", "Reports and messages that the sink took."),
    live(COUNTER, "recon_delivery_failures_total", "sink", "Attempts at delivery that the sink did not take."),
    live(
        GAUGE,
        "recon_config_last_reload_successful",
        "",
        "1 where the latest attempt to load the configuration succeeded, 0 where the last good one stays in force.",
    ),
    live(
        GAUGE,
        "recon_config_last_reload_success_timestamp_seconds",
        "",
        "When the configuration in force was loaded.",
    ),
    live(INFO, "recon_config_info", "sha256", "1 with the digest of the configuration in force."),
    live(INFO, "recon_build_info", "version python", "1 with the versions of the exporter and of Python."),
    live(
        COUNTER,
        "recon_http_requests_total",
        "path code",
        "HTTP requests answered, by kind of path (metrics, health, reload, page, other) and class of status code.",
    ),
    live(COUNTER, "recon_log_lines_total", "level", "Lines logged at the levels warning and error."),
)

CATALOGUE: Mapping[str, Metric] = MappingProxyType(
    {metric.name: metric for metric in (*_COVERAGE, *_CHECKS, *_VALUES, *_SOURCES, *BREAKS, *_EXPORTER)}
)
