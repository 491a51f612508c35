"""The lower half of the dashboard of a bot: fills and accounting, both sides compared, sources and venue."""

from typing import Any

import links
import selecting
from looks import UP_OR_DOWN
from panels import graph, over_time, rows, states

PROBES = (
    (0, "OK", "green"),
    (1, "OFF ON PURPOSE", "#5a5a5a"),
    (2, "NO CREDENTIALS", "orange"),
    (3, "FETCH FAILED", "red"),
    (4, "UNKNOWN", "#808080"),
)


def accounting() -> tuple[Any, ...]:
    """Fills of both sides, equity, fees, turnover, and the limits in force."""
    return (
        graph(
            "Fills of today by side",
            "Fills of the current UTC day in the books, in the events and at the venue. Good is lines that climb "
            "together; they begin anew at midnight.",
            (over_time(selecting.of_bots("recon_fills"), "{{bot}} {{side}}"),),
        ),
        graph(
            "Fill parity",
            "Fills of today in the books less those in the events, and fills that the writer of the books has not "
            "flushed yet, which are waited for. Good is a difference of 0. Alert: ReconciliationFillParityBroken.",
            (
                over_time(selecting.of_bots("recon_fill_parity_difference"), "{{bot}} difference"),
                over_time(selecting.of_bots("recon_fills_pending"), "{{bot}} pending"),
            ),
            goes_to=(links.runbook("ReconciliationFillParityBroken"),),
        ),
        graph(
            "Equity",
            "Equity in quote currency, as the books have it. Bots of different quote currencies cannot be compared. "
            "Alert on values that cannot be: ReconciliationBalanceBroken.",
            (over_time(selecting.of_bots("recon_equity_quote"), "{{bot}}"),),
            unit="suffix: quote",
        ),
        graph(
            "Fees of today",
            "Fees paid in the current UTC day in quote currency, less rebates. It may only fall at midnight: alert "
            "ReconciliationFeeCounterDecreased.",
            (over_time(selecting.of_bots("recon_fees_paid_today_quote"), "{{bot}}"),),
            unit="suffix: quote",
            goes_to=(links.runbook("ReconciliationFeeCounterDecreased"),),
        ),
        graph(
            "Turnover of today",
            "Turnover of the current UTC day as a multiple of equity. Where it grows and fees do not, alert "
            "ReconciliationTurnoverWithoutFees.",
            (over_time(selecting.of_bots("recon_turnover_today_ratio"), "{{bot}}"),),
            unit="suffix: × equity",
            goes_to=(links.runbook("ReconciliationTurnoverWithoutFees"),),
        ),
        _limits(),
    )


def _limits() -> Any:
    info = selecting.of_bots("recon_threshold_info")
    return rows(
        "Limits in force",
        "The limits that the selected bots are judged by, and where each came from: the bot's own entry, the "
        "environment, the defaults of the file, or built in.",
        {
            "Limit": f"max by (bot, key, severity, origin) (\n  {selecting.of_bots('recon_threshold')}\n"
            f"  * on (job, instance, bot, key) group_left (origin) {info}\n)",
        },
        labels=(
            "bot",
            "key",
            "severity",
            "origin",
        ),
        goes_to=(links.dashboard_of_bot(),),
        width=12,
        height=8,
    )


def both_sides() -> tuple[Any, ...]:
    """What the comparison of fills, positions and balances found."""
    types = selecting.of_bots("recon_breaks_open")
    return (
        graph(
            "Open breaks by type",
            "Breaks of cycles and of end-of-day runs by type and state: open is seen once, confirmed twice, accepted "
            "means that a person vouches for it. Good is no line, as long as the checks have their verdict.",
            (over_time(f"sum by (bot, break_type, state) ({types})", "{{bot}} {{break_type}} {{state}}"),),
            stacked=True,
            goes_to=(links.breaks(),),
        ),
        graph(
            "Differences of positions",
            "Position in the books less that at the venue, in units of the base asset, tolerated or not. Good is no "
            "line. Alert: ReconciliationPositionMismatch.",
            (over_time(selecting.of_bots("recon_position_difference"), "{{bot}} {{symbol}} {{leg}}"),),
            goes_to=(links.breaks(),),
        ),
        graph(
            "Differences of balances",
            "Balance in the books less that at the venue, in units of each asset: lines of different assets cannot be "
            "compared. Good is no line. Alert: ReconciliationVenueBalanceMismatch.",
            (over_time(selecting.of_bots("recon_balance_difference"), "{{bot}} {{asset}}"),),
            goes_to=(links.breaks(),),
        ),
        graph(
            "What tolerances let through",
            "Differences a second that tolerances let through, in the unit of each check. A side that always gains by "
            "them is a leak: positive and negative should be alike.",
            (
                over_time(
                    "sum by (bot, check, sign) "
                    f"(rate({selecting.of_bots('recon_tolerated_difference_total')}[$__rate_interval]))",
                    "{{bot}} {{check}} {{sign}}",
                ),
            ),
        ),
    )


def sources() -> tuple[Any, ...]:
    """Whether each source could be read, how old its data is, and what the venue's probe says."""
    bad = selecting.of_bots("recon_source_bad_lines_total")
    return (
        states(
            "Sources",
            "Whether each source was read completely and fresh. Good is UP.",
            f"min by (bot, side, source) ({selecting.of_bots('recon_source_up')})",
            "{{bot}} {{source}}",
            words=UP_OR_DOWN,
            width=12,
        ),
        graph(
            "Age of data",
            "How old the newest data of each source is. Good is about the cadence of its writer. Alerts: "
            "ReconciliationLedgerStale, ReconciliationSnapshotStale.",
            (over_time(f"time() - {selecting.of_bots('recon_source_timestamp_seconds')}", "{{bot}} {{source}}"),),
            unit="s",
        ),
        states(
            "Account probe",
            "What the probe of the bot's account says in the exchange snapshot. Good is OK, or off where the account "
            "map says so. Alert: ReconciliationProbeStatusUnexpected.",
            _probe(),
            "{{bot}}",
            words=PROBES,
            goes_to=(links.runbook("ReconciliationProbeStatusUnexpected"),),
            width=12,
        ),
        graph(
            "Unreadable lines by source",
            "Lines of each source that could not be read, a second. Good is 0. Alert: "
            "ReconciliationSourceLinesUnreadable.",
            (over_time(f"sum by (bot, source) (rate({bad}[$__rate_interval]))", "{{bot}} {{source}}"),),
            unit="cps",
            goes_to=(links.runbook("ReconciliationSourceLinesUnreadable"),),
        ),
    )


def _probe() -> str:
    codes = {0: "ok", 1: "disabled|paper_only", 2: "missing_credentials", 3: "fetch_failed", 4: "unknown"}
    arms = [
        f"{code} * ({selecting.of_bots('recon_venue_probe_status', status=status)} == 1)"
        for code, status in codes.items()
    ]
    return "max by (bot) (\n  " + "\n  or ".join(arms) + "\n)"
