"""The outbox is emptied sink by sink; what fails waits longer each time, and nothing fails because of another."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import structlog

from recon_exporter.delivery import Deliveries
from recon_exporter.domain.memory import Memory
from recon_exporter.errors import DeliveryFailed
from recon_exporter.ports import Outgoing, Recording
from recon_exporter.state import open_state
from support.parts import FixedClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from recon_exporter.state.store import SqlState

MINUTE = timedelta(minutes=1)


@dataclass
class ScriptedSink:
    """Takes entries, or fails as told."""

    name: str
    failure: Exception | None = None
    gives_up: bool = True
    taken: list[str] = field(default_factory=list)
    attempts: int = 0

    def deliver(self, entry: Outgoing) -> None:
        self.attempts += 1
        if self.failure is not None:
            raise self.failure
        self.taken.append(entry.body)


@dataclass
class Counts:
    taken: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    def delivered(self, sink: str) -> None:
        self.taken[sink] += 1

    def halt_action(self, bot: str) -> None: ...

    def halt_action_failed(self, bot: str) -> None: ...

    def delivery_failed(self, sink: str) -> None:
        self.failed[sink] += 1


@dataclass
class Bench:
    """Two sinks on a real state."""

    state: SqlState
    clock: FixedClock = field(default_factory=FixedClock)
    files: ScriptedSink = field(default_factory=lambda: ScriptedSink("report_file"))
    webhook: ScriptedSink = field(default_factory=lambda: ScriptedSink("webhook"))
    counts: Counts = field(default_factory=Counts)

    def record(self, *entries: tuple[str, str, str]) -> None:
        at = self.clock.now()
        outgoing = tuple(Outgoing(None, sink, name, at, body) for sink, name, body in entries)
        self.state.record(Recording(at, Memory(revision=self.state.revision()), {}, outgoing))

    def deliver(self) -> frozenset[str]:
        return Deliveries(self.state, [self.files, self.webhook], self.clock, self.counts).deliver()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    state = open_state(f"sqlite:///{tmp_path}/recon.db")
    yield Bench(state)
    state.close()


def test_everything_is_delivered_in_order_and_once(bench: Bench) -> None:
    bench.record(("report_file", "latest", "a"), ("report_file", "stamp", "b"), ("webhook", "firing", "c"))

    assert bench.deliver() == frozenset()
    assert bench.deliver() == frozenset()
    assert (bench.files.taken, bench.webhook.taken) == (["a", "b"], ["c"])
    assert bench.counts.taken == {"report_file": 2, "webhook": 1}


def test_failing_sink_is_its_own_affair(bench: Bench) -> None:
    bench.webhook.failure = DeliveryFailed("the webhook answered 503")
    bench.record(("webhook", "firing", "c"), ("report_file", "latest", "a"), ("report_file", "stamp", "b"))

    assert bench.deliver() == {"webhook"}
    assert bench.files.taken == ["a", "b"]
    assert bench.counts.failed == {"webhook": 1}


def test_fault_of_a_sink_is_logged_and_waits_as_a_failure_does(bench: Bench) -> None:
    bench.files.failure = RuntimeError("a bug, with details of no use to anybody else")
    bench.record(("report_file", "latest", "a"), ("webhook", "firing", "c"))

    with structlog.testing.capture_logs() as logs:
        assert bench.deliver() == {"report_file"}

    assert bench.webhook.taken == ["c"]
    assert [line["event"] for line in logs] == ["sink failed", "delivery failed"]


def test_failed_entry_stops_those_behind_it(bench: Bench) -> None:
    bench.webhook.failure = DeliveryFailed("no")
    bench.record(("webhook", "firing", "1"), ("webhook", "resolved", "2"))
    bench.deliver()

    assert bench.webhook.attempts == 1
    bench.webhook.failure = None
    bench.clock.advance(MINUTE)
    assert bench.deliver() == frozenset()
    assert bench.webhook.taken == ["1", "2"]


def test_wait_doubles_from_half_a_minute_to_five_minutes(bench: Bench) -> None:
    bench.webhook.failure = DeliveryFailed("no")
    bench.record(("webhook", "firing", "1"))
    for attempt, seconds in enumerate((30, 60, 120, 240, 300, 300), start=1):
        bench.deliver()
        bench.clock.advance(timedelta(seconds=seconds - 1))
        bench.deliver()
        assert bench.webhook.attempts == attempt
        bench.clock.advance(timedelta(seconds=1))


def test_something_new_to_tell_ends_the_wait(bench: Bench) -> None:
    bench.webhook.failure = DeliveryFailed("no")
    bench.record(("webhook", "firing", "1"))
    bench.deliver()
    bench.webhook.failure = None
    bench.record(("webhook", "resolved", "2"))

    assert bench.deliver() == frozenset()
    assert bench.webhook.taken == ["1", "2"]


def test_entry_that_fails_for_a_day_is_given_up_with_a_word(bench: Bench) -> None:
    bench.webhook.failure = DeliveryFailed("the webhook answered 413")
    bench.record(("webhook", "firing", "too large"), ("webhook", "resolved", "2"))
    bench.deliver()
    bench.clock.advance(timedelta(hours=24))
    with structlog.testing.capture_logs() as logs:
        bench.deliver()
    bench.webhook.failure = None
    bench.clock.advance(MINUTE)
    bench.deliver()

    assert bench.webhook.taken == ["2"]
    assert (logs[0]["event"], logs[0]["log_level"]) == ("delivery given up", "error")


def test_entry_of_a_sink_that_never_gives_up_is_tried_for_days_every_few_minutes(bench: Bench) -> None:
    bench.webhook.failure = DeliveryFailed("exit code 3")
    bench.webhook.gives_up = False
    bench.record(("webhook", "firing", "stop"))
    quarters_of_two_days = 2 * 24 * 4
    for _ in range(quarters_of_two_days):
        bench.clock.advance(15 * MINUTE)
        bench.deliver()
    assert bench.webhook.attempts == quarters_of_two_days

    bench.webhook.failure = None
    bench.clock.advance(15 * MINUTE)
    bench.deliver()
    assert bench.webhook.taken == ["stop"]


def test_sink_that_is_no_longer_configured_is_left_waiting(bench: Bench) -> None:
    bench.record(("webhook", "firing", "1"))

    assert Deliveries(bench.state, [bench.files], bench.clock, bench.counts).deliver() == frozenset()
    assert bench.deliver() == frozenset()
    assert bench.webhook.taken == ["1"]


def test_delivery_cut_off_by_a_kill_is_repeated(bench: Bench) -> None:
    bench.record(("webhook", "firing", "1"))
    bench.state.claim(bench.clock.now(), ["webhook"])

    assert bench.deliver() == frozenset()
    assert bench.webhook.taken == []
    bench.clock.advance(MINUTE)
    bench.deliver()
    assert bench.webhook.taken == ["1"]


def test_failing_lane_of_a_sink_holds_up_no_other_lane(bench: Bench) -> None:
    refused = "stop bot1"

    @dataclass
    class Halts(ScriptedSink):
        def deliver(self, entry: Outgoing) -> None:
            self.failure = DeliveryFailed("exit code 3") if entry.body == refused else None
            super().deliver(entry)

    sink, at = Halts("halt"), bench.clock.now()
    bodies = (("bot1", refused), ("bot1", "later"), ("bot2", "stop bot2"))
    outgoing = tuple(Outgoing(None, "halt", body, at, body, lane=lane) for lane, body in bodies)
    bench.state.record(Recording(at, Memory(), {}, outgoing))

    assert Deliveries(bench.state, [sink], bench.clock, bench.counts).deliver() == {"halt"}
    assert (sink.taken, sink.attempts) == (["stop bot2"], 2)
