"""Fills of the ledger against fill events; pure.

A fill of one side cancels one of the other with the same order and quantity, the earliest first; what is left on either
side is held until it is of no day any more. Fills are followed from an hour before midnight (UTC), because one that is
told a little before midnight by one side may be told a little after it by the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

from recon_exporter.domain.money import EXACT, ZERO
from recon_exporter.domain.statement import OpenOrder
from recon_exporter.ledgers.hbot.damage import DamageLog
from recon_exporter.reading.append_only import Checkpoint

LEDGER, EVENTS = 1, -1
MARGIN = timedelta(hours=1)


def midnight(day: date) -> datetime:
    """The beginning of the UTC day."""
    return datetime.combine(day, time.min, UTC)


def book_day(at: datetime) -> date:
    """The last day on which a fill of this time is followed."""
    return (at + MARGIN).date()


@dataclass(slots=True)
class DayCounts:
    """How many fills one UTC day has on each side; a pair counts on the day that the ledger tells."""

    ledger: int = 0
    events: int = 0
    backfilled: int = 0


@dataclass(slots=True)
class Unmatched:
    """Fills of one order and quantity that one side alone has; ``side`` is LEDGER or EVENTS, times oldest first."""

    side: int
    times: list[datetime]


@dataclass(slots=True)
class BotFills:
    """What is known of the fills of one bot. ``files`` are checkpoints of its fills.csv by the variant's path."""

    files: dict[str, Checkpoint] = field(default_factory=dict)
    counts: dict[date, DayCounts] = field(default_factory=dict)
    unmatched: dict[tuple[str, Decimal], Unmatched] = field(default_factory=dict)
    newest_at: datetime | None = None
    damage: DamageLog = field(default_factory=DamageLog)
    bad_fills: int = 0
    bad_events: int = 0

    def copy(self) -> "BotFills":
        """A copy that can be changed without touching this one."""
        return BotFills(
            files=dict(self.files),
            counts={day: DayCounts(of.ledger, of.events, of.backfilled) for day, of in self.counts.items()},
            unmatched={key: Unmatched(of.side, list(of.times)) for key, of in self.unmatched.items()},
            newest_at=self.newest_at,
            damage=self.damage,
            bad_fills=self.bad_fills,
            bad_events=self.bad_events,
        )

    def forget_before(self, day: date) -> None:
        """Drop what is of no interest on this day."""
        yesterday = day - timedelta(days=1)
        self.counts = {of: counts for of, counts in self.counts.items() if of >= yesterday}
        for unmatched in self.unmatched.values():
            unmatched.times = [at for at in unmatched.times if book_day(at) >= day]
        self.unmatched = {key: unmatched for key, unmatched in self.unmatched.items() if unmatched.times}
        self.damage = self.damage.since(day)

    def counts_of(self, day: date) -> DayCounts:
        """The day's counts."""
        return self.counts.setdefault(day, DayCounts())

    def add(self, side: int, order_id: str, quantity: Decimal, at: datetime) -> None:
        """One more fill of one side."""
        counts = self.counts_of(at.date())
        if side == LEDGER:
            counts.ledger += 1
        else:
            counts.events += 1
        key = (order_id, quantity)
        waiting = self.unmatched.get(key)
        if waiting is None:
            self.unmatched[key] = Unmatched(side, [at])
        elif waiting.side == side:
            waiting.times.append(at)
        else:
            self._pair(side, at, waiting.times.pop(0))
            if not waiting.times:
                del self.unmatched[key]

    def open_orders(self, since: datetime) -> tuple[OpenOrder, ...]:
        """The orders whose sides differ in fills from ``since`` on, by order id."""
        if not self.unmatched:
            return ()
        left = sorted((*key, unmatched) for key, unmatched in self.unmatched.items())
        orders = (_open_order(order_id, of, since) for order_id, of in groupby(left, key=itemgetter(0)))
        return tuple(order for order in orders if order is not None)

    def _pair(self, side: int, at: datetime, other_at: datetime) -> None:
        """The two count on the ledger's day, so that around midnight the totals of a day agree."""
        in_ledger, in_events = (at, other_at) if side == LEDGER else (other_at, at)
        if in_ledger.date() != in_events.date():
            self.counts_of(in_events.date()).events -= 1
            self.counts_of(in_ledger.date()).events += 1


def _open_order(order_id: str, left: Iterable[tuple[str, Decimal, Unmatched]], since: datetime) -> OpenOrder | None:
    count, quantity = 0, ZERO
    times: list[datetime] = []
    for _, of_each, unmatched in left:
        recent = [at for at in unmatched.times if at >= since]
        difference = unmatched.side * len(recent)
        count, quantity = count + difference, EXACT.fma(of_each, difference, quantity)
        times += recent
    if not times or (count == 0 and quantity == ZERO):
        return None
    return OpenOrder(order_id, count, quantity, max(times))
