"""The words and links of an alert, as Prometheus templates."""

from dataclasses import replace

from model import Alert, Breaks, Held, Latched

EXPORTER = "http://127.0.0.1:9811"
REPOSITORY = "https://github.com/recon-exporter/recon-exporter/blob/main"
GRAFANA = "http://127.0.0.1:3000/d"

# What the exporter shows while the page is read: a held alert may speak of a state that nobody can see any more.
_VERDICT = (
    " {{{{ with printf `max({time})` $labels.job $labels.bot | query }}}}"
    "Verdict of {{{{ . | first | value | humanizeTimestamp }}}}, findings now:"
    '{{{{ range printf `recon_finding{{job=%q,bot=%q,check=%q}}` $labels.job $labels.bot "{check}"'
    " | query | sortByLabel `code` }}}}"
    " {{{{ .Labels.code }}}}{{{{ else }}}} none, the last known state is held{{{{ end }}}}."
    "{{{{ else }}}}The exporter shows no verdict at present: the last known state is held.{{{{ end }}}}"
)
# Of what the state itself remembers there is nothing to tell, unless nobody can see it.
_SPOKEN_OF = (
    ' {{{{ with printf `recon_check_enabled{{job=%q,bot=%q,check="{check}"}}` $labels.job $labels.bot | query }}}}'
    "Shown by the exporter at present."
    "{{{{ else }}}}The exporter shows nothing of this bot at present: the last known state is held.{{{{ end }}}}"
)
_LIFE = " Breaks that a person accepted until a date, or retired, count no longer: recon-exporter breaks list --all."
_STEP = (
    " It may have been a step between two rows, which is reported only until its UTC day ends: make sure that the"
    " books were corrected."
)


def annotations(alert: Alert, note: str) -> dict[str, str]:
    """Return summary, description and the two links; the note ends the description."""
    return {
        "summary": alert.summary,
        "description": alert.description + note,
        "runbook_url": _runbook(alert),
        "dashboard_url": _dashboard(alert),
    }


def verdict(condition: Held) -> str:
    """Return the template of a sentence that tells when the check was judged last, and what it found."""
    check = condition.check
    if isinstance(condition, Latched):
        return _SPOKEN_OF.format(check=check)
    own = f'recon_check_last_evaluated_timestamp_seconds{{job=%q,bot=%q,check="{check}"}}'
    time = "recon_eod_last_completed_timestamp_seconds{job=%q,bot=%q}" if check == "eod" else own
    return _VERDICT.format(check=check, time=time)


def all_clear(alert: Alert) -> Alert:
    """Return the row that says a money alert has ended on fresh proof."""
    is_breaks = isinstance(alert.condition, Breaks)
    break_type = " {{ $labels.break_type }}" if is_breaks else ""
    return replace(
        alert,
        name="ReconciliationCleared",
        severity="info",
        summary=f"{{{{ $labels.bot }}}}: ended on fresh proof: {alert.subject}{break_type}",
        description=f"{alert.name} was open, and a complete, fresh evaluation of this bot has now found nothing left "
        "of it. Only this message says that it is over."
        + (_STEP if alert.step else "")
        + (_LIFE if is_breaks or alert.life else ""),
    )


def _runbook(alert: Alert) -> str:
    if alert.about_exporter:
        return f"{REPOSITORY}/runbooks/{alert.name}.md"
    return f"{EXPORTER}/runbooks/{alert.name}"


def _dashboard(alert: Alert) -> str:
    bot = "?var-bot={{ $labels.bot }}" if "$labels.bot" in alert.summary else ""
    return f"{GRAFANA}/{alert.dashboard}{bot}"
