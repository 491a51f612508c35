"""`recon-exporter page-test`: one alert marked TEST on both ways out, Alertmanager and the webhook."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import typer

from recon_exporter import app, logs
from recon_exporter.clock import SystemClock
from recon_exporter.commands.alertmanager_api import Alertmanager, NotAnswered, placeholders
from recon_exporter.commands.opened import UNUSABLE, refused
from recon_exporter.domain.document import Document, to_json
from recon_exporter.errors import ConfigurationError, DeliveryFailed
from recon_exporter.ports import Clock, Outgoing
from recon_exporter.settings.loading import load
from recon_exporter.settings.model import Settings
from recon_exporter.settings.overrides import Overrides

DELIVERED, NOT_DELIVERED = 0, 1
SEVERITIES = ("critical", "warning", "info")
NAME = "ReconciliationPageTest"
LASTS = timedelta(minutes=5)
TEXT = "TEST: this is no alert, somebody looks whether pages arrive"
RUNBOOK = "https://github.com/recon-exporter/recon-exporter/blob/main/docs/alerting.md"


def run(overrides: Overrides, environment: Mapping[str, str], directory: Path, *, severity: str) -> int:
    """0 where whatever is configured took it, 1 where not, 2 where the configuration is unusable."""
    if severity not in SEVERITIES:
        return refused("page-test", f"--severity {severity}: expected {', '.join(SEVERITIES)}")
    try:
        settings = load(overrides, environment, directory, opens_venues=False)
    except ConfigurationError as error:
        typer.echo(f"page-test: {error}", err=True)
        return UNUSABLE
    logs.configure(settings.log.level, settings.log.format)
    clock = SystemClock()
    at = clock.now()
    answers = (_to_alertmanager(settings, severity, at), _to_webhook(settings, severity, at, clock))
    return DELIVERED if all(answers) else NOT_DELIVERED


def alert_of(severity: str, at: datetime, external_url: str) -> Mapping[str, object]:
    """The alert; its bot is a new one each time, so that no earlier test holds it back."""
    bot = f"TEST-{at:%H%M%S}"
    return {
        "labels": {"alertname": NAME, "severity": severity, "bot": bot, "job": "recon-exporter", "test": "true"},
        "annotations": {
            "summary": TEXT,
            "description": "Sent by recon-exporter page-test. Nothing to do but to say that it came.",
            "runbook_url": RUNBOOK,
        },
        "startsAt": at.isoformat(),
        "endsAt": (at + LASTS).isoformat(),
        "generatorURL": external_url,
    }


def _to_alertmanager(settings: Settings, severity: str, at: datetime) -> bool:
    alertmanager, url = Alertmanager(settings.alertmanager), settings.alertmanager.url
    try:
        sent = alertmanager.send(alert_of(severity, at, settings.web.external_url))
        missing = placeholders(alertmanager.configuration())
    except NotAnswered as error:
        typer.echo(f"alertmanager {url}: {error}")
        return False
    if sent.muted:
        typer.echo(f"alertmanager {url}: took it and tells nobody: it is silenced or inhibited")
        return False
    typer.echo(f"alertmanager {url}: took it for {', '.join(sent.receivers)}")
    for line in missing.values():
        typer.echo(f"warning: {line}")
    return not set(sent.receivers) & set(missing)


def _to_webhook(settings: Settings, severity: str, at: datetime, clock: Clock) -> bool:
    webhook = app.test_webhook(settings, clock)
    if webhook is None:
        typer.echo("webhook: none is configured")
        return True
    try:
        webhook.deliver(Outgoing(None, webhook.name, "test", at, to_json(_notice(severity, at, settings))))
    except DeliveryFailed as error:
        typer.echo(f"webhook: {error}")
        return False
    typer.echo("webhook: took it")
    return True


def _notice(severity: str, at: datetime, settings: Settings) -> Document:
    """The keys of a real notice, without findings, and marked as what it is."""
    return {
        "source": "reconciliation_service",
        "status": "ok" if severity == "info" else severity,
        "critical_count": 0,
        "warning_count": 0,
        "ts_utc": at,
        "findings": [],
        "kind": "test",
        "fingerprint": "",
        "synthetic": True,
        "text": TEXT,
        "external_url": settings.web.external_url,
    }
