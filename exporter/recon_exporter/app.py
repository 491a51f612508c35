"""The composition root: settings become ledgers, venues, checks, state and sinks; the only place that wires them."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr
from sqlalchemy.engine import make_url

from recon_exporter import __version__, eod_parts
from recon_exporter.canaries import CanaryFleet
from recon_exporter.checks import CHECKS
from recon_exporter.collecting import Collector
from recon_exporter.cycle import Cycle
from recon_exporter.delivery import Deliveries, DeliveryTelemetry
from recon_exporter.domain.document import DocumentContext
from recon_exporter.domain.eod_view import EodView
from recon_exporter.eod_runs import EodRuns
from recon_exporter.errors import ProgressMoved
from recon_exporter.judging import Judge
from recon_exporter.ledgers.hbot import HbotLedger
from recon_exporter.outgoing import Telling, WebhookTerms
from recon_exporter.outgoing_eod import CONFIRMED, history_entry
from recon_exporter.ports import AuditAct, Clock, EodRecording, EodState, Fleet, Sink, State
from recon_exporter.settings.fleets import FleetSettings
from recon_exporter.settings.model import Settings
from recon_exporter.settings.venues import CcxtVenue
from recon_exporter.side_collecting import SideCollector
from recon_exporter.side_parts import Readers
from recon_exporter.sinks.files import Files
from recon_exporter.sinks.halt import Action, Halts
from recon_exporter.sinks.report_file import ReportFiles
from recon_exporter.sinks.webhook import Webhook
from recon_exporter.sources import Connections
from recon_exporter.venues.exchange_snapshot import ExchangeSnapshot

DEADLINE = timedelta(seconds=30)
"""How long a cycle waits for one source; what comes later is the answer of the next cycle."""

SHORTEST_PATIENCE = timedelta(seconds=1)
SENT_MARKER = "last_webhook_sent.json"
TEST_MARKER = "last_webhook_test.json"
SINKS = ("page", "report_file", "webhook", "halt")
HISTORY_FILE = "eod_recon_breaks.json"
RUNS_FOLDER = "eod"
HALT_FOLDER = "halt"
CONFIRMATIONS = 20


class WholeState(State, EodState, Protocol):
    """Both sides of the durable state: that of cycles and that of end-of-day runs."""


def build_cycle(
    settings: Settings,
    state: WholeState,
    clock: Clock,
    view: Callable[[], EodView] | None = None,
    connections: Connections | None = None,
) -> Cycle:
    """The cycle over all fleets and bots, going on from what the state holds.

    ``view`` shows what stands of end-of-day runs; ``connections`` are those of the process to exchanges.
    """
    patience = min(DEADLINE, max(settings.schedule.cycle / 2, SHORTEST_PATIENCE))
    readers = Readers(settings, connections or Connections(clock))
    sides = SideCollector(readers, clock, patience, settings.policies.of("").freshness.snapshot, DEADLINE)
    fleets = [_fleet(fleet, settings) for fleet in settings.fleets]
    collector = Collector(fleets, clock, DEADLINE, sides, _accounts(settings))
    judge = Judge(CHECKS, CanaryFleet(CHECKS, clock))
    return Cycle(collector, judge, state, clock, view or EodRuns(settings, state, clock).view)


class CurrentCycle:
    """The cycle that the configuration in force wants, built anew where that has become another."""

    def __init__(self, build: Callable[[Settings], Cycle], settings: Settings) -> None:
        self._build = build
        self._basis = settings.basis_of_cycles
        self._cycle = build(settings)

    @property
    def revision(self) -> int:
        """The state's revision as the cycle knows it."""
        return self._cycle.revision

    def of(self, settings: Settings) -> Cycle:
        """The cycle of these settings; raises StateError: then the one before stays, and is not asked any more."""
        if self._basis != settings.basis_of_cycles:
            renewed = self._build(settings)
            self._cycle.close()
            self._cycle, self._basis = renewed, settings.basis_of_cycles
        return self._cycle

    def close(self) -> None:
        """Read nothing any more."""
        self._cycle.close()


def build_telling(settings: Settings, *, always_stamp: bool) -> Telling:
    """What is told about each report under these settings."""
    webhook = settings.webhook
    return Telling(
        context=document_context(settings),
        external_url=settings.web.external_url,
        webhook=WebhookTerms(webhook.min_severity, webhook.repeat) if webhook.url is not None else None,
        always_stamp=always_stamp,
    )


