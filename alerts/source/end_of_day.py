"""The alert table, part four: the end-of-day reconciliation of positions, what follows from a break, the audit log.

One cause is one page: all alerts of a bot arrive in one notification. What follows from a break joins it and is held
as it is; its end is not told apart, since the all-clear is that of the break.
"""

from model import Alert, Breaks, Latched, Plain, rising

EOD = "eod"
DAY = 86400
HALTED = "max by (job, bot) (recon_halt_active{selector}) > 0"
STANDING = "max by (job, bot) (wsb_eod_reconciliation_breaks_total) > 0"
OVERDUE = 3000  # seconds, and ten minutes of `for` complete the hour
OLDEST_VERDICT = 8 * DAY  # the rarest schedule is weekly

_HALTS = (
    " Halts requested:{{ range printf `recon_halt_active{job=%q,bot=%q}` $labels.job $labels.bot"
    " | query | sortByLabel `reason` }} {{ .Labels.reason }}{{ else }} none{{ end }}."
)
_EXPOSURE = (
    " Known exposure: {{ with printf `sum(recon_break_exposure_usd{job=%q,bot=%q})` $labels.job $labels.bot | query }}"
    "{{ . | first | value | humanize }} USD{{ else }}none{{ end }}."
)
_REASON = (
    ' Reason:{{ range printf `recon_check_unverified{job=%q,bot=%q,check="eod"}` $labels.job $labels.bot | query }}'
    " {{ .Labels.reason }}{{ end }}."
)


def halted(reason: str) -> Latched:
    """Name a halt for this reason of a bot that still has a break; the halt itself stays until a person clears it."""
    selector = f'{{reason="{reason}"}}'
    return Latched(EOD, f"{HALTED.format(selector=selector)}\nand on (job, bot)\n{STANDING}")


def older_than(days: int) -> Latched:
    """Name a bot whose oldest break that counts was opened more than so many days ago."""
    return Latched(EOD, f"time() - min by (job, bot) (recon_break_oldest_opened_timestamp_seconds) > {days * DAY}")


