"""The alert table, part one: money.

These alerts are held until fresh proof. They have no `for`: the exporter's checks have already waited for what is in
flight. Of two severities the lower one holds for the higher one too, so that an all-clear means both.
"""

from model import Alert, Drift, Findings

INVENTORY_CODES = ("inventory_drift_critical", "inventory_drift_warning")
EXCHANGE_CODES = ("exchange_vs_local_base_pct_drift_critical", "exchange_vs_local_base_pct_drift_warning")
FEE_COUNTER_CODES = ("fees_counter_decreased_critical", "fees_counter_decreased_warning")
# A broken equity makes drifts of thousands, which read badly as a percentage.
SHARE = (
    "{{ if lt $value 10.0 }}{{ $value | humanizePercentage }} of equity"
    "{{ else }}{{ $value | humanize }} times equity{{ end }}"
)

MONEY = (
    Alert(
        name="ReconciliationBalanceBroken",
        severity="critical",
        component="reconciliation",
        condition=Findings("balance", severity="critical"),
        step=True,
        summary="{{ $labels.bot }}: balance is broken, {{ $value | humanize }} critical finding(s)",
        description=(
            "The bot's equity, base share or balances contradict each other or cannot be true: size, drift and "
            "risk limits computed from them are wrong. Pause promotion and compare the last minute rows with the "
            "venue."
        ),
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationInventoryDrift",
        severity="critical",
        component="reconciliation",
        condition=Drift(
            "inventory", "recon_inventory_drift_ratio", "inventory_critical", "critical", INVENTORY_CODES[:1]
        ),
        summary=f"{{{{ $labels.bot }}}}: inventory {SHARE} off target (critical)",
        description=(
            "The base share of equity is further from the bot's own target than the critical threshold: it holds "
            "a position that it does not mean to hold. Look at base and target share, then decide whether to stop"
            " the bot."
        ),
        dashboard="recon-bot",
        clears=False,
    ),
    Alert(
        name="ReconciliationInventoryDrift",
        severity="warning",
        component="reconciliation",
        condition=Drift("inventory", "recon_inventory_drift_ratio", "inventory_warn", "warning", INVENTORY_CODES),
        summary=f"{{{{ $labels.bot }}}}: inventory {SHARE} off target",
        description=(
            "The base share of equity has left the band around the bot's own target. Follow it up today: look "
            "whether it grows, and whether the bot still works it off."
        ),
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationExchangeDrift",
        severity="critical",
        component="reconciliation",
        condition=Drift(
            "exchange_snapshot", "recon_exchange_drift_ratio", "exchange_drift_critical", "critical", EXCHANGE_CODES[:1]
        ),
        summary=f"{{{{ $labels.bot }}}}: books and venue {SHARE} apart (critical)",
        description=(
            "What the bot believes to hold and what the account at the venue holds differ beyond the critical "
            "threshold. Trust the venue: check its balances by hand and stop the bot if they stand."
        ),
        dashboard="recon-bot",
        clears=False,
    ),
    Alert(
        name="ReconciliationExchangeDrift",
        severity="warning",
        component="reconciliation",
        condition=Drift(
            "exchange_snapshot", "recon_exchange_drift_ratio", "exchange_drift_warn", "warning", EXCHANGE_CODES
        ),
        summary=f"{{{{ $labels.bot }}}}: books and venue {SHARE} apart",
        description=(
            "What the bot believes to hold and what the account at the venue holds have drifted apart beyond the "
            "warning threshold. Look for transfers, missed fills or another program on the same account."
        ),
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationFillParityBroken",
        severity="warning",
        component="reconciliation",
        condition=Findings("fill_parity"),
        summary="{{ $labels.bot }}: fills and events of today differ, {{ $value | humanize }} finding(s)",
        description=(
            "The fills in the bot's file and the filled orders in the event store are not the same set for this "
            "UTC day: one of the two has lost or invented a fill. Compare both counts, then the identifiers in "
            "the report."
        ),
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationFeesNegative",
        severity="critical",
        component="reconciliation",
        condition=Findings("accounting", codes=("fees_paid_negative",)),
        summary="{{ $labels.bot }}: fees paid today are negative",
        description=(
            "The bot's fee counter is below zero and maker rebates do not explain it: profit and loss of today is"
            " wrong. Pause promotion and compare the counter with the fees in the fills file."
        ),
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationFeeCounterDecreased",
        severity="critical",
        component="reconciliation",
        condition=Findings("accounting", codes=FEE_COUNTER_CODES[:1]),
        step=True,
        summary="{{ $labels.bot }}: fee counter of today fell, beyond the critical limit",
        description=(
            "A counter that can only grow within a UTC day has fallen: the accounting state was lost or reset. "
            "Pause promotion and find the row in the report. It is reported until its UTC day ends."
        ),
        dashboard="recon-bot",
        clears=False,
    ),
    Alert(
        name="ReconciliationFeeCounterDecreased",
        severity="warning",
        component="reconciliation",
        condition=Findings("accounting", codes=FEE_COUNTER_CODES),
        step=True,
        summary="{{ $labels.bot }}: fee counter of today fell",
        description=(
            "A counter that can only grow within a UTC day has fallen by more than the warning limit. Find the "
            "row in the report and look for a restart of the bot. It is reported until its UTC day ends."
        ),
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationTurnoverWithoutFees",
        severity="warning",
        component="reconciliation",
        condition=Findings("accounting", codes=("turnover_without_fee_accrual",)),
        step=True,
        summary="{{ $labels.bot }}: turnover grew and no fee was booked",
        description=(
            "The bot traded under a fee schedule that charges, and its fee counter stood still: profit of today "
            "is overstated. Check the fee source and the fees in the fills file."
        ),
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationFeeRateOutOfBand",
        severity="warning",
        component="reconciliation",
        condition=Findings("accounting", codes=("fee_rate_out_of_expected_band",)),
        summary="{{ $labels.bot }}: fees paid do not fit turnover and fee schedule",
        description=(
            "Fees divided by turnover lie outside the band around the bot's maker and taker rates: the schedule, "
            "the fees or the turnover is wrong. Compare the rate in the report with the venue's fee tier."
        ),
        dashboard="recon-bot",
    ),
)
