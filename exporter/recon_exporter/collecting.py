"""Reading all sources of a cycle side by side, each with one deadline of its own."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog

from recon_exporter.calling import DeadlinePassed, overdue, still_going, within
from recon_exporter.domain.breaks import Break
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.report import BlindFleet
from recon_exporter.domain.statement import Book, SourceHealth, Unavailable, VenueAccount
from recon_exporter.errors import SourceError, SourceUnreadable
from recon_exporter.ports import Clock, Fleet, LedgerReading, Venue
from recon_exporter.side_collecting import SideCollector
from recon_exporter.side_reading import SidesReading

Accounts = Mapping[str, VenueAccount | Unavailable] | Unavailable
Answer = TypeVar("Answer")
SIDES = " sides"
"""Stands among the names of fleets, none of which begins with a blank."""
LOG = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FleetReading:
    """What both sides of one fleet said, or why they could not be read; ``accounts`` None without a venue."""

    fleet: str
    ledger: LedgerReading | Unavailable
    accounts: Accounts | None


@dataclass(frozen=True, slots=True)
class Collected:
    """All statements of one moment, by bot, and the readings they came from.

    ``sides`` are the latest looks at both sides of bots that are to be compared, ``uncompared`` others that are known;
    ``accounts`` those of bots that no fleet holds, as the exporter's own snapshot has them.
    """

    at: datetime
    readings: tuple[FleetReading, ...]
    books: Mapping[str, Book | Unavailable] = field(default_factory=dict)
    sides: Mapping[str, SidesReading] = field(default_factory=dict)
    accounts: Mapping[str, VenueAccount | Unavailable] = field(default_factory=dict)
    uncompared: frozenset[str] = frozenset()

    def book(self, bot: str) -> Book | Unavailable:
        """The ledger's statement of the bot; where no fleet holds it, why it may be missing."""
        found = self.books.get(bot)
        if found is not None:
            return found
        unreadable = [reading.ledger for reading in self.readings if isinstance(reading.ledger, Unavailable)]
        return unreadable[0] if unreadable else Unavailable(Reason.SOURCE_MISSING, f"no log folder of {bot} was found")

    def side_health(self, bot: str) -> tuple[SourceHealth, ...]:
        """How the sources of both sides of the bot fared."""
        return self.sides[bot].health if bot in self.sides else ()

    @property
    def blind_fleets(self) -> tuple[BlindFleet, ...]:
        """The fleets in which no bot was found, with the reason."""
        blind = [(of.fleet, why) for of in self.readings if (why := _why_blind(of)) is not None]
        return tuple(BlindFleet(fleet, why.reason, why.detail) for fleet, why in blind)

    def has_venue(self, bot: str) -> bool:
        """Whether the bot's fleet has a venue; of a bot that no fleet holds, whether any fleet has."""
        holding = [reading for reading in self.readings if _holds(reading, bot)]
        return any(reading.accounts is not None for reading in holding or self.readings)

    def account(self, bot: str) -> VenueAccount | Unavailable:
        """The venue's statement of the bot."""
        answers = [reading.accounts for reading in self.readings if reading.accounts is not None]
        for answer in answers:
            if not isinstance(answer, Unavailable) and bot in answer:
                return answer[bot]
        if bot in self.accounts:
            return self.accounts[bot]
        for answer in answers:
            if isinstance(answer, Unavailable):
                return answer
        return Unavailable(Reason.SOURCE_MISSING, f"the exchange snapshot has no entry for {bot}")


