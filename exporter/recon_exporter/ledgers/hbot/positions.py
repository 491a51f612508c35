"""The position of one hbot bot: ``position_base`` and ``avg_entry_price`` of the newest row of minute.csv.

The bot holds one position, in the pair that it trades; it writes it with each row. Older files have no such columns.
"""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.policy import Freshness
from recon_exporter.domain.positions import BalanceStatement, FillStatement, PositionStatement
from recon_exporter.domain.statement import Malformed, MinuteRow, Position, Unavailable
from recon_exporter.errors import SourceError
from recon_exporter.ledgers.hbot.books import Terms, is_fresh
from recon_exporter.ledgers.hbot.discovery import VariantFolder, find_bots
from recon_exporter.ledgers.hbot.fill_files import STEM as FILLS_STEM
from recon_exporter.ledgers.hbot.fill_rows import Naming, as_written, read_fill_rows
from recon_exporter.ledgers.hbot.ledger import GRACE
from recon_exporter.ledgers.hbot.minute_files import STEM, read_minutes
from recon_exporter.ledgers.hbot.minutes import MinuteProgress, MinuteReading, cadence
from recon_exporter.ledgers.hbot.moment import Moment
from recon_exporter.ledgers.hbot.unwritten import Counters, unwritten_since
from recon_exporter.reading.refused import Refused, malformed
from recon_exporter.reading.rotated import path_of
from recon_exporter.reading.tables import BadLine

QUANTITY, ENTRY, MID = "position_base", "avg_entry_price", "mid"


class Speaking(NamedTuple):
    """The variant that speaks for the bot: its minute.csv, what was read of it, and the newest row."""

    path: str
    reading: MinuteReading
    row: MinuteRow


