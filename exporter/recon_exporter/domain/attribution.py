"""What a difference in a position or balance is made of, record by record, and how much of it remains unexplained.

Fills that one side lacks are certain. Whether a ledger takes fees and transfers into account nobody tells: those are
taken where they make the rest come out, and named as possible where they do not.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, islice
from operator import attrgetter

from recon_exporter.domain import fill_words
from recon_exporter.domain.attributed import Attribution, Line, Source
from recon_exporter.domain.break_words import number
from recon_exporter.domain.breaks import BreakType
from recon_exporter.domain.fill_match import FillDifference, FillMatch
from recon_exporter.domain.holdings import Holding
from recon_exporter.domain.money import ZERO, difference, total
from recon_exporter.domain.positions import Activity, ActivityKind, Fill
from recon_exporter.domain.words import one_line

MOST_TRIED = 3_000
"""How many ways to make up the rest are tried, the simplest first."""


@dataclass(frozen=True, slots=True)
class Records:
    """What is known about the time in which the difference came about.

    ``match`` is what matching the fills of both sides established, ``venue_fills`` those of the venue, ``activities``
    its other movements, ``booked`` those that the ledger tells of. ``uncertainty`` is how far the ledger's amount may
    be off by the way it writes its fills.
    """

    match: FillMatch
    venue_fills: tuple[Fill, ...]
    activities: tuple[Activity, ...] = ()
    booked: tuple[Activity, ...] = ()
    uncertainty: Decimal = ZERO


def attribute(holding: Holding, gap: Decimal, records: Records) -> Attribution:
    """The lines that account for this difference, ledger minus venue."""
    certain = tuple(_of_fills(holding, records.match))
    uncertain = sorted(_uncertain(holding, records), key=_newest, reverse=True)
    rest = difference(gap, _sum(certain))
    chosen = _made_up(rest, uncertain, records.uncertainty)
    if chosen is not None:
        return _summed_up(gap, (*certain, *chosen), uncertain, records.uncertainty)
    every = sorted((*certain, *uncertain), key=_newest, reverse=True)
    some = _made_up(gap, every, ZERO)
    return _summed_up(gap, certain if some is None else some, every, records.uncertainty)


def _of_fills(holding: Holding, match: FillMatch) -> Iterator[Line]:
    """Executions that one side lacks or has otherwise."""
    for fill in match.open_ledger:
        amount = holding.change((fill,))
        yield from _line(Source.MISSING_AT_VENUE, fill, amount, fill_words.missing_at_venue((fill,)))
    for fill in match.open_venue:
        amount = holding.change((fill,)).copy_negate()
        yield from _line(Source.MISSING_IN_LEDGER, fill, amount, fill_words.missing_in_ledger((fill,)))
    seen = set()
    for one in match.differences:
        if one.place not in seen and (one.type is BreakType.FILL_DUPLICATE or (one.ledger and one.venue)):
            seen.add(one.place)
            yield from _of_difference(holding, one)


def _of_difference(holding: Holding, one: FillDifference) -> Iterator[Line]:
    """A duplicate in the venue's list changes nothing of what is held there."""
    is_twice = one.type is BreakType.FILL_DUPLICATE
    theirs = ZERO if is_twice else holding.change(one.venue)
    amount = difference(holding.change(one.ledger), theirs)
    if amount:
        yield Line(Source.DUPLICATE if is_twice else Source.DIFFERENT_FILL, one.item, one.at, amount, one.words)


def _uncertain(holding: Holding, records: Records) -> Iterator[Line]:
    """What the ledger may have taken into account or not."""
    for one in records.match.unlike:
        for fill in one.ledger:
            yield from _line(Source.NAMELESS_FILL, fill, holding.change((fill,)), one.words)
    yield from _fees(holding, records)
    booked = [_key(activity) for activity in records.booked]
    for activity in records.activities:
        if _key(activity) in booked:
            booked.remove(_key(activity))
            continue
        amount = holding.moved(activity).copy_negate()
        if amount:
            words = f"{activity.kind.value} {one_line(activity.code)} of {number(holding.moved(activity))} at the venue"
            source = _SOURCES.get(activity.kind, Source.OTHER_MOVEMENT)
            yield Line(source, activity.activity_id, activity.at, amount, words)