class Collector:
    """Reads every fleet's ledger and venue in threads.

    A read that outlasts its deadline is left to end by itself, and what it found is the answer of a later cycle: no
    source is ever read twice at once, and a cold read that takes long is not begun anew for ever.
    """

    def __init__(
        self,
        fleets: Sequence[Fleet],
        clock: Clock,
        deadline: timedelta,
        sides: SideCollector | None = None,
        accounts: Venue | None = None,
    ) -> None:
        self._fleets = tuple(fleets)
        self._clock = clock
        self._deadline = deadline
        self._pool = ThreadPoolExecutor(max_workers=max(2, 2 * len(self._fleets)), thread_name_prefix="collect")
        self._late: dict[str, Future[Any]] = {}
        self._sides = sides
        self._accounts = accounts
        self._to_restore: dict[str, Mapping[str, str]] = {}

    def restore(self, progress: Mapping[str, Mapping[str, str]]) -> None:
        """Let every ledger go on from recorded progress; one that is still reading does so when it has ended."""
        self._to_restore = {fleet.name: progress.get(fleet.name, {}) for fleet in self._fleets}
        for fleet in self._fleets:
            self._restore_if_idle(fleet)
        if self._sides is not None:
            self._sides.restore(progress.get(SIDES, {}))

    def collect(self, standing: Iterable[Break] = ()) -> Collected:
        """Ask all sources at once; what does not answer in time is Unavailable. ``standing`` are breaks of cycles."""
        now = self._clock.now()
        ends_at = self._clock.monotonic() + self._deadline.total_seconds()
        asked = [self._ask(fleet, now) for fleet in self._fleets]
        readings = tuple(self._reading(fleet, *of, ends_at) for fleet, of in zip(self._fleets, asked, strict=True))
        accounts = self._read_accounts(now, ends_at)
        sides = {} if self._sides is None else self._sides.collect(now, _fill_times(standing))
        uncompared = frozenset() if self._sides is None else self._sides.uncompared
        return Collected(now, readings, _books(readings), sides, accounts, uncompared)

    def progress(self, collected: Collected, judged: Collection[str]) -> Mapping[str, Mapping[str, str | None]]:
        """What is to be recorded of how far was read, by fleet, and of how far fills were judged, of the bots told."""
        documents: dict[str, Mapping[str, str | None]] = {
            one.fleet: one.ledger.documents for one in collected.readings if isinstance(one.ledger, LedgerReading)
        }
        if self._sides is not None:
            documents[SIDES] = self._sides.documents(judged)
        return documents

    def recorded(self, collected: Collected) -> None:
        """Tell the ledgers that what they said has become durable."""
        answered = {reading.fleet for reading in collected.readings if isinstance(reading.ledger, LedgerReading)}
        for fleet in (one for one in self._fleets if one.name in answered):
            fleet.ledger.recorded()
        if self._sides is not None:
            self._sides.recorded()

    def close(self) -> None:
        """Ask nothing any more; does not wait for late reads."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._sides is not None:
            self._sides.close()

    def _ask(
        self, fleet: Fleet, now: datetime
    ) -> tuple["Future[LedgerReading] | Unavailable", "Future[Accounts] | Unavailable | None"]:
        self._restore_if_idle(fleet)
        ledger = self._start(_ledger_of(fleet), fleet.ledger.read, now)
        venue = None if fleet.venue is None else self._start(_venue_of(fleet), fleet.venue.read, now)
        return ledger, venue

    def _reading(
        self,
        fleet: Fleet,
        ledger: Future[LedgerReading] | Unavailable,
        venue: Future[Accounts] | Unavailable | None,
        ends_at: float,
    ) -> FleetReading:
        said = self._answer(_ledger_of(fleet), ledger, ends_at)
        if venue is None:
            return FleetReading(fleet.name, said, None)
        accounts = self._answer(_venue_of(fleet), venue, ends_at)
        return FleetReading(fleet.name, said, accounts)

    def _read_accounts(self, now: datetime, ends_at: float) -> Mapping[str, VenueAccount | Unavailable]:
        if self._accounts is None:
            return {}
        found = self._answer(SIDES, self._start(SIDES, self._accounts.read, now), ends_at)
        return {} if isinstance(found, Unavailable) else found

    def _restore_if_idle(self, fleet: Fleet) -> None:
        late = self._late.get(_ledger_of(fleet))
        if fleet.name in self._to_restore and (late is None or late.done()):
            self._late.pop(_ledger_of(fleet), None)
            fleet.ledger.restore(self._to_restore.pop(fleet.name))

    def _start(self, source: str, read: Callable[[datetime], Answer], now: datetime) -> "Future[Answer] | Unavailable":
        late = self._late.pop(source, None)
        if late is None:
            return self._pool.submit(read, now)
        if late.done():
            return late
        self._late[source] = late
        return still_going(source)

    def _answer(self, source: str, asked: Future[Answer] | Unavailable, ends_at: float) -> Answer | Unavailable:
        if isinstance(asked, Unavailable):
            return asked
        try:
            return within(asked, ends_at - self._clock.monotonic())
        except DeadlinePassed:
            self._late[source] = asked
            return overdue(source, self._deadline)
        except SourceUnreadable as error:
            return Unavailable(Reason.SOURCE_UNREADABLE, f"{source}: {error}")
        except SourceError as error:
            return Unavailable(Reason.SOURCE_MISSING, f"{source}: {error}")
        except Exception as error:  # one source's failure is its own: the others still get their verdict
            LOG.exception("source failed", source=source)
            return Unavailable(Reason.SOURCE_UNREADABLE, f"{source}: {type(error).__name__}: {error}")


def _fill_times(standing: Iterable[Break]) -> Mapping[str, list[datetime]]:
    """The times of the fills that breaks are about, by bot: they are read again until they are seen to agree."""
    times: dict[str, list[datetime]] = {}
    for one in standing:
        if one.discrepancy.happened_at is not None and one.resolved_at is None:
            times.setdefault(one.discrepancy.bot, []).append(one.discrepancy.happened_at)
    return times


def _why_blind(reading: FleetReading) -> Unavailable | None:
    if isinstance(reading.ledger, Unavailable):
        return reading.ledger
    return None if reading.ledger.books else Unavailable(Reason.SOURCE_MISSING, "it holds no bot")


def _holds(reading: FleetReading, bot: str) -> bool:
    return isinstance(reading.ledger, LedgerReading) and bot in reading.ledger.books


def _ledger_of(fleet: Fleet) -> str:
    return f"{fleet.name}/ledger"


def _venue_of(fleet: Fleet) -> str:
    return f"{fleet.name}/venue"


def _books(readings: Sequence[FleetReading]) -> dict[str, Book | Unavailable]:
    books: dict[str, Book | Unavailable] = {}
    for reading in readings:
        if isinstance(reading.ledger, Unavailable):
            continue
        for bot, book in reading.ledger.books.items():
            twice = Unavailable(Reason.SOURCE_MALFORMED, f"{bot} is found in more than one fleet")
            books[bot] = twice if bot in books else book
    return books
