"""The part of the catalogue that tells of breaks, end-of-day runs, halts and the audit chain."""

from recon_exporter.telemetry.entries import COUNTER, GAUGE, HISTOGRAM, live, page
from recon_exporter.telemetry.metric import Kind

BREAKS = (
    page(
        Kind.UNKNOWN,
        "wsb_eod_reconciliation_breaks_total",
        "bot break_type",
        "Breaks open as of the latest completed end-of-day run, 0 when clean; it goes down when a break is fixed.",
    ),
    page(
        GAUGE,
        "recon_breaks_open",
        "bot break_type severity state",
        "Open breaks from any check: open (seen once), confirmed or accepted.",
    ),
    page(COUNTER, "recon_breaks_opened_total", "bot break_type", "Breaks ever opened."),
    page(COUNTER, "recon_breaks_resolved_total", "bot break_type", "Breaks ever resolved."),
    page(
        GAUGE,
        "recon_break_oldest_opened_timestamp_seconds",
        "bot break_type",
        "When the oldest open break was opened.",
    ),
    page(GAUGE, "recon_break_exposure_usd", "bot break_type", "Exposure of the open breaks in US dollars."),
    page(
        HISTOGRAM,
        "recon_break_resolution_seconds",
        "bot break_type",
        "Time from opening to resolution.",
        buckets=tuple(3600.0 * hours for hours in (1, 4, 12, 24, 48, 72, 168, 336, 720)),
    ),
    page(GAUGE, "recon_positions_missing", "bot", "Positions that one side does not have."),
    page(GAUGE, "recon_eod_due_timestamp_seconds", "bot", "The latest scheduled end-of-day time."),
    page(
        GAUGE,
        "recon_eod_last_completed_timestamp_seconds",
        "bot",
        "When the latest end-of-day run with both sides verified ended.",
    ),
    page(GAUGE, "recon_halt_active", "bot reason", "1 while a halt is latched."),
    live(
        COUNTER,
        "recon_halt_action_failures_total",
        "bot",
        "Attempts to stop the bot by the configured action that were not confirmed.",
    ),
    page(GAUGE, "recon_audit_chain_valid", "", "1 where the chain of the audit log was verified."),
    page(GAUGE, "recon_audit_sequence", "", "Length of the audit chain."),
    page(GAUGE, "recon_audit_head", "", "The first 48 bits of the head digest of the audit chain."),
)
