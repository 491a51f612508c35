"""The ledger of a fleet of hbot bots: one reading of everything that is new.

A reading is tentative until it has been recorded: read again before, it says the same. Fills hang together over all
bots and the event store, so where one of their files is another than before (rewritten, truncated, replaced), all of
the day's fills are read again in one cold pass; a rotation is followed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import structlog

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.policy import Freshness
from recon_exporter.domain.statement import Book, Unavailable
from recon_exporter.errors import SourceError
from recon_exporter.ledgers.hbot import documents
from recon_exporter.ledgers.hbot.books import BotRead, StoreSide, Terms, make_book
from recon_exporter.ledgers.hbot.discovery import Discovery, VariantFolder, find_bots
from recon_exporter.ledgers.hbot.documents import Progress
from recon_exporter.ledgers.hbot.event_store import read_store
from recon_exporter.ledgers.hbot.fill_files import Rewritten, read_fills
from recon_exporter.ledgers.hbot.fills import FillPass, FillsKnown, nothing_known
from recon_exporter.ledgers.hbot.matching import BotFills
from recon_exporter.ledgers.hbot.minute_files import read_minutes
from recon_exporter.ledgers.hbot.minutes import MinuteProgress, MinuteReading
from recon_exporter.ledgers.hbot.moment import Moment
from recon_exporter.ports import LedgerReading
from recon_exporter.reading.tables import BadLine

GRACE = timedelta(minutes=2)
NEVER = date.min
YESTERDAY = timedelta(days=1)
LOG = structlog.get_logger(__name__)

Minutes = Mapping[str, MinuteReading | Unavailable | None]


@dataclass(frozen=True, slots=True)
class FillsRead:
    """What one pass over the fills found: of each variant's fills.csv and of the store why it could not be read."""

    known: FillsKnown
    files: Mapping[str, Unavailable | None]
    store: StoreSide


class HbotLedger:
    """Reads the books of all bots below ``data_root`` and their events in ``event_store``."""

    def __init__(
        self, name: str, data_root: Path, event_store: Path, freshness: Freshness, grace: timedelta = GRACE
    ) -> None:
        self.name = name
        self._data_root = data_root
        self._event_store = event_store
        self._freshness = freshness
        self._grace = grace
        self._known = Progress({}, nothing_known(NEVER))
        self._keys: frozenset[str] = frozenset()
        self._read: Progress | None = None

    def restore(self, documents_: Mapping[str, str]) -> None:
        """Go on from recorded progress; where it cannot be read, from a cold start."""
        self._known, self._read, self._keys = Progress({}, nothing_known(NEVER)), None, frozenset(documents_)
        if not documents_:
            return
        try:
            self._known = documents.restored(documents_)
        except ValueError as error:
            LOG.warning("progress cannot be read: cold start", ledger=self.name, error=str(error))

    def read(self, now: datetime) -> LedgerReading:
        """What all bots say now. Raises SourceError where the data root cannot be read."""
        self._read = None
        moment = Moment.of(now, self._freshness.future_skew)
        found = find_bots(self._data_root)
        folders = [folder for of in found.folders.values() for folder in of]
        minutes = {folder.path: self._read_minutes(folder, moment) for folder in folders}
        fills = self._read_fills([folder for folder in folders if minutes[folder.path] is not None], moment)
        self._read = Progress(self._minutes_known(minutes, moment.day), fills.known)
        changed: dict[str, str | None] = dict.fromkeys(self._keys.difference(self._read.keys()))
        changed.update(self._read.documents_since(self._known))
        terms = Terms(moment, self._freshness, self._grace)
        return LedgerReading(_books(found, minutes, fills, terms), changed)

    def recorded(self) -> None:
        """What the latest reading found is durable."""
        if self._read is None:
            return
        self._keys = frozenset(self._read.keys())
        self._read.fills.seen.settle()
        self._known, self._read = self._read, None

    def _read_minutes(self, folder: VariantFolder, moment: Moment) -> MinuteReading | Unavailable | None:
        try:
            return read_minutes(folder.folder, self._known.minutes.get(folder.path), moment)
        except FileNotFoundError:  # the folder has vanished since it was found
            return None
        except BadLine as error:
            return Unavailable(Reason.SOURCE_MALFORMED, f"{folder.path}/minute.csv: {error}")
        except (OSError, SourceError) as error:
            return Unavailable(Reason.SOURCE_UNREADABLE, f"{folder.path}/minute.csv: {error}")

    def _minutes_known(self, minutes: Minutes, today: date) -> Mapping[str, MinuteProgress]:
        """The progress of all variants: also of those that cannot be read now, and for a day of those that are gone."""
        kept = {
            path: known
            for path, known in self._known.minutes.items()
            if isinstance(minutes.get(path), Unavailable) or _is_of(known, today - YESTERDAY)
        }
        return {**kept, **{path: of.progress for path, of in minutes.items() if isinstance(of, MinuteReading)}}

    def _read_fills(self, folders: list[VariantFolder], moment: Moment) -> FillsRead:
        known = self._known.fills
        if known.store.day >= moment.day - YESTERDAY:
            try:
                return self._pass_over_fills(known, folders, moment)
            except Rewritten as error:
                LOG.info("fills are read anew", ledger=self.name, cause=str(error))
        return self._pass_over_fills(nothing_known(moment.day, known), folders, moment)

    def _pass_over_fills(self, known: FillsKnown, folders: list[VariantFolder], moment: Moment) -> FillsRead:
        fold = FillPass(known, moment, self._grace)
        files = {of.path: read_fills(of.folder, of.path, of.bot, fold, moment) for of in folders}
        unavailable = read_store(self._event_store, fold, moment, self._freshness.events)
        result = fold.known()
        return FillsRead(result, files, StoreSide(result.store, unavailable))


def _books(found: Discovery, minutes: Minutes, fills: FillsRead, terms: Terms) -> dict[str, Book | Unavailable]:
    books: dict[str, Book | Unavailable] = dict(found.unreadable)
    for bot, folders in found.folders.items():
        book = _book(bot, [folder.path for folder in folders], minutes, fills, terms)
        if book is not None:
            books[bot] = book
    return books


def _book(bot: str, paths: list[str], minutes: Minutes, fills: FillsRead, terms: Terms) -> Book | Unavailable | None:
    """The bot's statement; None where none of its folders is a bot's log folder."""
    answers = {path: minutes[path] for path in paths}
    read = {path: of for path, of in answers.items() if isinstance(of, MinuteReading)}
    if not read:
        return next((of for of in answers.values() if isinstance(of, Unavailable)), None)
    files = {path: fills.files[path] for path in paths if path in fills.files}
    return make_book(BotRead(bot, read, fills.known.bots.get(bot, BotFills()), files), fills.store, terms)


def _is_of(progress: MinuteProgress, earliest: date) -> bool:
    return progress.newest is not None and progress.newest.at.date() >= earliest
