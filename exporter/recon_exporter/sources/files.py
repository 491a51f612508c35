"""Statements in files, as the configuration describes them."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from recon_exporter.settings.book_values import BOT
from recon_exporter.settings.ledgers import FileLedger
from recon_exporter.settings.model import Settings
from recon_exporter.settings.venues import FileVenue, FleetFileVenue

if TYPE_CHECKING:
    from recon_exporter.reading.statement_files import StatementFiles
    from recon_exporter.reading.time_rules import TimeRules

Statements = FileLedger | FileVenue | FleetFileVenue


def files_of(section: Statements, bot: str) -> "StatementFiles":
    """The files of the bot; in those of a fleet its name stands for {bot}."""
    from recon_exporter.reading.statement_files import StatementFiles  # noqa: PLC0415  # see the package

    def own(path: Path) -> Path:
        return Path(str(path).replace(BOT, bot)) if isinstance(section, FleetFileVenue) else path

    fills, balances = (own(path) if path is not None else None for path in (section.fills, section.balances))
    return StatementFiles(own(section.positions), fills, balances)


def times_of(settings: Settings, section: Statements, usual: timedelta | None) -> "TimeRules":
    """A limit of age that a person wrote needs statements which tell their time; the usual one does not."""
    max_age = usual if section.max_age is None else section.max_age
    return rules_of(settings, section.timezone, max_age, needs_time=section.max_age is not None)


def rules_of(
    settings: Settings, zone: ZoneInfo | None, max_age: timedelta | None = None, *, needs_time: bool = False
) -> "TimeRules":
    """How times are read."""
    from recon_exporter.reading.time_rules import TimeRules  # noqa: PLC0415  # see the package

    return TimeRules(zone, max_age, needs_time, settings.policies.of("").freshness.future_skew)
