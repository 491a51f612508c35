"""The shape of ``recon.yml``: what it may hold, with the built-in values.

Defaults are written as in the file and read like it. ``Effective`` adds what only flags and variables can say.
"""

from pathlib import Path
from typing import Annotated, Self

from pydantic import PlainValidator, SecretStr, WithJsonSchema, model_validator

from recon_exporter.settings.alertmanager import AlertmanagerAddress
from recon_exporter.settings.command import Command
from recon_exporter.settings.end_of_day import EodSettings
from recon_exporter.settings.ledgers import Ledger
from recon_exporter.settings.other_types import FLEETS, read_fleet_type
from recon_exporter.settings.scalars import (
    Assets,
    Count,
    Duration,
    Flag,
    Interval,
    ListenAddress,
    LocalPath,
    MinimumSeverity,
    Name,
    Number,
    Positive,
    Size,
    SnapshotMode,
    one_of,
    read_flag,
    read_path,
    refused,
)
from recon_exporter.settings.scope import OptionalScope
from recon_exporter.settings.section import NeverNull, Section, builtin, left_out
from recon_exporter.settings.symbols import Aliases
from recon_exporter.settings.tolerances import Tolerances
from recon_exporter.settings.urls import ExternalUrl, StateUrl, read_webhook_url
from recon_exporter.settings.venues import FleetVenue, Venue

# None is what a key that was left out gives, never what may be written: hence no union with None, which would allow it.
OptionalPath = Annotated[Path | None, PlainValidator(read_path), WithJsonSchema({"type": "string"})]
OptionalUrl = Annotated[SecretStr | None, PlainValidator(read_webhook_url), WithJsonSchema({"type": "string"})]
OptionalEod = Annotated[EodSettings | None, NeverNull]
OptionalFlag = Annotated[bool | None, PlainValidator(read_flag), WithJsonSchema({"type": "boolean"})]
FleetType = Annotated[str, PlainValidator(read_fleet_type), WithJsonSchema({"enum": list(FLEETS)})]


class Web(Section):
    """Where the HTTP server listens, and the address under which people reach it."""

    listen_address: ListenAddress = builtin("127.0.0.1:9811")
    external_url: ExternalUrl = builtin("http://127.0.0.1:9811")


class State(Section):
    """The database of what survives a restart; ``url_file`` names a file that holds the address."""

    url: StateUrl = builtin("sqlite:///.state/recon.db")
    url_file: OptionalPath = left_out()


class Reports(Section):
    """Where reports are written, how long they are kept, and how much room all of them may take."""

    dir: LocalPath = builtin("reports/reconciliation")
    retention: Interval = builtin("30d")
    max_bytes: Size = builtin("1GiB")


class Schedule(Section):
    """How often a cycle and a snapshot of the venues run."""

    cycle: Interval = builtin("60s")
    snapshot: Interval = builtin("120s")


class Webhook(Section):
    """Whom to tell, from which severity on, and when to repeat it; ``url_file`` names a file that holds the address."""

    url: OptionalUrl = left_out()
    url_file: OptionalPath = left_out()
    min_severity: MinimumSeverity = builtin("critical")
    repeat: Interval = builtin("4h")


class FreshnessLimits(Section):
    """How old data may be; ``minute_rows`` is a multiple of the rows' own cadence."""

    minute_rows: Positive = builtin("3")
    snapshot: Interval = builtin("10m")
    future_skew: Duration = builtin("2m")
    events: Interval = builtin("1h")


class Confirm(Section):
    """How many cycles confirm and clear a break, and how long data settles before it is judged.

    More differences of one bot at once than ``mass`` are taken for a broken source.
    """

    cycles: Count = builtin("2")
    clear: Count = builtin("1")
    settle: Duration = builtin("60s")
    mass: Count = builtin("100")


class HaltAction(Section):
    """What is run or asked when a halt is raised: a command with its arguments, or an address that takes a POST.

    Of the command only the program is shown: its arguments may hold a secret.
    """

    command: Annotated[Command | None, NeverNull] = left_out()
    url: OptionalUrl = left_out()
    url_file: OptionalPath = left_out()
    timeout: Interval = builtin("10s")

    @model_validator(mode="after")
    def _is_one_action(self) -> Self:
        written = self.model_fields_set
        if ("command" in written) == bool({"url", "url_file"} & written) or self.command == ():
            raise refused("either a command, or url or url_file")
        return self


