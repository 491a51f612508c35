"""The alert table, part two: whether the bots can be seen at all."""

from model import Alert, Plain, rising


def finding(check: str, code: str) -> Plain:
    """Name a current finding that tells about sight and not about money."""
    return Plain(f'max by (job, bot) (recon_finding{{check="{check}",code="{code}"}}) > 0')


SIGHT = (
    Alert(
        name="ReconciliationBotNotCovered",
        severity="critical",
        component="coverage",
        condition=finding("coverage", "expected_bot_missing"),
        summary="{{ $labels.bot }}: expected, but its books are not there",
        description=(
            "Nothing about this bot is being reconciled: its folder or its minute rows are gone. First: "
            "recon-exporter bots list, then look for the bot's log folder under the data root."
        ),
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
        summary=(
            "{{ with $value }}{{ . | humanize }} expected bot(s) not checked"
            "{{ else }}no bot is expected at all{{ end }}"
        ),
        description=(
            "Fewer bots were checked than are expected, or the fleet is empty: silence about the others means "
            "nothing. First: recon-exporter bots list, which says who is expected and why."
        ),
        dashboard="recon-fleet",
    ),
    Alert(
        name="ReconciliationLedgerStale",
        severity="critical",
        component="coverage",
        duration="15m",
        condition=finding("freshness", "ledger_stale"),
        summary="{{ $labels.bot }}: books stand still for a quarter of an hour",
        description=(
            "The bot has written no fresh minute row and every verdict that needs one is withheld: its money is "
            "not being watched. Find out whether the bot still runs and trades."
        ),
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationLedgerStale",
        severity="warning",
        component="coverage",
        duration="1m",
        condition=finding("freshness", "ledger_stale"),
        summary="{{ $labels.bot }}: books stand still",
        description=(
            "The newest minute row is older than its cadence allows, so the verdicts that need it are withheld. "
            "Look whether the bot runs and where it writes its logs."
        ),
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationCheckUnverified",
        severity="critical",
        component="coverage",
        # Two looks, as for every break of a cycle.
        duration="2m",
        condition=Plain('max by (job, bot, check) (recon_check_unverified{reason="mass_break",check!="eod"}) > 0'),
        summary="{{ $labels.bot }}: {{ $labels.check }}: too many differences to be believed",
        description=(
            "Both sides differ in more places than one look can believe, so one of the sources is taken for broken and "
            "NO BREAK WAS OPENED. A real mass liquidation looks the same. Compare both sides at once: recon-exporter "
            "venue positions --bot {{ $labels.bot }}, against the books. Source wrong: mend it. Source right: stop the "
            "bot and correct its books."
        ),
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationCheckUnverified",
        severity="warning",
        component="coverage",
        duration="15m",
        # Of the end-of-day run there are alerts of its own.
        condition=Plain(
            "max by (job, bot, check) (\n"
            '  recon_check_unverified{reason!~"canary_missed|mass_break",check!="eod"}\n'
            ") > 0"
        ),
        summary="{{ $labels.bot }}: {{ $labels.check }} could not be verified for 15 min",
        description=(
            "This check has given no verdict for a quarter of an hour; it is neither clean nor broken. Reason:"
            "{{ range printf `recon_check_unverified{job=%q,bot=%q,check=%q}`"
            " $labels.job $labels.bot $labels.check | query }} {{ .Labels.reason }}{{ end }}."
            " Mend its input, or disable the check on purpose."
        ),
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationFillsUnjudged",
        severity="warning",
        component="coverage",
        # Each look tells it of its own fills only, and a person should have an hour to see it.
        condition=Plain(
            "max by (job, bot, code) (\n"
            '  max_over_time(recon_finding{check="fills",code=~"fills_not_comparable|fills_not_judged"}[1h])\n'
            ") > 0"
        ),
        summary="{{ $labels.bot }}: fills that nobody judged ({{ $labels.code }})",
        description=(
            "{{ if eq $labels.code `fills_not_comparable` }}"
            "One side has fills without an id that the other side knows, and nothing there is like them."
            "{{ else }}"
            "Time passed that neither side tells any more: fills in it were never compared."
            "{{ end }}"
            " No break is opened for them: one may be missing or twice and nobody would say so. Compare them by hand:"
            " recon-exporter venue fills --bot {{ $labels.bot }}, against the books; the report has span and examples."
        ),
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationSeriesSuppressed",
        severity="warning",
        component="coverage",
        duration="15m",
        condition=Plain("max by (job, bot) (recon_differences_not_shown) > 0"),
        summary="{{ $labels.bot }}: {{ $value | humanize }} difference(s) have no series",
        description=(
            "More symbols or assets differ between books and venue than one bot may have series for. Dashboards show "
            "only the largest; checks and breaks leave none out. Look at the whole list: recon-exporter breaks list."
        ),
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationProbeStatusUnexpected",
        severity="warning",
        component="coverage",
        duration="5m",
        condition=finding("exchange_snapshot", "probe_status_unexpected"),
        summary="{{ $labels.bot }}: the account probe's status is not the expected one",
        description=(
            "The exchange snapshot shows another probe status than the account map asks for, so the venue side of"
            " this bot cannot be trusted. Compare the account mode in the map with the status in the snapshot."
        ),
        dashboard="recon-bot",
    ),
    Alert(
        name="ReconciliationSourceLinesUnreadable",
        severity="warning",
        component="coverage",
        condition=rising("job, bot, source", "recon_source_bad_lines_total"),
        summary="{{ $labels.bot }}: {{ $value | humanize }} unreadable line(s) in {{ $labels.source }} in 15 min",
        description=(
            "Complete lines of this source could not be read and were skipped. Something writes to the file that "
            "should not, or its format has changed. Find file and place in the report (checks, detail)."
        ),
        dashboard="recon-bot",
    ),
)
