"""Reading both books of positions so that what moves in between is not taken for a break.

Ledger, venue, ledger again. A position that the ledger changed meanwhile agrees where the venue shows any state the
ledger went through; where it shows none, the look is repeated, and only a book that holds still is judged.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

import structlog

from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.finding import Reason, Unverified
from recon_exporter.domain.money import ZERO, total
from recon_exporter.domain.positions import Fill, FillStatement, PositionStatement
from recon_exporter.domain.statement import Position, Unavailable
from recon_exporter.ports import Clock, PositionLedger, PositionVenue

ATTEMPTS = 3
BEFORE = timedelta(minutes=1)
"""How far before the first read fills are asked for: their times are the venue's, not ours."""

LOG = structlog.get_logger(__name__)
Answer = TypeVar("Answer")
Key = tuple[str, str]
Wait = Callable[[timedelta], None]


@dataclass(frozen=True, slots=True)
class Look:
    """Both books of one moment, ready to be compared."""

    ledger: PositionStatement
    venue: PositionStatement


@dataclass(frozen=True, slots=True)
class Bracket:
    """How to read one bot's two sides; ``canonical`` gives a symbol the form in which both sides share it."""

    ledger: PositionLedger
    venue: PositionVenue
    canonical: Callable[[str], str]
    clock: Clock
    wait: Wait
    settle: timedelta

    def look(self) -> Look | UnverifiedSide:
        """Both sides, or which of them cannot be judged and why."""
        moved: tuple[str, ...] = ()
        for attempt in range(ATTEMPTS):
            if attempt:
                self.wait(self.settle)
            seen = self._once()
            if not isinstance(seen, tuple):
                return seen
            moved = seen
        why = f"{', '.join(moved)} kept moving while both sides were read, {ATTEMPTS} times"
        return UnverifiedSide("both", Unverified(Reason.MOVED_WHILE_READ, why))

    def _once(self) -> Look | UnverifiedSide | tuple[str, ...]:
        """A look, or the symbols whose movement cannot be followed."""
        started = self.clock.now()
        mark = told(self.ledger.mark)
        before = told(lambda: self.ledger.positions(started))
        venue = told(lambda: self.venue.positions(self.clock.now()))
        if isinstance(mark, Unavailable):
            return UnverifiedSide("ledger", mark.unverified())
        if isinstance(before, Unavailable):
            return UnverifiedSide("ledger", before.unverified())
        if isinstance(venue, Unavailable):
            return UnverifiedSide("venue", venue.unverified())
        if told(self.ledger.mark) == mark:
            return Look(before, venue)
        return self._moved(before, venue, started)

    def _moved(
        self, before: PositionStatement, venue: PositionStatement, started: datetime
    ) -> Look | UnverifiedSide | tuple[str, ...]:
        after = told(lambda: self.ledger.positions(self.clock.now()))
        if isinstance(after, Unavailable):
            return UnverifiedSide("ledger", after.unverified())
        touched = _touched(before, after)
        fills = told(lambda: self.ledger.fills(started - BEFORE, self.clock.now())) if touched else None
        known = fills.fills if isinstance(fills, FillStatement) else ()
        path = {key: _states(key, before, after, known) for key in touched}
        shown = {(self.canonical(position.symbol), position.leg): position.quantity for position in venue.positions}
        lost = sorted(key[0] for key in touched if shown.get(self._shared(key), ZERO) not in path[key])
        if lost:
            return tuple(lost)
        return Look(after, self._aligned(venue, after, touched))

    def _shared(self, key: Key) -> Key:
        return (self.canonical(key[0]), key[1])

    def _aligned(
        self, venue: PositionStatement, ledger: PositionStatement, touched: Iterable[Key]
    ) -> PositionStatement:
        """The venue's book with the followed positions rolled forward to where the ledger stands now.

        Quantities alone are followed: the ledger's own price must not stand for the venue's.
        """
        moved = {self._shared(key) for key in touched}
        kept = [one for one in venue.positions if (self.canonical(one.symbol), one.leg) not in moved]
        followed = [one for one in ledger.positions if self._shared(one.key) in moved]
        rolled = [replace(one, average_price=None, mark_price=None, written_at=None) for one in followed]
        return replace(venue, positions=tuple(sorted([*kept, *rolled], key=lambda position: position.key)))


def told(ask: Callable[[], Answer]) -> Answer | Unavailable:
    """The answer of an adapter; one that raises has not said anything."""
    try:
        return ask()
    except Exception as error:  # whatever it is, this side is unverified and the other bots are not concerned
        LOG.exception("adapter failed")
        return Unavailable(Reason.CHECK_FAILED, f"its adapter failed: {type(error).__name__}")


def _touched(before: PositionStatement, after: PositionStatement) -> tuple[Key, ...]:
    first, second = _by_key(before), _by_key(after)
    return tuple(
        sorted(key for key in first.keys() | second.keys() if _quantity(first.get(key)) != _quantity(second.get(key)))
    )


def _states(key: Key, before: PositionStatement, after: PositionStatement, fills: Iterable[Fill]) -> frozenset[Decimal]:
    """Every quantity that the ledger went through from its first to its second reading."""
    first, last = _quantity(_by_key(before).get(key)), _quantity(_by_key(after).get(key))
    steps = [fill.quantity for fill in fills if fill.symbol == key[0]]
    # The fills in between are the latest ones: walked back from the end until the beginning is met.
    states = {first, last}
    quantity = last
    for step in reversed(steps):
        if quantity == first:
            break
        quantity = total((quantity, step.copy_negate()))
        states.add(quantity)
    return frozenset(states) if quantity == first else frozenset({first, last})


def _by_key(statement: PositionStatement) -> dict[Key, Position]:
    return {position.key: position for position in statement.positions}


def _quantity(position: Position | None) -> Decimal:
    return ZERO if position is None else position.quantity
