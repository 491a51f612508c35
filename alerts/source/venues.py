"""The alert table, part of sight: the way to the exchanges, and the keys that open it."""

from model import Alert, Plain, rising

# One exchange's own limit of requests, the network and the exchange itself look alike from here: nothing comes back.
UNANSWERED = 'reason=~"unavailable|timeout|maintenance|rate_limit|bad_response"'
REFUSED = 'reason=~"auth|permission"'
# A snapshot that cannot be used, for whatever reason, hides every account in it.
UNUSABLE = 'reason=~"source_missing|source_unreadable|source_malformed|source_stale|time_in_future"'
JOB = 'run="snapshot"'
SECONDS = 5


def permission(name: str) -> Plain:
    """Name a right that the venue says the key has; what was last said holds for an hour."""
    told = f'last_over_time(recon_credential_permission{{permission="{name}"}}[1h])'
    return Plain(f"max by (job, bot) ({told}) > 0")


VENUES = (
    Alert(
        name="ReconciliationVenueUnreachable",
        severity="warning",
        component="coverage",
        duration="5m",
        condition=Plain(
            f"sum by (job, venue) (increase(recon_venue_request_failures_total{{{UNANSWERED}}}[10m]))\n"
            "> 0.5 *\n"
            "sum by (job, venue) (increase(recon_venue_requests_total[10m]))"
        ),
        summary="{{ $labels.venue }}: most requests come to nothing for 5 min",
        description=(
            "More than half of the requests to this venue were not answered, or with what cannot be read: its side"
            " of every bot there is unverified. Failures of 10 min by reason:"
            "{{ range printf `sum by (reason) (increase(recon_venue_request_failures_total{job=%q,venue=%q}[10m])) > 0`"
            " $labels.job $labels.venue | query | sortByLabel `reason` }} {{ .Labels.reason }}{{ end }}."
            " First: recon-exporter snapshot, which asks once and prints what stands in the way."
        ),
        dashboard="recon-fleet",
    ),
    Alert(
        name="ReconciliationCredentialsRefused",
        severity="warning",
        component="coverage",
        condition=rising("job, venue", f"recon_venue_request_failures_total{{{REFUSED}}}"),
        summary="{{ $labels.venue }}: a key was refused {{ $value | humanize }} time(s) in 15 min",
        description=(
            "This venue does not accept a key, or does not let it read: the bots that it belongs to cannot be"
            " compared. The exchange snapshot names them: their account_probe_error says that the key is refused."
            " First: recon-exporter snapshot, which tries every key once."
        ),
        dashboard="recon-fleet",
    ),
    Alert(
        name="ReconciliationCredentialsTooPowerful",
        severity="critical",
        component="coverage",
        condition=permission("withdraw"),
        summary="{{ $labels.bot }}: the key can withdraw money",
        description=(
            "Reconciliation only reads, and no bot needs this right: whoever gets hold of the key can empty the"
            " account. Take the right away at the venue, or replace the key; then look at the withdrawals made."
        ),
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationCredentialsTooPowerful",
        severity="warning",
        component="coverage",
        condition=permission("trade"),
        summary="{{ $labels.bot }}: the key that reconciles can trade",
        description=(
            "Reconciliation only reads. Give it a key of its own with the right to read alone, so that what leaks"
            " here cannot trade."
        ),
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationVenueClockSkew",
        severity="warning",
        component="coverage",
        duration="5m",
        condition=Plain(f"max by (job, venue) (abs(recon_venue_clock_skew_seconds)) > {SECONDS}"),
        summary="{{ $labels.venue }}: its clock and ours are {{ $value | humanize }} s apart",
        description=(
            "Venues refuse requests that are signed seconds too early or late, and fills near the edge of a window"
            " are taken for missing ones. Look at this machine's clock first: venues keep theirs."
        ),
        dashboard="recon-fleet",
    ),
    Alert(
        name="ReconciliationSnapshotStale",
        severity="warning",
        component="coverage",
        duration="2m",
        # The file may be somebody else's: then only what the check says of it tells. Our own job is late by itself.
        condition=Plain(
            f'max by (job) (recon_check_unverified{{check="exchange_snapshot",{UNUSABLE}}}) > 0\n'
            "or\n"
            "max by (job) (\n"
            "  time() - (\n"
            f"    max by (job, instance) (recon_job_last_success_timestamp_seconds{{{JOB}}})\n"
            "    or\n"
            "    max by (job, instance) (recon_config_last_reload_success_timestamp_seconds)\n"
            "  )\n"
            "  > on (job, instance)\n"
            f"  3 * max by (job, instance) (recon_job_interval_seconds{{{JOB}}}) + 60\n"
            ")"
        ),
        summary="the exchange snapshot is missing, too old or unreadable",
        description=(
            "What the exchanges say of the accounts in it is not known any more, so no bot is compared with its"
            " exchange. First: recon-exporter snapshot, which asks once and prints what stands in the way."
        ),
        dashboard="recon-fleet",
    ),
)