def build_deliveries(settings: Settings, state: WholeState, clock: Clock, telemetry: DeliveryTelemetry) -> Deliveries:
    """The outbox with the sinks that these settings name."""
    return Deliveries(state, _sinks(settings, state, clock, telemetry), clock, telemetry)


def report_files(settings: Settings) -> ReportFiles:
    """The folder of the reports."""
    return ReportFiles(settings.reports.dir, settings.reports.retention, settings.reports.max_bytes)


def test_webhook(settings: Settings, clock: Clock) -> Webhook | None:
    """The webhook for synthetic reports, with a marker of its own; None where none is configured."""
    if settings.webhook.url is None:
        return None
    marker = settings.reports.dir / "synthetic" / TEST_MARKER
    return Webhook(settings.webhook.url.get_secret_value(), marker, clock)


def document_context(settings: Settings) -> DocumentContext:
    """What report documents say beside the report."""
    return DocumentContext(
        exchange_source_enabled=any(fleet.has_exchange_source for fleet in settings.fleets),
        exchange_snapshot_path=", ".join(str(fleet.exchange_snapshot) for fleet in settings.fleets),
        thresholds_path=str(settings.thresholds_path),
        exporter_version=__version__,
    )


def _accounts(settings: Settings) -> ExchangeSnapshot | None:
    """The exporter's own snapshot, where it holds accounts of bots that are written down."""
    if not any(isinstance(bot.venue, CcxtVenue) for bot in settings.bots):
        return None
    return ExchangeSnapshot("accounts", settings.snapshot_job.out_path, settings.policies.of("").freshness)


def _fleet(fleet: FleetSettings, settings: Settings) -> Fleet:
    freshness = settings.policies.of("").freshness
    ledger = HbotLedger(fleet.name, fleet.data_root, fleet.event_store, freshness)
    venue = ExchangeSnapshot(fleet.name, fleet.exchange_snapshot, freshness) if fleet.has_exchange_source else None
    return Fleet(fleet.name, ledger, venue)


def _sinks(settings: Settings, state: WholeState, clock: Clock, telemetry: DeliveryTelemetry) -> list[Sink]:
    runs = ReportFiles(
        settings.reports.dir.parent / RUNS_FOLDER, settings.reports.retention, settings.reports.max_bytes, RUNS_FOLDER
    )
    folder = state_folder(settings)
    action = settings.policy.halt_action
    halts = Halts(
        folder / HALT_FOLDER,
        None if action is None else Action(action.command, _url(action.url), action.timeout),
        lambda bot: confirm_halts(state, bot, clock.now()),
        telemetry.halt_action_failed,
    )
    if action is not None:
        for plan in eod_parts.plans(settings):
            telemetry.halt_action(plan.bot)
    sinks: list[Sink] = [Files(report_files(settings), runs, folder / HISTORY_FILE), halts]
    if settings.webhook.url is not None:
        marker = settings.reports.dir / SENT_MARKER
        sinks.append(Webhook(settings.webhook.url.get_secret_value(), marker, clock))
    return sinks


def state_folder(settings: Settings) -> Path:
    """The folder of the state's files: beside a SQLite state, else .state."""
    url = make_url(settings.state.url.get_secret_value())
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database).parent
    return Path(".state")


def begin_history(settings: Settings, state: EodState, clock: Clock) -> None:
    """Have the dated history of breaks written where it is not there yet: before the first run it is empty."""
    if (state_folder(settings) / HISTORY_FILE).exists():
        return
    for _ in range(CONFIRMATIONS):
        with state.turn(), suppress(ProgressMoved):
            now, memory = clock.now(), state.load_eod()
            entry = history_entry(memory, (), now, settings.reports.retention)
            state.record_eod(EodRecording(now, memory.revision, outgoing=(entry,)))
            return


def confirm_halts(state: EodState, bot: str, now: datetime) -> None:
    """Write down that the action that stops the bot has worked."""
    for _ in range(CONFIRMATIONS):
        with state.turn(), suppress(ProgressMoved):
            memory = state.load_eod()
            halts = tuple(replace(halt, action=CONFIRMED) for halt in memory.halts if halt.bot == bot)
            act = AuditAct("halt", "halt_action_confirmed", bot, "the configured action worked")
            state.record_eod(EodRecording(now, memory.revision, halts=halts, acts=(act,)))
            return


def _url(url: SecretStr | None) -> str | None:
    return None if url is None else url.get_secret_value()