class HbotPositions:
    """Reads the newest row of the bot below ``data_root``; the variant with the newest one speaks.

    ``naming`` gives instruments their names: as the bot writes them, or as the venue does (``unified_name``).
    """

    name = "hbot"

    def __init__(self, bot: str, data_root: Path, freshness: Freshness, naming: Naming = as_written) -> None:
        self._bot = bot
        self._data_root = data_root
        self._freshness = freshness
        self._naming = naming
        self._known: dict[str, MinuteProgress] = {}
        self._waiting: dict[str, tuple[object, datetime | None]] = {}

    def positions(self, now: datetime) -> PositionStatement | Unavailable:
        """The book, or why it cannot be had: also where the newest row is too old, or a line of today is damaged."""
        try:
            moment = Moment.of(now, self._freshness.future_skew)
            speaking = self._newest(moment)
            self._check(speaking, moment)
            return self._statement(speaking.path, speaking.row)
        except Refused as refused:
            return refused.unavailable()

    def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:
        """The rows of fills.csv of all variants since that moment, oldest first; probe orders are none."""
        try:
            read = [read_fill_rows(folder, since, self._naming) for folder in self._folders()]
        except Refused as refused:
            return refused.unavailable()
        found = [rows for rows in read if rows is not None]
        if not found:
            return Unavailable(Reason.SOURCE_MISSING, f"{self._bot} has no {FILLS_STEM}.csv")
        fills = tuple(sorted((one for rows in found for one in rows.fills), key=lambda fill: (fill.at, fill.fill_id)))
        have_ids = all(rows.have_venue_ids for rows in found)
        waiting = self._unwritten_since(now)
        return FillStatement(self._bot, self.name, fills, since, now, has_venue_ids=have_ids, unwritten_since=waiting)

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:  # noqa: ARG002  # the port asks so
        """The files of the bot tell none."""
        return Unavailable(Reason.INPUT_MISSING, f"{self._bot}: its files tell no balances")

    def mark(self) -> str | Unavailable:
        """Sizes and times of change of all variants' files: another with each row that is written."""
        try:
            return " ".join(_version(folder, STEM) for folder in self._folders())
        except Refused as refused:
            return refused.unavailable()

    def _unwritten_since(self, now: datetime) -> datetime | None:
        """From when the writer of fills still holds some back; None also where the files do not tell."""
        try:
            moment = Moment.of(now, self._freshness.future_skew)
            told = [self._held_back(folder, self._read(folder, moment)) for folder in self._folders()]
            return min((since for since in told if since is not None), default=None)
        except Refused:
            return None

    def _held_back(self, folder: VariantFolder, reading: MinuteReading | None) -> datetime | None:
        """As ``unwritten_since``; its rows are read again only when the file or a counter is another."""
        if reading is None or reading.progress.newest is None:
            return None
        newest = reading.progress.newest
        counters = Counters.of(newest, reading.progress.closing_of(newest.at.date()))
        key = (_version(folder, FILLS_STEM), counters)
        known = self._waiting.get(folder.folder)
        if known is None or known[0] != key:
            known = self._waiting[folder.folder] = (key, unwritten_since(folder, counters))
        return known[1]

    def _folders(self) -> tuple[VariantFolder, ...]:
        try:
            found = find_bots(self._data_root)
        except SourceError as error:
            raise Refused(Reason.SOURCE_UNREADABLE, str(error)) from None
        if self._bot in found.unreadable:
            raise Refused(Reason.SOURCE_UNREADABLE, found.unreadable[self._bot].detail)
        if self._bot not in found.folders:
            raise Refused(Reason.SOURCE_MISSING, f"{self._data_root} has no logs of {self._bot}")
        return found.folders[self._bot]

    def _newest(self, moment: Moment) -> Speaking:
        """The variant with the newest row."""
        speaking: list[Speaking] = []
        refused: list[Refused] = []
        for folder in self._folders():
            try:
                reading = self._read(folder, moment)
            except Refused as error:
                refused.append(error)
                continue
            if reading is not None and reading.progress.newest is not None:
                speaking.append(Speaking(f"{folder.path}/{STEM}.csv", reading, reading.progress.newest))
        if speaking:
            return max(speaking, key=lambda one: (one.row.at, one.path))
        raise refused[0] if refused else Refused(Reason.SOURCE_MISSING, f"{self._bot} has no row of {STEM}.csv")

    def _read(self, folder: VariantFolder, moment: Moment) -> MinuteReading | None:
        """Today's rows and some before them, those read before aside; None where the folder has no such file."""
        path = f"{folder.path}/{STEM}.csv"
        try:
            reading = read_minutes(folder.folder, self._known.pop(folder.folder, None), moment)
        except FileNotFoundError:
            return None
        except BadLine as error:
            raise Refused(Reason.SOURCE_MALFORMED, f"{path}: {error}") from None
        except (OSError, SourceError) as error:
            raise Refused(Reason.SOURCE_UNREADABLE, f"{path}: {error}") from None
        if reading is not None:
            self._known[folder.folder] = reading.progress
        return reading

    def _check(self, speaking: Speaking, moment: Moment) -> None:
        """Raises Refused where the newest row may not be believed."""
        path, progress = speaking.path, speaking.reading.progress
        ahead = progress.future_of(moment.day, moment.latest)
        if ahead is not None:
            raise Refused(Reason.TIME_IN_FUTURE, f"{path}: a row of {ahead.isoformat()}")
        if not is_fresh(progress, cadence(progress.times), Terms(moment, self._freshness, GRACE)):
            raise Refused(Reason.SOURCE_STALE, f"{path}: the newest row is of {speaking.row.at.isoformat()}")
        for damage in progress.damage.from_day(moment.day):
            if damage.field in {None, QUANTITY, ENTRY}:
                raise malformed(f"{path}: {damage.place}, {damage.field or 'the line'}", damage.text, "sound values")

    def _statement(self, path: str, row: MinuteRow) -> PositionStatement:
        quantity = _number(row, QUANTITY)
        if quantity is None:
            raise Refused(Reason.INPUT_MISSING, f"{path}: there is no {QUANTITY} in the row of {row.at.isoformat()}")
        if quantity and not row.trading_pair:
            raise Refused(Reason.INPUT_MISSING, f"{path}: there is no trading_pair in the row of {row.at.isoformat()}")
        # The bot writes 0 where it does not know its entry: unknown, not free of cost.
        entry = _number(row, ENTRY) or None
        symbol = self._naming(row.trading_pair, row.connector) if quantity else row.trading_pair
        position = Position(symbol, quantity, _number(row, MID), average_price=entry, written_at=row.at)
        return PositionStatement(
            bot=self._bot,
            source=self.name,
            as_of=row.at,
            positions=(position,) if quantity else (),
            has_write_times=True,
            proof=f"{path}: the row of {row.at.isoformat()} tells {QUANTITY} {quantity}",
        )


def _number(row: MinuteRow, column: str) -> Decimal | None:
    value = row.numbers.get(column)
    if isinstance(value, Malformed):
        raise malformed(f"{value.place}, column {column}", value.text, "a finite number")
    return value


def _version(folder: VariantFolder, stem: str) -> str:
    try:
        status = Path(path_of(folder.folder, stem)).stat()
    except FileNotFoundError:
        return f"{folder.path}:none"
    except OSError as error:
        raise Refused(Reason.SOURCE_UNREADABLE, f"{folder.path}/{stem}.csv: {error}") from None
    return f"{folder.path}:{status.st_ino}:{status.st_size}:{status.st_mtime_ns}"
