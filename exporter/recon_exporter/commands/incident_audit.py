"""Each line of the incident log as an entry of the audit log."""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime

import typer

from recon_exporter.domain.document import to_json
from recon_exporter.domain.incident import Action, Entry, Incident
from recon_exporter.errors import ProgressMoved, StateError
from recon_exporter.ports import AuditAct, EodRecording
from recon_exporter.settings.model import Settings
from recon_exporter.state import open_state

ATTEMPTS = 20

Audit = Callable[[Entry, Incident], None]
"""Takes a line that was written, and its incident as of it."""

_ACTIONS = {Action.OPEN: "incident_opened", Action.UPDATE: "incident_updated", Action.CLOSE: "incident_closed"}


def unaudited(_: Entry, __: Incident) -> None:
    """For a log that belongs to no state."""


def audited(settings: Settings, now: datetime) -> Audit:
    """Into the state of these settings; where it cannot be written, that is told: the incident log stands alone."""

    def write(entry: Entry, incident: Incident) -> None:
        try:
            _append(settings, _act(entry, incident), now)
        except StateError as error:
            typer.echo(f"incident: written down, but not in the audit log: {error}", err=True)

    return write


def _act(entry: Entry, incident: Incident) -> AuditAct:
    """By the incident's owner, who is not said on every line."""
    fields = {"eta": entry.eta, "bot": entry.bot, "evidence": entry.evidence}
    details = to_json({name: value for name, value in fields.items() if value is not None}, indent=0)
    return AuditAct(incident.owner or "", _ACTIONS[entry.action], f"INC-{entry.number}", entry.text, details)


def _append(settings: Settings, act: AuditAct, now: datetime) -> None:
    with closing(open_state(settings.state.url.get_secret_value())) as state:
        for _ in range(ATTEMPTS):
            try:
                state.record_eod(EodRecording(now, state.revision(), acts=(act,)))
            except ProgressMoved:
                continue
            return
    raise StateError("the state kept moving")
