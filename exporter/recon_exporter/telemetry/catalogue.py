"""The metric catalogue: the only place where a metric's name, type, unit, label set and help text is written.

Code takes names from here, and rules, runbooks, dashboards and documentation are checked against it in both directions.
A metric without ``since`` has its name and meaning settled, and no part of this version exports it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from recon_exporter.telemetry.metric import Kind, Metric, Producer


def _page(kind: Kind, name: str, labels: str, text: str, buckets: tuple[float, ...] = ()) -> Metric:
    return Metric(name, kind, Producer.PAGE, tuple(labels.split()), text, buckets=buckets)


def _live(kind: Kind, name: str, labels: str, text: str, buckets: tuple[float, ...] = ()) -> Metric:
    return Metric(name, kind, Producer.LIVE, tuple(labels.split()), text, buckets=buckets)


def _settled(kind: Kind, producer: Producer, name: str, labels: str, text: str) -> Metric:
    return Metric(name, kind, producer, tuple(labels.split()), text, since=None)


_COUNTER, _GAUGE, _HISTOGRAM, _INFO = Kind.COUNTER, Kind.GAUGE, Kind.HISTOGRAM, Kind.INFO
_PAGE, _LIVE = Producer.PAGE, Producer.LIVE

_COVERAGE = (
    _page(
        _GAUGE,
        "recon_bots_expected",
        "",
        "Bots that must be there: found, named in the configuration, or seen before; an empty fleet counts as one.",
    ),
    _page(
        _GAUGE, "recon_bots_checked", "", "Expected bots of which at least one check was evaluated in the latest cycle."
    ),
    _page(
        _GAUGE, "recon_bot_status", "bot status", "1 for the bot's current status: ok, warning, critical or unknown."
    ),
)

_CHECKS = (
    _page(
        _GAUGE,
        "recon_check_enabled",
        "bot check",
        "1 where the check is on for the bot, 0 where a person or the mode of the account switched it off.",
    ),
    _page(
        _GAUGE,
        "recon_check_evaluated",
        "bot check",
        "1 where the latest cycle judged the check on fresh and complete input, 0 where it is unverified; "
        "no series where the check is disabled and before the first cycle.",
    ),
    _page(
        _GAUGE,
        "recon_check_last_evaluated_timestamp_seconds",
        "bot check",
        "When an enabled check was last judged; no series before the first time since the exporter started.",
    ),
    _page(
        _GAUGE, "recon_check_unverified", "bot check reason", "1 where the check could not be judged, with the reason."
    ),
    _page(
        _GAUGE,
        "recon_findings",
        "bot check severity",
        "Current findings; 0 is said only of a check that was evaluated, findings beside an unverified one count too.",
    ),
    _page(_GAUGE, "recon_finding", "bot check code severity", "1 for each current finding, by its stable code."),
    _page(
        _GAUGE,
        "recon_threshold",
        "bot check key severity",
        "Effective threshold; the key is that of the thresholds file, the severity what reaching it leads to.",
    ),
    _page(
        _GAUGE,
        "recon_threshold_info",
        "bot key origin",
        "1 for the place the effective threshold came from: bot, environment, defaults or builtin.",
    ),
    _page(
        _GAUGE,
        "recon_canaries_missed",
        "run",
        "Checks that did not find their known break; 0 when all canaries were found.",
    ),
    _page(
        _COUNTER,
        "recon_tolerated_difference_total",
        "bot check sign",
        "Differences that tolerances let through, in the unit of the check.",
    ),
)

_VALUES = (
    _page(
        _GAUGE, "recon_inventory_drift_ratio", "bot", "Distance of the base share of equity from the bot's own target."
    ),
    _page(
        _GAUGE, "recon_exchange_drift_ratio", "bot", "Distance of the base share in the ledger from that at the venue."
    ),
    _page(
        _GAUGE,
        "recon_balance_identity_error_ratio",
        "bot",
        "Distance of equity from quote balance plus base balance at mid price, relative to equity.",
    ),
    _page(
        _GAUGE,
        "recon_base_ratio",
        "bot side",
        "Base share of equity as the ledger has it, as the bot's target wants it, and as the venue shows it.",
    ),
    _page(
        _GAUGE, "recon_fills", "bot side", "Fills of the current UTC day in the ledger, in the events and at the venue."
    ),
    _page(_GAUGE, "recon_fill_parity_difference", "bot", "Fills of the current UTC day: ledger less events."),
    _page(
        _GAUGE,
        "recon_fills_pending",
        "bot",
        "Fills known from events that the ledger's writer has not flushed yet; counted, not judged.",
    ),
    _page(_GAUGE, "recon_equity_quote", "bot", "Equity in quote currency, as the ledger has it."),
    _page(_GAUGE, "recon_fees_paid_today_quote", "bot", "Fees of the current UTC day in quote currency, less rebates."),
    _page(_GAUGE, "recon_turnover_today_ratio", "bot", "Turnover of the current UTC day as a multiple of equity."),
)

_SOURCES = (
    _page(
        _GAUGE,
        "recon_source_up",
        "bot side source",
        "1 after a completed, fresh read of the source, 0 otherwise; no series before the first cycle.",
    ),
    _page(
        _GAUGE,
        "recon_source_timestamp_seconds",
        "bot side source",
        "The time of the newest data that the source holds.",
    ),
    _page(_COUNTER, "recon_source_bad_lines_total", "bot source", "Lines of the source that could not be read."),
    _page(
        _GAUGE,
        "recon_venue_probe_status",
        "bot status",
        "1 for the probe status of the bot's account in the exchange snapshot.",
    ),
    _settled(_COUNTER, _LIVE, "recon_venue_requests_total", "venue", "Requests sent to the venue."),
    _settled(
        _COUNTER, _LIVE, "recon_venue_request_failures_total", "venue reason", "Requests that the venue did not answer."
    ),
    _settled(_GAUGE, _LIVE, "recon_venue_clock_skew_seconds", "venue", "The venue's clock less ours."),
    _settled(
        _GAUGE, _PAGE, "recon_credential_permission", "bot permission", "1 where the bot's key can trade or withdraw."
    ),
)

_BREAKS = (
    _page(
        Kind.UNKNOWN,
        "wsb_eod_reconciliation_breaks_total",
        "bot break_type",
        "Breaks open as of the latest completed end-of-day run, 0 when clean; it goes down when a break is fixed.",
    ),
    _page(
        _GAUGE,
        "recon_breaks_open",
        "bot break_type severity state",
        "Open breaks from any check: open (seen once), confirmed or accepted.",
    ),
    _page(_COUNTER, "recon_breaks_opened_total", "bot break_type", "Breaks ever opened."),
    _page(_COUNTER, "recon_breaks_resolved_total", "bot break_type", "Breaks ever resolved."),
    _page(
        _GAUGE,
        "recon_break_oldest_opened_timestamp_seconds",
        "bot break_type",
        "When the oldest open break was opened.",
    ),
    _page(_GAUGE, "recon_break_exposure_usd", "bot break_type", "Exposure of the open breaks in US dollars."),
    _page(
        _HISTOGRAM,
        "recon_break_resolution_seconds",
        "bot break_type",
        "Time from opening to resolution.",
        buckets=tuple(3600.0 * hours for hours in (1, 4, 12, 24, 48, 72, 168, 336, 720)),
    ),
    _page(_GAUGE, "recon_positions_missing", "bot", "Positions that one side does not have."),
    _page(_GAUGE, "recon_eod_due_timestamp_seconds", "bot", "The latest scheduled end-of-day time."),
    _page(
        _GAUGE,
        "recon_eod_last_completed_timestamp_seconds",
        "bot",
        "When the latest end-of-day run with both sides verified ended.",
    ),
    _page(_GAUGE, "recon_halt_active", "bot reason", "1 while a halt is latched."),
    _live(
        _COUNTER,
        "recon_halt_action_failures_total",
        "bot",
        "Attempts to stop the bot by the configured action that were not confirmed.",
    ),
    _page(_GAUGE, "recon_audit_chain_valid", "", "1 where the chain of the audit log was verified."),
    _page(_GAUGE, "recon_audit_sequence", "", "Length of the audit chain."),
    _page(_GAUGE, "recon_audit_head", "", "The first 48 bits of the head digest of the audit chain."),
)

_DURATIONS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)

_EXPORTER = (
    _live(_COUNTER, "recon_job_runs_total", "run", "Runs that ended, well or not."),
    _live(_COUNTER, "recon_job_failures_total", "run reason", "Runs that ended without a report."),
    _live(_COUNTER, "recon_job_missed_total", "run", "Runs left out: too late, or the run before was still going on."),
    _live(_HISTOGRAM, "recon_job_duration_seconds", "run", "How long runs took.", buckets=_DURATIONS),
    _live(
        _GAUGE,
        "recon_job_last_success_timestamp_seconds",
        "run",
        "When a run last ended with a report; no series before the first.",
    ),
    _live(_GAUGE, "recon_job_next_run_timestamp_seconds", "run", "When the next run is due."),
    _live(_GAUGE, "recon_job_interval_seconds", "run", "The configured distance between runs."),
    _live(_COUNTER, "recon_deliveries_total", "sink", "Reports and messages that the sink took."),
    _live(_COUNTER, "recon_delivery_failures_total", "sink", "Attempts at delivery that the sink did not take."),
    _live(
        _GAUGE,
        "recon_config_last_reload_successful",
        "",
        "1 where the latest attempt to load the configuration succeeded, 0 where the last good one stays in force.",
    ),
    _live(
        _GAUGE,
        "recon_config_last_reload_success_timestamp_seconds",
        "",
        "When the configuration in force was loaded.",
    ),
    _live(_INFO, "recon_config_info", "sha256", "1 with the digest of the configuration in force."),
    _live(_INFO, "recon_build_info", "version python", "1 with the versions of the exporter and of Python."),
    _live(
        _COUNTER,
        "recon_http_requests_total",
        "path code",
        "HTTP requests answered, by kind of path (metrics, health, reload, page, other) and class of status code.",
    ),
)

CATALOGUE: Mapping[str, Metric] = MappingProxyType(
    {metric.name: metric for metric in (*_COVERAGE, *_CHECKS, *_VALUES, *_SOURCES, *_BREAKS, *_EXPORTER)}
)
