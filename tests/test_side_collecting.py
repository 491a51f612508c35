"""The sides of bots are read beside the cycles: one that is slow holds up nobody, and none is read twice at once."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.sides import Sides
from recon_exporter.side_collecting import SideCollector
from recon_exporter.side_reading import SidesReading
from support.sides import make_side_terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recon_exporter.domain.statement import Unavailable

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MAX_AGE = timedelta(minutes=10)


@dataclass
class Reader:
    """Answers when it may; remembers what it was asked with."""

    clock: Clock
    may_answer: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[datetime | None, tuple[datetime, ...]]] = field(default_factory=list)
    error: Exception | None = None

    def read(self, judged_until: datetime | None, standing: Sequence[datetime]) -> SidesReading:
        self.asked.append((judged_until, tuple(standing)))
        assert self.may_answer.wait(30)
        if self.error is not None:
            raise self.error
        at = self.clock.now()
        return SidesReading(Sides(None, None, None, make_side_terms(), at), at, (), at - MINUTE)

    def unread(self, why: Unavailable, now: datetime) -> SidesReading:
        side = UnverifiedSide("both", why.unverified())
        return SidesReading(Sides(side, None, None, make_side_terms(), now), now, (), None)


@dataclass
class Clock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def wait(self, span: timedelta) -> None:
        self.at += span


@contextmanager
def collecting(
    *bots: str, patience: timedelta = timedelta(0)
) -> Iterator[tuple[SideCollector, dict[str, Reader], Clock]]:
    clock = Clock()
    readers = {bot: Reader(clock) for bot in bots}
    collector = SideCollector(lambda: readers, clock, patience, MAX_AGE)  # type: ignore[arg-type, return-value]
    try:
        yield collector, readers, clock
    finally:
        for reader in readers.values():
            reader.may_answer.set()
        collector.close()


def reason(reading: SidesReading) -> Reason | None:
    """Why there is no look; None where there is one."""
    positions = reading.sides.positions
    return positions.why.reason if isinstance(positions, UnverifiedSide) else None


def until_taken(collector: SideCollector, clock: Clock, bot: str) -> SidesReading:
    """What cycles are told of the bot as soon as a look at it has ended."""
    for _ in range(100):
        found = collector.collect(clock.now(), {})[bot]
        if reason(found) is None:
            return found
    raise AssertionError(f"no look at {bot} ended")


LONG, SHORT = timedelta(seconds=30), timedelta(milliseconds=300)


def test_look_that_ends_in_time_is_that_of_the_cycle() -> None:
    with collecting("a", patience=LONG) as (collector, readers, clock):
        readers["a"].may_answer.set()

        assert collector.collect(clock.now(), {})["a"].taken_at == NOW


def test_slow_bot_has_no_verdict_yet_and_delays_no_other() -> None:
    with collecting("quick", "slow", patience=SHORT) as (collector, readers, clock):
        readers["quick"].may_answer.set()

        assert until_taken(collector, clock, "quick").taken_at == NOW
        assert reason(collector.collect(clock.now(), {})["slow"]) is Reason.DEADLINE_EXCEEDED
        assert len(readers["slow"].asked) == 1


def test_late_look_serves_the_cycle_after_and_the_next_goes_on_from_it() -> None:
    with collecting("a", patience=SHORT) as (collector, readers, clock):
        assert reason(collector.collect(clock.now(), {})["a"]) is Reason.DEADLINE_EXCEEDED
        readers["a"].may_answer.set()
        until_taken(collector, clock, "a")
        collector.documents({"a"})
        collector.recorded()
        asked = len(readers["a"].asked)
        until_taken(collector, clock, "a")

        assert readers["a"].asked[0] == (None, ())
        assert readers["a"].asked[asked] == (NOW - MINUTE, ())


def test_look_that_was_not_judged_or_not_recorded_is_made_again_from_where_it_began() -> None:
    """A mass of differences, a missed canary, a state that cannot be written: what was seen then counts for nothing."""
    with collecting("a", patience=LONG) as (collector, readers, clock):
        readers["a"].may_answer.set()
        collector.restore({"a": (NOW - LONG).isoformat()})
        collector.collect(clock.now(), {})
        not_judged = collector.documents(set())
        collector.recorded()
        collector.collect(clock.now(), {})
        collector.documents({"a"})
        collector.collect(clock.now(), {})

        assert not_judged == {"a": (NOW - LONG).isoformat()}
        assert readers["a"].asked == [(NOW - LONG, ())] * 3


def test_look_speaks_while_it_is_young_enough() -> None:
    with collecting("a", patience=SHORT) as (collector, readers, clock):
        readers["a"].may_answer.set()
        until_taken(collector, clock, "a")
        readers["a"].may_answer.clear()
        collector.collect(clock.now(), {})
        clock.wait(MAX_AGE)
        assert reason(collector.collect(clock.now(), {})["a"]) is None
        clock.wait(timedelta(seconds=1))

        assert reason(collector.collect(clock.now(), {})["a"]) is Reason.DEADLINE_EXCEEDED


def test_reader_that_raises_is_unverified_and_asked_again() -> None:
    with collecting("a", patience=LONG) as (collector, readers, clock):
        readers["a"].may_answer.set()
        readers["a"].error = ZeroDivisionError("by accident")

        assert reason(collector.collect(clock.now(), {})["a"]) is Reason.CHECK_FAILED
        readers["a"].error = None
        assert collector.collect(clock.now(), {})["a"].taken_at == NOW


def test_breaks_that_stand_are_asked_about_and_progress_goes_on_after_a_restart() -> None:
    with collecting("a", patience=LONG) as (collector, readers, clock):
        readers["a"].may_answer.set()
        collector.restore({"a": (NOW - 2 * MINUTE).isoformat()})
        collector.collect(clock.now(), {"a": [NOW - LONG]})

        assert readers["a"].asked == [(NOW - 2 * MINUTE, (NOW - LONG,))]
        assert collector.documents({"a"}) == {"a": (NOW - MINUTE).isoformat()}


def test_bot_that_left_the_configuration_is_not_asked_any_more() -> None:
    with collecting("a", "b", patience=LONG) as (collector, readers, clock):
        for reader in readers.values():
            reader.may_answer.set()
        collector.collect(clock.now(), {})
        del readers["b"]

        assert list(collector.collect(clock.now(), {})) == ["a"]


def test_first_cycle_waits_longer_because_there_are_no_earlier_looks_to_go_by() -> None:
    clock = Clock()
    reader = Reader(clock)
    collector = SideCollector(lambda: {"a": reader}, clock, timedelta(0), MAX_AGE, LONG)  # type: ignore[dict-item]
    threading.Timer(0.2, reader.may_answer.set).start()

    assert collector.collect(clock.now(), {})["a"].taken_at == NOW
    collector.close()