def _fees(holding: Holding, records: Records) -> Iterator[Line]:
    """Of executions that differ one by one; of all others together, for a ledger leaves out all of them or none."""
    match = records.match
    apart = set(match.open_venue)
    for fill in match.open_venue:
        amount = holding.fees((fill,)).copy_negate()
        yield from _line(Source.FEE, fill, amount, f"fee of {_fee(holding, (fill,))} of the execution {fill.fill_id}")
    for fill in match.open_ledger:
        words = f"fee of {_fee(holding, (fill,))} that the ledger has of the execution {fill.fill_id}"
        yield from _line(Source.FEE, fill, holding.fees((fill,)), words)
    for one in match.differences:
        if one.type is BreakType.FILL_FEE:
            amount = difference(holding.fees(one.ledger), holding.fees(one.venue))
            if amount:
                yield Line(Source.FEE, one.item, one.at, amount, one.words)
    rest = [fill for fill in records.venue_fills if fill not in apart and holding.fees((fill,))]
    amount = holding.fees(rest).copy_negate()
    if amount:
        words = f"fees of {_fee(holding, rest)} of {len(rest)} executions until {rest[-1].at.isoformat()}"
        yield Line(Source.FEE, "", rest[-1].at, amount, words)


def _fee(holding: Holding, fills: Iterable[Fill]) -> str:
    return f"{number(holding.fees(fills).copy_negate())} {one_line(holding.asset or '')}"


def _line(source: Source, fill: Fill, amount: Decimal, words: str) -> Iterator[Line]:
    if amount:
        yield Line(source, fill.fill_id, fill.at, amount, words)


_SOURCES = {
    ActivityKind.FUNDING: Source.FUNDING,
    ActivityKind.TRANSFER: Source.TRANSFER,
    ActivityKind.CONVERSION: Source.CONVERSION,
    ActivityKind.INTEREST: Source.INTEREST,
    ActivityKind.FEE: Source.FEE,
}


def _key(activity: Activity) -> tuple[object, ...]:
    """What both sides tell of one movement."""
    return (activity.kind, activity.asset, activity.symbol, activity.amount, activity.quantity)


def _made_up(rest: Decimal, lines: Sequence[Line], slack: Decimal) -> Sequence[Line] | None:
    """The simplest set of these that comes to the rest, exactly where any does; None where none does."""
    near = None
    for some in islice(_sets(lines), MOST_TRIED):
        left = difference(rest, _sum(some)).copy_abs()
        if not left:
            return some
        if near is None and left <= slack:
            near = some
    return near


def _sets(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """Nothing, each alone, all of one source, all, and then ever more of them; the newest first."""
    yield ()
    yield from combinations(lines, 1)
    for source in sorted({line.source for line in lines}):
        yield tuple(line for line in lines if line.source is source)
    yield lines
    for count in range(2, len(lines)):
        yield from combinations(lines, count)


def _summed_up(gap: Decimal, lines: Sequence[Line], uncertain: Sequence[Line], slack: Decimal) -> Attribution:
    left = difference(gap, _sum(lines))
    told = list(lines)
    if left and left.copy_abs() <= slack:
        words = f"digits that the ledger cuts off, {number(slack)} at most"
        told.append(Line(Source.TRUNCATION, "", None, left, words))
        left = ZERO
    told.sort(key=lambda line: (line.amount.copy_abs(), line.item), reverse=True)
    possible = [line for line in uncertain if line not in lines]
    return Attribution(gap, tuple(told), left, tuple(sorted(possible, key=attrgetter("source", "item"))))


def _sum(lines: Iterable[Line]) -> Decimal:
    return total(line.amount for line in lines)


def _newest(line: Line) -> tuple[str, str, str]:
    return ("" if line.at is None else line.at.isoformat(), line.source, line.item)
