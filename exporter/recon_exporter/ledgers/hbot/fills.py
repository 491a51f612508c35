"""One pass over everything that tells fills: the fold of all bots' fills.csv and of the event store; pure.

It works on copies: what was known before stays as it is until the pass has been recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from recon_exporter.domain.statement import Damage
from recon_exporter.ledgers.hbot.damage import DamageLog, shown
from recon_exporter.ledgers.hbot.events import KINDS, BadEvent, FillEvent, instances_of, parse_fill, times_of
from recon_exporter.ledgers.hbot.matching import EVENTS, LEDGER, MARGIN, BotFills, book_day, midnight
from recon_exporter.ledgers.hbot.moment import Moment
from recon_exporter.ledgers.hbot.seen import Seen
from recon_exporter.reading.append_only import Checkpoint
from recon_exporter.reading.digests import DIGESTS
from recon_exporter.reading.tables import BadLine

PROBE = "probe-ord-"
FILLS, STORE = "fills", "events"


@dataclass(frozen=True, slots=True)
class StoreProgress:
    """What has been read of the event store, up to which day; ``damage`` concerns all bots."""

    day: date
    files: Mapping[str, Checkpoint] = field(default_factory=dict)
    newest_at: datetime | None = None
    damage: DamageLog = field(default_factory=DamageLog)
    bad_lines: int = 0


@dataclass(frozen=True, slots=True)
class FillsKnown:
    """All that is known of fills: by bot, of the event store, and which events have been counted."""

    store: StoreProgress
    bots: Mapping[str, BotFills]
    seen: Seen


def nothing_known(day: date, before: FillsKnown | None = None) -> FillsKnown:
    """The beginning of a cold pass; of what was known ``before`` only the counters of bad lines go on."""
    if before is None:
        return FillsKnown(StoreProgress(day), {}, Seen({}))
    bots = {
        bot: BotFills(bad_fills=of.bad_fills, bad_events=of.bad_events)
        for bot, of in before.bots.items()
        if of.bad_fills or of.bad_events
    }
    return FillsKnown(StoreProgress(day, bad_lines=before.store.bad_lines), bots, Seen({}))


class FillPass:
    """Adds fills of both sides to what was known."""

    def __init__(self, known: FillsKnown, moment: Moment, grace: timedelta) -> None:
        self._moment, self._grace = moment, grace
        self._horizon = midnight(moment.day) - MARGIN
        self._known = known
        self._changed: dict[str, BotFills] = {}
        self._seen = known.seen.continued(moment.day)
        store = known.store
        self.files = dict(store.files)
        self.newest_event_at = store.newest_at
        self._damage = store.damage.since(moment.day)
        self._bad_lines = store.bad_lines
        if store.day != moment.day:
            for bot in known.bots:
                self.bot(bot).forget_before(moment.day)

    def bot(self, name: str) -> BotFills:
        """The bot's fills, to be changed."""
        fills = self._changed.get(name)
        if fills is None:
            before = self._known.bots.get(name)
            fills = self._changed[name] = before.copy() if before else BotFills()
        return fills

    def look(self, name: str) -> BotFills:
        """The bot's fills, not to be changed."""
        return self._changed.get(name) or self._known.bots.get(name) or BotFills()

    def put(self, name: str, fills: BotFills) -> None:
        """Take these as the bot's fills."""
        self._changed[name] = fills

    def add_ledger_fill(self, fills: BotFills, order_id: str, quantity: Decimal, at: datetime) -> None:
        """One row of a bot's fills.csv; raises BadLine where it lies in the future."""
        if at > self._moment.latest:
            raise BadLine(f"ts is {at.isoformat()}, ahead of the clock", "ts")
        fills.newest_at = max(at, fills.newest_at or at)
        if at >= self._horizon and not order_id.startswith(PROBE):
            fills.add(LEDGER, order_id, quantity, at)

    def add_bad_row(self, fills: BotFills, at: datetime | None, column: str | None, place: str, text: str) -> None:
        """A row of a bot's fills.csv that cannot be read; one that tells no time of its own counts as today's."""
        day = self._moment.day if at is None or at > self._moment.latest else (at + self._grace).date()
        fills.bad_fills += 1
        fills.damage = self._noted(fills.damage, day, Damage(FILLS, column, place, text))

    def add_event_line(self, line: bytes, place: str, file_day: date) -> None:
        """One line of the event store that may be a fill."""
        try:
            event = parse_fill(line)
            if event is None:
                return
        except BadEvent as error:
            self.add_bad_event(line, place, file_day, error)
            return
        if event.at > self._moment.latest:
            problem = BadEvent(f"ts_utc is {event.at.isoformat()}, ahead of the clock", "ts_utc")
            self.add_bad_event(line, place, file_day, problem)
            return
        self.saw_event(event.at)
        if event.at >= self._horizon and not event.order_id.startswith(PROBE):
            self._add_event(event)

    def add_bad_event(self, line: bytes, place: str, file_day: date, error: BadEvent) -> None:
        """A line of the event store that cannot be read: it concerns the bots that it names, or else all."""
        told = [at for at in times_of(line) if at <= self._moment.latest]
        day = (told[0] + self._grace).date() if told else file_day
        damage = Damage(STORE, error.field, place, f"{error}: {shown(line)}")
        named = instances_of(line)
        for bot in named:
            fills = self.bot(bot)
            fills.bad_events += 1
            fills.damage = self._noted(fills.damage, day, damage)
        if not named:
            self._bad_lines += 1
            self._damage = self._noted(self._damage, day, damage)

    def saw_event(self, *times: datetime) -> None:
        """The store is at least as new as these times, the future ones apart."""
        for at in times:
            if at <= self._moment.latest and (self.newest_event_at is None or at > self.newest_event_at):
                self.newest_event_at = at

    def known(self) -> FillsKnown:
        """All that is known now."""
        store = StoreProgress(self._moment.day, self.files, self.newest_event_at, self._damage, self._bad_lines)
        if store == self._known.store:
            store = self._known.store
        return FillsKnown(store, {**self._known.bots, **self._changed}, self._seen)

    def _add_event(self, event: FillEvent) -> None:
        day = book_day(event.at)
        if not self._seen.add(day, event.identity):
            return
        fills = self.bot(event.instance)
        if event.is_backfill:
            fills.counts_of(event.at.date()).backfilled += 1
        elif self._is_first_account(event, day):
            fills.add(EVENTS, event.order_id, event.quantity, event.at)

    def _is_first_account(self, event: FillEvent, day: date) -> bool:
        """Whether no event of the other kind has told this fill: the n-th of one kind is the n-th of the other."""
        fill, kind, number = event.fill, KINDS.index(event.kind), 0
        while not self._seen.add(day, _nth(fill, number, kind)):
            number += 1
        return not self._seen.holds(_nth(fill, number, 1 - kind))

    def _noted(self, log: DamageLog, day: date, damage: Damage) -> DamageLog:
        return log.with_damage(day, damage) if day >= self._moment.day else log


def _nth(fill: int, number: int, kind: int) -> int:
    """A digest of the fill as the n-th of its order and quantity that events of this kind tell."""
    return (fill + 2 * number + kind) % DIGESTS
