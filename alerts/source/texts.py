"""The words and links of an alert, as Prometheus templates."""

from dataclasses import replace

from model import Alert

EXPORTER = "http://127.0.0.1:9811"
REPOSITORY = "https://github.com/recon-exporter/recon-exporter/blob/main"
GRAFANA = "http://127.0.0.1:3000/d"

# What the exporter shows while the page is read: a held alert may speak of a state that nobody can see any more.
_VERDICT = (
    " {{{{ with printf `max(recon_check_last_evaluated_timestamp_seconds{{job=%q,bot=%q,check=%q}})`"
    ' $labels.job $labels.bot "{check}" | query }}}}'
    "Verdict of {{{{ . | first | value | humanizeTimestamp }}}}, findings now:"
    '{{{{ range printf `recon_finding{{job=%q,bot=%q,check=%q}}` $labels.job $labels.bot "{check}" | query }}}}'
    " {{{{ .Labels.code }}}}{{{{ else }}}} none, the last known state is held{{{{ end }}}}."
    "{{{{ else }}}}The exporter shows no verdict at present: the last known state is held.{{{{ end }}}}"
)
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


def verdict(check: str) -> str:
    """Return the template of a sentence that tells when the check was judged last, and what it found."""
    return _VERDICT.format(check=check)


def all_clear(alert: Alert) -> Alert:
    """Return the row that says a money alert has ended on fresh proof."""
    return replace(
        alert,
        name="ReconciliationCleared",
        severity="info",
        summary=f"{{{{ $labels.bot }}}}: ended on fresh proof: {alert.subject}",
        description=f"{alert.name} was open, and a complete, fresh evaluation of this bot has now found nothing left "
        "of it. Only this message says that it is over." + (_STEP if alert.step else ""),
    )


def _runbook(alert: Alert) -> str:
    if alert.about_exporter:
        return f"{REPOSITORY}/runbooks/{alert.name}.md"
    return f"{EXPORTER}/runbooks/{alert.name}"


def _dashboard(alert: Alert) -> str:
    bot = "?var-bot={{ $labels.bot }}" if "$labels.bot" in alert.summary else ""
    return f"{GRAFANA}/{alert.dashboard}{bot}"