END_OF_DAY = (
    Alert(
        name="ReconciliationBreaks",
        severity="critical",
        component="compliance",
        condition=Breaks(EOD, "wsb_eod_reconciliation_breaks_total", "job, bot, break_type"),
        summary="{{ $labels.bot }}: {{ $value | humanize }} break(s) {{ $labels.break_type }}",
        description=(
            "The bot's books and its broker disagree about positions: a missed fill, a phantom position or an "
            "accounting error. Trust the broker, and look with: recon-exporter breaks list." + _EXPOSURE + _HALTS
        ),
        dashboard="recon-eod",
    ),
    Alert(
        name="ReconciliationExposureMaterial",
        severity="critical",
        component="compliance",
        condition=halted("exposure"),
        summary="{{ $labels.bot }}: breaks are material, stop trading until resolved",
        description=(
            "The exposure of open breaks is above the limit of the policy, for this bot or over the whole run, and "
            "a halt was requested. Make sure that the bot stands still, then: recon-exporter breaks list." + _EXPOSURE
        ),
        dashboard="recon-eod",
        clears=False,
    ),
    Alert(
        name="ReconciliationPositionsMissing",
        severity="critical",
        component="compliance",
        condition=halted("missing_positions"),
        summary="{{ $labels.bot }}: many positions missing, full manual reconciliation",
        description=(
            "As many positions as the policy allows, or more, are on one side only, for this bot or over the whole "
            "run, and a halt was requested. Missing of this bot: "
            "{{ with printf `max(recon_positions_missing{job=%q,bot=%q})` $labels.job $labels.bot | query }}"
            "{{ . | first | value | humanize }}{{ else }}unknown{{ end }}. Compare the whole book by hand."
        ),
        dashboard="recon-eod",
        clears=False,
    ),
    Alert(
        name="ReconciliationTradingHalted",
        severity="critical",
        component="compliance",
        condition=Latched(EOD, HALTED.format(selector="")),
        summary="{{ $labels.bot }}: halt requested, a person has to clear it",
        description=(
            "An end-of-day run asked that this bot stop trading. Unless an action is configured and confirmed, "
            "nothing was stopped: recon-exporter halt list says which." + _HALTS
        ),
        dashboard="recon-eod",
        clears=False,
    ),
    Alert(
        name="ReconciliationHaltActionFailed",
        severity="critical",
        component="compliance",
        condition=rising("job, bot", "recon_halt_action_failures_total"),
        summary="{{ $labels.bot }}: halt action failed {{ $value | humanize }} time(s), still trading?",
        description=(
            "The command or address that stops this bot did not confirm, so the bot may still be trading. It is "
            "tried again. Stop the bot by hand now, and make sure at the broker that no order is open."
        ),
        dashboard="recon-eod",
    ),
    Alert(
        name="ReconciliationBreakAgeing",
        severity="critical",
        component="compliance",
        condition=older_than(7),
        summary="{{ $labels.bot }}: oldest break open for {{ $value | humanizeDuration }}",
        description=(
            "A break has been open for more than a week: nobody corrects it, or the correction does not hold. It "
            "goes to the person responsible for compliance, with: recon-exporter breaks list."
        ),
        dashboard="recon-eod",
        clears=False,
    ),
    Alert(
        name="ReconciliationBreakAgeing",
        severity="warning",
        component="compliance",
        condition=older_than(1),
        summary="{{ $labels.bot }}: oldest break open for {{ $value | humanizeDuration }}",
        description=(
            "A break has been open for more than a day. Explain it, correct the books, or accept it until a date: "
            "recon-exporter breaks list."
        ),
        dashboard="recon-eod",
        clears=False,
    ),
    Alert(
        name="ReconciliationEodRunMissed",
        severity="critical",
        component="coverage",
        duration="10m",
        condition=Plain(
            f"time() - max by (job, bot) (recon_eod_due_timestamp_seconds) > {OVERDUE}\n"
            "unless on (job, bot)\n"
            "max by (job, bot) (recon_eod_last_completed_timestamp_seconds)\n"
            ">= on (job, bot)\n"
            "max by (job, bot) (recon_eod_due_timestamp_seconds)"
        ),
        summary="{{ $labels.bot }}: end-of-day run overdue for {{ $value | humanizeDuration }}",
        description=(
            "No end-of-day run with both sides verified has ended since the one that was due: today's positions are "
            "unreconciled, and what is shown of breaks is of an earlier day." + _REASON + " Run it: recon-exporter eod."
        ),
        dashboard="recon-eod",
    ),
    Alert(
        name="ReconciliationEodUnverified",
        severity="critical",
        component="coverage",
        condition=Plain('max by (job, bot) (recon_check_unverified{check="eod",reason="mass_break"}) > 0'),
        summary="{{ $labels.bot }}: more breaks at once than a source can be trusted with",
        description=(
            "The latest run saw more new breaks than eod.mass_breaks allows, so it takes one of its sources for "
            "broken: no break was opened and NOTHING WAS HALTED. A real mass liquidation looks the same. Compare both "
            "sides at once. Source wrong: mend it and run recon-exporter eod. Source right: recon-exporter eod --bot "
            "{{ $labels.bot }} --open-mass-break opens all of them and halts."
        ),
        dashboard="recon-eod",
    ),
    Alert(
        name="ReconciliationEodUnverified",
        severity="warning",
        component="coverage",
        duration="15m",
        condition=Plain(
            "max by (job, bot) (\n"
            '  recon_check_unverified{check="eod",reason!~"canary_missed|mass_break|not_run"}\n'
            ") > 0\n"
            "or\n"
            f"time() - max by (job, bot) (recon_eod_last_completed_timestamp_seconds) > {OLDEST_VERDICT}"
        ),
        summary="{{ $labels.bot }}: end-of-day run gives no verdict",
        description=(
            "A side could not be read or proven, or the last verdict is more than eight days old: positions are "
            "neither clean nor broken, and breaks of before stand." + _REASON + " Mend the side and run: "
            "recon-exporter eod."
        ),
        dashboard="recon-eod",
    ),
    Alert(
        name="ReconciliationEodNotConfigured",
        severity="info",
        component="coverage",
        duration="12h",
        condition=Plain(
            'max by (job, bot) (recon_check_enabled{check="eod"}) == 0\n'
            "and on (job, bot)\n"
            'max by (job, bot) (recon_check_enabled{check!="eod"}) == 1\n'
            "and on (job)\n"
            'recon_check_enabled{check="eod"} == 1'
        ),
        summary="{{ $labels.bot }}: no end-of-day run is configured",
        description=(
            "Other bots of this exporter have an end-of-day run and this one has none: nobody reconciles its "
            "positions. Configure it, or take the bot out on purpose."
        ),
        dashboard="recon-eod",
    ),
    Alert(
        name="ReconciliationAuditChainBroken",
        severity="critical",
        component="compliance",
        # A cut or rewritten tail is visible in the series alone: the chain that is left holds.
        condition=Plain(
            "min by (job, instance) (recon_audit_chain_valid) == 0\n"
            "or\n"
            "max by (job, instance) (resets(recon_audit_sequence[1d])) > 0\n"
            "or\n"
            "max by (job, instance) (changes(recon_audit_head[1d]))\n"
            "> on (job, instance)\n"
            "max by (job, instance) (changes(recon_audit_sequence[1d]))"
        ),
        summary="audit log of {{ $labels.instance }} was changed, cut or rewritten",
        description=(
            "The chain of the audit log does not hold, has become shorter, or its head changed without an entry: "
            "records of breaks and corrections cannot be trusted. Copy the state before anything else, then: "
            "recon-exporter audit verify. A cut or rewritten tail is reported for a day."
        ),
        dashboard="recon-eod",
    ),
)
