"""`recon-exporter once`: one cycle, its reports, and a summary; with --synthetic-drift a proof of the alarm."""

from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import typer

from recon_exporter import app, logs
from recon_exporter.app import WholeState
from recon_exporter.clock import SystemClock
from recon_exporter.commands.summary import print_summary
from recon_exporter.domain.document import report_document, to_json
from recon_exporter.domain.finding import Severity
from recon_exporter.domain.notice import decide_notice, notice_payload
from recon_exporter.domain.report import Report, Status
from recon_exporter.domain.stamp import LATEST, stamp_name
from recon_exporter.domain.synthetic import BOT, with_synthetic_drift
from recon_exporter.errors import ConfigurationError, DeliveryFailed, StateError
from recon_exporter.ports import Clock, Outgoing
from recon_exporter.settings.loading import load
from recon_exporter.settings.model import Settings
from recon_exporter.settings.overrides import Overrides
from recon_exporter.state import open_state
from recon_exporter.telemetry import Telemetry

EXIT_CODES = {Status.OK: 0, Status.WARNING: 1, Status.CRITICAL: 1, Status.UNKNOWN: 3}
UNUSABLE = 2


def run(
    overrides: Overrides,
    environment: Mapping[str, str],
    directory: Path,
    *,
    synthetic: bool,
    send: bool,
    as_json: bool,
) -> int:
    """0 ok, 1 a finding, 2 configuration or state unusable, 3 something unverified and nothing worse."""
    if send and not synthetic:
        typer.echo("once: --send goes with --synthetic-drift", err=True)
        return UNUSABLE
    try:
        settings = load(overrides, environment, directory)
        logs.configure(settings.log.level, settings.log.format)
        clock = SystemClock()
        with closing(open_state(settings.state.url.get_secret_value())) as state:
            work = _synthetic if synthetic else _real
            report, delivered = work(settings, state, clock, send=send)
    except (ConfigurationError, StateError) as error:
        typer.echo(f"once: {error}", err=True)
        return UNUSABLE
    if as_json:
        typer.echo(to_json(report_document(report, app.document_context(settings))))
    else:
        print_summary(report, settings.reports.dir)
    return EXIT_CODES[report.status] if delivered else UNUSABLE


def _real(settings: Settings, state: WholeState, clock: Clock, *, send: bool) -> tuple[Report, bool]:
    del send
    deliveries = app.build_deliveries(settings, state, clock, Telemetry("", (), ()))
    with closing(app.build_cycle(settings, state, clock)) as cycle:
        report = cycle.run(settings.policies, app.build_telling(settings, always_stamp=True), lambda _: None)
    failed = deliveries.deliver()
    for sink in sorted(failed):
        typer.echo(f"once: {sink} did not take the report; it stays in the outbox", err=True)
    return report, "report_file" not in failed


def _synthetic(settings: Settings, state: WholeState, clock: Clock, *, send: bool) -> tuple[Report, bool]:
    """A look at the real books with the synthetic finding added; touches neither state nor real reports."""
    with closing(app.build_cycle(settings, state, clock)) as cycle:
        real = cycle.look(settings.policies)
    report = with_synthetic_drift(real, settings.policies.of(BOT))
    body = to_json(report_document(report, app.document_context(settings)))
    files = app.report_files(settings).synthetic()
    try:
        for name in (LATEST, stamp_name(report.at)):
            files.deliver(Outgoing(None, files.name, name, report.at, body))
        if send:
            _send(report, settings, clock)
    except DeliveryFailed as error:
        typer.echo(f"once: {error}", err=True)
        return report, False
    return report, True


def _send(report: Report, settings: Settings, clock: Clock) -> None:
    webhook = app.test_webhook(settings, clock)
    if webhook is None:
        raise DeliveryFailed("--send: no webhook is configured (webhook.url or RECON_ALERT_WEBHOOK_URL)")
    notice = decide_notice(report, None, Severity.CRITICAL, timedelta(0))
    if notice is None:
        raise DeliveryFailed("the synthetic report has nothing to tell")
    payload = to_json(notice_payload(report, notice, settings.web.external_url))
    webhook.deliver(Outgoing(None, webhook.name, notice.kind.value, report.at, payload))