class HaltPolicy(Section):
    """When a bot is asked to stop trading, and how; how long a break may be accepted, and whether that takes two."""

    halt_quantity_ratio: Number = builtin("0.10")
    halt_exposure_usd: Number = builtin("1000")
    halt_missing_positions: Count = builtin("3")
    four_eyes: Flag = False
    accept_at_most: Interval = builtin("90d")
    halt_action: Annotated[HaltAction | None, NeverNull] = left_out()


class Incidents(Section):
    """Where the incident log is."""

    path: LocalPath = builtin("docs/ops/incidents.md")


class Accounting(Section):
    """``fee_drop_relative_floor`` is the fraction of the fees paid below which a drop of the counter is no finding."""

    fee_drop_relative_floor: Number = builtin("0")


class Balance(Section):
    """How far equity may be from what the balances are worth, and jump between rows: fractions of equity."""

    identity_tolerance: Number = builtin("0.000001")
    equity_jump_ratio: Positive = builtin("0.10")


class ExchangeSnapshot(Section):
    """What the exchanges say of all bots of a fleet, in one file; the comparison is off unless enabled."""

    enabled: Flag = False
    path: LocalPath = builtin("reports/exchange_snapshots/latest.json")


class Fleet(Section):
    """Bots found on disk under ``data_root``, with the event store that saw their fills.

    ``scope`` and ``intraday`` are as of a bot.
    """

    type: FleetType
    data_root: LocalPath = builtin("data")
    event_store: LocalPath = builtin("reports/event_store")
    exchange_snapshot: ExchangeSnapshot = builtin({})
    venue: Annotated[FleetVenue | None, NeverNull] = left_out()
    scope: OptionalScope = left_out()
    intraday: OptionalFlag = left_out()
    eod: OptionalEod = left_out()


class Bot(Section):
    """A bot written down by itself: its own book, that of its venue, and when both are compared.

    ``scope`` are the symbols that are the bot's, where others trade on its account; all, where it is left out.
    ``intraday`` says whether every cycle compares them too; left out, it does where the venue is an exchange of ccxt.
    """

    ledger: Ledger
    venue: Venue
    scope: OptionalScope = left_out()
    intraday: OptionalFlag = left_out()
    eod: OptionalEod = left_out()


class Configuration(Section):
    """What ``recon.yml`` may hold."""

    web: Web = builtin({})
    state: State = builtin({})
    reports: Reports = builtin({})
    schedule: Schedule = builtin({})
    webhook: Webhook = builtin({})
    alertmanager: AlertmanagerAddress = builtin({})
    freshness: FreshnessLimits = builtin({})
    confirm: Confirm = builtin({})
    tolerances: Tolerances = builtin({})
    policy: HaltPolicy = builtin({})
    aliases: Aliases = builtin({})
    incidents: Incidents = builtin({})
    accounting: Accounting = builtin({})
    balance: Balance = builtin({})
    thresholds_file: LocalPath = builtin("config/reconciliation_thresholds.json")
    account_map_file: LocalPath = builtin("config/exchange_account_map.json")
    fleets: dict[Name, Fleet] = builtin({})
    bots: dict[Name, Bot] = builtin({})


class EffectiveWeb(Web):
    """The HTTP server, with its flags: the TLS and user file, and whether POST /-/reload is answered."""

    config_file: OptionalPath = left_out()
    enable_lifecycle: Flag = False


class Log(Section):
    """What is logged, and how."""

    level: Annotated[str, PlainValidator(one_of("debug", "info", "warning", "error"))] = builtin("info")
    format: Annotated[str, PlainValidator(one_of("logfmt", "json"))] = builtin("logfmt")


class SnapshotJob(Section):
    """How the job that probes the exchanges writes its snapshot."""

    mode: SnapshotMode = builtin("bitget_ccxt_private")
    assets: Assets = builtin("BTC,USDT")
    out_path: LocalPath = builtin("reports/exchange_snapshots/latest.json")


class Effective(Configuration):
    """The file's keys under what flags and variables say, and what only those can say."""

    web: EffectiveWeb = builtin({})
    log: Log = builtin({})
    snapshot_job: SnapshotJob = builtin({})
