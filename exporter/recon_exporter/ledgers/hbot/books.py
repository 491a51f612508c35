"""What has been read of one bot → its book; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from operator import attrgetter

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.money import ZERO
from recon_exporter.domain.policy import Freshness
from recon_exporter.domain.statement import Book, Damage, FillBook, MinuteRow, SourceHealth, Unavailable, Variant
from recon_exporter.ledgers.hbot.damage import DamageLog
from recon_exporter.ledgers.hbot.fills import FILLS, STORE, StoreProgress
from recon_exporter.ledgers.hbot.matching import BotFills, DayCounts, midnight
from recon_exporter.ledgers.hbot.minutes import SOURCE as MINUTE
from recon_exporter.ledgers.hbot.minutes import MinuteProgress, MinuteReading, cadence
from recon_exporter.ledgers.hbot.moment import Moment

SIDE = "ledger"
FILLS_COUNTER = "fills_count_today"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the statement is made under: the moment, how old data may be, and the grace of a fill."""

    moment: Moment
    freshness: Freshness
    grace: timedelta


@dataclass(frozen=True, slots=True)
class StoreSide:
    """The event store as all bots see it; ``unavailable`` None where it was read to its end and is alive."""

    progress: StoreProgress
    unavailable: Unavailable | None


@dataclass(frozen=True, slots=True)
class BotRead:
    """What was read of one bot, by path of its variants; ``files`` says which fills.csv could not be read, and why."""

    bot: str
    minutes: Mapping[str, MinuteReading]
    fills: BotFills
    files: Mapping[str, Unavailable | None]


def make_book(read: BotRead, store: StoreSide, terms: Terms) -> Book:
    """The bot's statement: the variant with the newest row speaks, the fills of all variants count."""
    paths = sorted(read.minutes, key=lambda path: _newest_at(read.minutes[path]), reverse=True)
    speaking, moment = read.minutes[paths[0]], terms.moment
    progress, fills = speaking.progress, _fill_book(read, paths[0], store, terms)
    distance = cadence(progress.times)
    return Book(
        bot=read.bot,
        variants=tuple(Variant(path, _row_at(read.minutes[path].progress.newest)) for path in paths),
        newest=progress.newest,
        previous=speaking.previous,
        rows=speaking.rows,
        closing=progress.closing_of(moment.day),
        future_at=progress.future_of(moment.day, moment.latest),
        cadence=distance,
        fills=fills,
        damage=_damage(moment, progress.damage, read.fills.damage, store.progress.damage),
        bad_lines={
            MINUTE: sum(minutes.progress.bad_lines for minutes in read.minutes.values()),
            FILLS: read.fills.bad_fills,
            STORE: read.fills.bad_events + store.progress.bad_lines,
        },
        health=(
            SourceHealth(read.bot, SIDE, MINUTE, is_fresh(progress, distance, terms), _row_at(progress.newest)),
            SourceHealth(read.bot, SIDE, FILLS, fills.ledger is None, fills.newest_ledger_at),
            SourceHealth(read.bot, SIDE, STORE, fills.events is None, fills.newest_event_at),
        ),
    )


def is_fresh(progress: MinuteProgress, distance: timedelta, terms: Terms) -> bool:
    """Whether the newest row is not older than the policy's multiple of the rows' distance, and no row is set aside."""
    moment = terms.moment
    if progress.newest is None or progress.future_of(moment.day, moment.latest) is not None:
        return False
    return moment.now - progress.newest.at <= terms.freshness.oldest_row(distance)


def _damage(moment: Moment, *logs: DamageLog) -> tuple[Damage, ...]:
    """Today's, in the same order whichever file was read first."""
    damages = [damage for log in logs if log.entries for damage in log.from_day(moment.day)]
    return tuple(sorted(damages, key=attrgetter("source")))


def _fill_book(read: BotRead, speaking: str, store: StoreSide, terms: Terms) -> FillBook:
    day = terms.moment.day
    counts = read.fills.counts.get(day, DayCounts())
    return FillBook(
        day=day,
        ledger=_ledger_side(read, speaking, terms),
        events=store.unavailable,
        ledger_count=counts.ledger,
        events_count=counts.events,
        backfilled_count=counts.backfilled,
        open=read.fills.open_orders(midnight(day) - terms.grace),
        newest_ledger_at=read.fills.newest_at,
        newest_event_at=store.progress.newest_at,
    )


def _ledger_side(read: BotRead, speaking: str, terms: Terms) -> Unavailable | None:
    """Why the ledger's fills are not all known. Only of the variant that speaks a missing file says anything."""
    for unavailable in read.files.values():
        if unavailable is not None and unavailable.reason is not Reason.SOURCE_MISSING:
            return unavailable
    missing, progress = read.files.get(speaking), read.minutes[speaking].progress
    if missing is None or (is_fresh(progress, cadence(progress.times), terms) and _counts_no_fill(progress.newest)):
        return None
    return missing


def _counts_no_fill(row: MinuteRow | None) -> bool:
    counted = None if row is None else row.numbers.get(FILLS_COUNTER)
    return isinstance(counted, Decimal) and counted == ZERO


def _newest_at(minutes: MinuteReading) -> tuple[bool, datetime | None]:
    at = _row_at(minutes.progress.newest)
    return (at is not None, at)


def _row_at(row: MinuteRow | None) -> datetime | None:
    return None if row is None else row.at
