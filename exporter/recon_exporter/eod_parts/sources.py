"""Both books of a bot as the configuration names them; nothing is opened before it is asked.

The adapters are imported where one is built: a bot that reads files needs no database and no venue's client.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from recon_exporter.calling import BoundedLedger, BoundedVenue, Bounds, Calls
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import Activity, Fill, Order, PositionStatement
from recon_exporter.domain.statement import Unavailable
from recon_exporter.domain.symbols import Symbols
from recon_exporter.eod_parts.owners import Owner, owners
from recon_exporter.ports import Clock, PositionLedger, PositionVenue
from recon_exporter.settings import books
from recon_exporter.settings.bots import ALPACA
from recon_exporter.settings.end_of_day import StaleFrom
from recon_exporter.settings.fleets import FleetSettings
from recon_exporter.settings.model import Settings

if TYPE_CHECKING:
    from recon_exporter.reading.statement_files import StatementFiles
    from recon_exporter.reading.time_rules import TimeRules

DEADLINE = timedelta(minutes=5)
"""That of bots without end-of-day runs, whose books persons ask for; as what is built in for the others."""

Statements = books.FileLedger | books.FileVenue | books.FleetFileVenue


@dataclass(frozen=True, slots=True)
class Sources:
    """Both books of one bot."""

    ledger: PositionLedger
    venue: PositionVenue


class NoVenue:
    """Stands where the configuration does not say whom to ask: every answer is why there is none."""

    name = "none"

    def __init__(self, why: str) -> None:
        self._why = why

    def positions(self, now: datetime) -> PositionStatement | Unavailable:  # noqa: ARG002  # the port asks so
        return self._unavailable()

    def fills(self, since: datetime) -> tuple[Fill, ...] | Unavailable:  # noqa: ARG002  # likewise
        return self._unavailable()

    def orders(self, since: datetime) -> tuple[Order, ...] | Unavailable:  # noqa: ARG002  # likewise
        return self._unavailable()

    def activities(self, since: datetime) -> tuple[Activity, ...] | Unavailable:  # noqa: ARG002  # likewise
        return self._unavailable()

    def _unavailable(self) -> Unavailable:
        return Unavailable(Reason.INPUT_MISSING, self._why)


def sources(settings: Settings, clock: Clock) -> dict[str, Sources]:
    """Both books of every bot that is known, with or without end-of-day runs, by name."""
    calls = Calls()
    return {bot: sources_of(settings, clock, bot, owner, calls) for bot, owner in owners(settings).items()}


def sources_of(settings: Settings, clock: Clock, bot: str, owner: Owner, calls: Calls) -> Sources:
    """Both books of one bot, each answer of which has its deadline."""
    bounds = Bounds(calls, DEADLINE if owner.eod is None else owner.eod.deadline)
    ledger, venue = _ledger(settings, bot, owner), _venue(settings, clock, bot, owner)
    return Sources(BoundedLedger(bot, ledger, bounds), BoundedVenue(bot, venue, bounds))


def _ledger(settings: Settings, bot: str, owner: Owner) -> PositionLedger:
    ledger = _own_ledger(settings, bot, owner)
    if owner.eod is None or owner.eod.stale_from is StaleFrom.WRITTEN:
        return ledger
    from recon_exporter.ledgers.last_fills import DatedByFills  # noqa: PLC0415  # see above

    return DatedByFills(ledger, Symbols.of(settings.aliases))


def _own_ledger(settings: Settings, bot: str, owner: Owner) -> PositionLedger:
    if isinstance(owner, FleetSettings):
        from recon_exporter.ledgers.hbot.positions import HbotPositions  # noqa: PLC0415  # see above

        return HbotPositions(bot, owner.data_root, settings.policies.of(bot).freshness)
    if isinstance(owner.ledger, books.SqlLedger):
        return _sql_ledger(settings, bot, owner.ledger)
    from recon_exporter.ledgers.file import LEDGER_TIMES, FileLedger  # noqa: PLC0415  # see above

    times = _times(settings, owner.ledger, LEDGER_TIMES.max_age)
    return FileLedger(bot, _files(owner.ledger, bot), owner.ledger.columns, times)


def _sql_ledger(settings: Settings, bot: str, section: books.SqlLedger) -> PositionLedger:
    from recon_exporter.ledgers.sql import SqlLedger, SqlQueries  # noqa: PLC0415  # see above

    queries = SqlQueries(
        section.positions, section.fills, section.balances, section.heartbeat, section.heartbeat_max_age
    )
    url = section.url.get_secret_value() if section.url is not None else ""
    return SqlLedger(bot, url, queries, section.columns, _rules(settings, section.timezone))


def _venue(settings: Settings, clock: Clock, bot: str, owner: Owner) -> PositionVenue:
    venue = owner.venue
    if venue is None:
        return NoVenue(f"fleets.{owner.name} has no venue")
    if isinstance(venue, books.FleetAlpacaVenue):
        return _alpaca(settings, clock, bot, venue)
    from recon_exporter.venues.file import VENUE_TIMES, FileVenue  # noqa: PLC0415  # see above

    return FileVenue(bot, _files(venue, bot), venue.columns, _times(settings, venue, VENUE_TIMES.max_age))


def _alpaca(settings: Settings, clock: Clock, bot: str, section: books.FleetAlpacaVenue) -> PositionVenue:
    from recon_exporter.venues.alpaca import Access, AlpacaVenue  # noqa: PLC0415  # see above

    account = settings.policies.of(bot).account
    written = section.credential_prefix if isinstance(section, books.AlpacaVenue) else None
    prefix = written or (account.credential_prefix if account is not None else "")
    key = next((key for key in settings.credentials if (key.prefix, key.venue) == (prefix, ALPACA)), None)
    if not prefix:
        return NoVenue(f"{settings.account_map_path} tells no credential_prefix of {bot}")
    if key is None:
        return NoVenue(f"{prefix}_{ALPACA}_API_KEY and {prefix}_{ALPACA}_SECRET are not set")
    access = Access(key.api_key.get_secret_value(), key.secret.get_secret_value(), section.paper, section.base_url)
    return AlpacaVenue(bot, access, clock)


def _files(section: Statements, bot: str) -> "StatementFiles":
    from recon_exporter.reading.statement_files import StatementFiles  # noqa: PLC0415  # see above

    def own(path: Path) -> Path:
        return Path(str(path).replace(books.BOT, bot)) if isinstance(section, books.FleetFileVenue) else path

    fills, balances = (own(path) if path is not None else None for path in (section.fills, section.balances))
    return StatementFiles(own(section.positions), fills, balances)


def _times(settings: Settings, section: Statements, usual: timedelta | None) -> "TimeRules":
    """A limit of age that a person wrote needs statements which tell their time; the usual one does not."""
    max_age = usual if section.max_age is None else section.max_age
    return _rules(settings, section.timezone, max_age, needs_time=section.max_age is not None)


def _rules(
    settings: Settings, zone: ZoneInfo | None, max_age: timedelta | None = None, *, needs_time: bool = False
) -> "TimeRules":
    from recon_exporter.reading.time_rules import TimeRules  # noqa: PLC0415  # see above

    return TimeRules(zone, max_age, needs_time, settings.policies.of("").freshness.future_skew)
