"""Reading the sides of all bots beside the cycles: a slow exchange delays its own bot and no cycle.

Each cycle takes the latest look of each bot and has the next one begun. A look that serves two cycles is the same look:
whoever counts looks counts it once.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

import structlog

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.statement import Unavailable
from recon_exporter.ports import Clock
from recon_exporter.side_reading import SideReader, SidesReading

WORKERS = 8
LOG = structlog.get_logger(__name__)


class SideCollector:
    """Reads the sides of bots in threads, none twice at once.

    ``readers`` gives those of the bots that there are now, None for one that is not to be compared. A cycle waits for
    new looks no longer than ``patience``, the first one, which has no earlier looks to go by, no longer than
    ``first_patience``; a look older than ``max_age`` speaks for nothing any more. ``uncompared`` are
    the bots that were not to be compared when it was asked last.
    """

    def __init__(
        self,
        readers: Callable[[], Mapping[str, SideReader | None]],
        clock: Clock,
        patience: timedelta,
        max_age: timedelta,
        first_patience: timedelta | None = None,
    ) -> None:
        self.uncompared: frozenset[str] = frozenset()
        self._readers = readers
        self._clock = clock
        self._patience = patience.total_seconds()
        self._first_patience = (first_patience or patience).total_seconds()
        self._max_age = max_age
        self._pool = ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="sides")
        self._asked: dict[str, Future[SidesReading]] = {}
        self._latest: dict[str, SidesReading] = {}
        self._judged_until: Mapping[str, datetime] = {}
        self._to_record: Mapping[str, datetime] = {}

    def restore(self, documents: Mapping[str, str]) -> None:
        """How far fills were judged, by bot: what was looked at and not recorded is looked at again."""
        self._judged_until = {bot: datetime.fromisoformat(document) for bot, document in documents.items()}

    def collect(self, now: datetime, standing: Mapping[str, Sequence[datetime]]) -> Mapping[str, SidesReading]:
        """The latest look of every bot; ``standing`` are the times of the breaks in fills that it has."""
        known = self._readers()
        readers = {bot: reader for bot, reader in known.items() if reader is not None}
        self.uncompared = frozenset(known.keys() - readers.keys())
        for bot, reader in readers.items():
            if bot not in self._asked:
                judged_until = self._judged_until.get(bot)
                self._asked[bot] = self._pool.submit(reader.read, judged_until, tuple(standing.get(bot, ())))
        wait([self._asked[bot] for bot in readers], timeout=self._first_patience)
        self._first_patience = self._patience
        for bot, reader in readers.items():
            self._take(bot, reader)
        return {bot: self._fresh(bot, reader, now) for bot, reader in readers.items()}

    def documents(self, judged: Collection[str]) -> Mapping[str, str | None]:
        """What ``restore`` takes. Only bots of which a check has ``judged`` the fills go on from their latest look."""
        ends = {bot: self._latest[bot].judged_until for bot in judged if bot in self._latest}
        self._to_record = {**self._judged_until, **{bot: at for bot, at in ends.items() if at is not None}}
        return {bot: at.isoformat() for bot, at in self._to_record.items()}

    def recorded(self) -> None:
        """The documents told last have become durable: only now may looks go on from there."""
        self._judged_until = self._to_record

    def close(self) -> None:
        """Ask nothing any more; does not wait for late looks."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _take(self, bot: str, reader: SideReader) -> None:
        """Keep the look where it has ended."""
        asked = self._asked[bot]
        if not asked.done():
            return
        del self._asked[bot]
        try:
            reading = asked.result()
        except Exception as error:  # one bot's failure is its own: the others still get their verdict
            LOG.exception("sides not read", bot=bot)
            why = Unavailable(Reason.CHECK_FAILED, f"reading both sides raised {type(error).__name__}: {error}")
            self._latest[bot] = reader.unread(why, self._clock.now())
            return
        self._latest[bot] = reading

    def _fresh(self, bot: str, reader: SideReader, now: datetime) -> SidesReading:
        latest = self._latest.get(bot)
        if latest is not None and now - latest.taken_at <= self._max_age:
            return latest
        since = "yet" if latest is None else f"since {latest.taken_at.isoformat()}"
        return reader.unread(Unavailable(Reason.DEADLINE_EXCEEDED, f"no look at both sides has ended {since}"), now)
