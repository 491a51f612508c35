"""What the demonstration tells on the terminal: where to look, then one line for each thing that happens."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import typer

from recon_exporter.demo.incidents import Incident
from recon_exporter.ports import Clock

WEBHOOK = "/webhook"
SWITCH = "/dead-mans-switch"


class Console:
    """Prints lines whole, from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._is_switch_known = False

    def introduce(self, what: str, places: Sequence[tuple[str, str]]) -> None:
        """Say what is shown, and where to look."""
        width = max(len(name) for name, _ in places)
        self._print([what, "", *(f"  {name:<{width}}  {place}" for name, place in places), ""])

    def tell(self, subject: str, text: str) -> None:
        """One line of now."""
        self._print([self._line(subject, text)])

    def incident(self, incident: Incident, *, begins: bool) -> None:
        """An incident begins or ends."""
        text = f"{incident.bot} {incident.beginning}" if begins else f"{incident.bot} {incident.ending}"
        self.tell("incident" if begins else "it ends", text)

    def received(self, path: str, document: Mapping[str, Any]) -> None:
        """A webhook brought something: the exporter's own, or Alertmanager to one of its receivers."""
        if path == SWITCH:
            self._sign_of_life()
            return
        described = _webhook_lines(document) if path == WEBHOOK else _notification_lines(document)
        self._print([self._line(path.removeprefix("/"), text) for text in described])

    def _sign_of_life(self) -> None:
        if not self._is_switch_known:
            self._is_switch_known = True
            self.tell("switch", "the Watchdog came, and will come every minute: the way to the pager works")

    def _line(self, subject: str, text: str) -> str:
        return f"{self._clock.now():%H:%M:%S}  {subject:<8}  {text}"

    def _print(self, lines: Sequence[str]) -> None:
        with self._lock:
            for line in lines:
                typer.echo(line)


def _notification_lines(document: Mapping[str, Any]) -> Iterator[str]:
    for alert in document.get("alerts", ()):
        labels, annotations = alert.get("labels", {}), alert.get("annotations", {})
        name, summary = labels.get("alertname", "an alert without name"), annotations.get("summary", "")
        if alert.get("status") == "resolved":
            yield f"no longer reported: {name}, {summary}"
        elif name == "ReconciliationCleared":
            yield f"ALL CLEAR  {summary}"
        else:
            yield f"{str(labels.get('severity', '')).upper()}  {name}: {summary}  {annotations.get('runbook_url', '')}"


def _webhook_lines(document: Mapping[str, Any]) -> Iterator[str]:
    codes = ", ".join(sorted({f"{finding['bot']} {finding['message']}" for finding in document.get("findings", ())}))
    yield f"{document.get('kind', '')}: status {document.get('status', '')}, findings: {codes or 'none'}"
    for finding in document.get("findings", ()):
        named = finding.get("details", {}).get("text")
        if named is not None:
            yield f"  {finding['bot']}: {named}"
