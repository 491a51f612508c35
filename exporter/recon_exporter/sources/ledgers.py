"""The bot's own books, as the configuration names them."""

from recon_exporter.domain.symbols import Symbols
from recon_exporter.ports import PositionLedger
from recon_exporter.settings.end_of_day import StaleFrom
from recon_exporter.settings.fleets import FleetSettings
from recon_exporter.settings.ledgers import FileLedger, FreqtradeLedger, HummingbotLedger, SqlLedger
from recon_exporter.settings.model import Settings
from recon_exporter.settings.venues import FleetCcxtVenue
from recon_exporter.sources.files import files_of, rules_of, times_of
from recon_exporter.sources.owners import Owner


def ledger_of(settings: Settings, bot: str, owner: Owner) -> PositionLedger:
    """The ledger of the bot, dated by its fills where that is asked for."""
    ledger = _own_ledger(settings, bot, owner)
    if owner.eod is None or owner.eod.stale_from is StaleFrom.WRITTEN:
        return ledger
    from recon_exporter.ledgers.last_fills import DatedByFills  # noqa: PLC0415  # see the package

    return DatedByFills(ledger, Symbols.of(settings.aliases))


def _own_ledger(settings: Settings, bot: str, owner: Owner) -> PositionLedger:
    if isinstance(owner, FleetSettings):
        return _hbot(settings, bot, owner)
    section = owner.ledger
    if isinstance(section, SqlLedger):
        return _sql(settings, bot, section)
    if isinstance(section, HummingbotLedger):
        return _hummingbot(settings, bot, section)
    if isinstance(section, FreqtradeLedger):
        return _freqtrade(bot, section)
    return _file(settings, bot, section)


def _hbot(settings: Settings, bot: str, fleet: FleetSettings) -> PositionLedger:
    from recon_exporter.ledgers.hbot.fill_rows import as_written  # noqa: PLC0415  # see the package
    from recon_exporter.ledgers.hbot.positions import HbotPositions  # noqa: PLC0415
    from recon_exporter.ledgers.unified_names import unified_name  # noqa: PLC0415

    naming = unified_name if isinstance(fleet.venue, FleetCcxtVenue) else as_written
    return HbotPositions(bot, fleet.data_root, settings.policies.of(bot).freshness, naming)


def _sql(settings: Settings, bot: str, section: SqlLedger) -> PositionLedger:
    from recon_exporter.ledgers.sql import SqlLedger as Ledger  # noqa: PLC0415  # see the package
    from recon_exporter.ledgers.sql import SqlQueries  # noqa: PLC0415

    queries = SqlQueries(
        section.positions, section.fills, section.balances, section.heartbeat, section.heartbeat_max_age
    )
    url = section.url.get_secret_value() if section.url is not None else ""
    return Ledger(bot, url, queries, section.columns, rules_of(settings, section.timezone))


def _hummingbot(settings: Settings, bot: str, section: HummingbotLedger) -> PositionLedger:
    from recon_exporter.ledgers.hummingbot import Baseline, HummingbotSource  # noqa: PLC0415  # see the package
    from recon_exporter.ledgers.hummingbot import HummingbotLedger as Ledger  # noqa: PLC0415

    source = HummingbotSource(
        path=str(section.path),
        market=section.market,
        config_files=section.config_files,
        baselines=tuple(Baseline(symbol, one.quantity, one.as_of) for symbol, one in section.baseline.items()),
        hedge_mode=section.hedge_mode,
        symbols=section.symbols,
    )
    return Ledger(bot, source, rules_of(settings, None, section.max_age))


def _freqtrade(bot: str, section: FreqtradeLedger) -> PositionLedger:
    from recon_exporter.ledgers.freqtrade import FreqtradeLedger as Ledger  # noqa: PLC0415  # see the package

    return Ledger(bot, section.addresses, section.exchange)


def _file(settings: Settings, bot: str, section: FileLedger) -> PositionLedger:
    from recon_exporter.ledgers.file import LEDGER_TIMES  # noqa: PLC0415  # see the package
    from recon_exporter.ledgers.file import FileLedger as Ledger  # noqa: PLC0415

    times = times_of(settings, section, LEDGER_TIMES.max_age)
    return Ledger(bot, files_of(section, bot), section.columns, times)
