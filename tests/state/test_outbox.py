"""The outbox: in order for each sink, one deliverer at a time, the newest of a name only, nothing lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from recon_exporter.domain.memory import Memory
from recon_exporter.ports import Outgoing, Recording

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from recon_exporter.state.store import SqlState

NOW = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
BOTH = ("report_file", "webhook")


def put(state: SqlState, *entries: tuple[str, str, str], at: datetime = NOW) -> None:
    """Record a cycle that tells these: sink, name and body."""
    memory = Memory(revision=state.revision())
    state.record(Recording(at, memory, {}, tuple(Outgoing(None, sink, name, at, body) for sink, name, body in entries)))


def bodies(entries: Sequence[Outgoing]) -> list[str]:
    return [entry.body for entry in entries]


def drained(state: SqlState, at: datetime = NOW) -> list[str]:
    """What leaves for the webhook when every delivery succeeds."""
    left: list[str] = []
    while entries := state.claim(at, ["webhook"]):
        left += bodies(entries)
        for entry in entries:
            state.remove(entry)
    return left


def test_entry_is_claimed_with_all_that_was_recorded(state: SqlState) -> None:
    put(state, ("webhook", "firing", "{}"))

    (entry,) = state.claim(NOW, BOTH)

    assert replace(entry, identifier=None) == Outgoing(None, "webhook", "firing", NOW, "{}")


def test_entries_of_a_sink_leave_in_order(state: SqlState) -> None:
    put(state, ("webhook", "firing", "1"))
    put(state, ("webhook", "resolved", "2"))
    put(state, ("webhook", "repeat", "3"))

    assert drained(state) == ["1", "2", "3"]


def test_each_sink_gets_its_oldest_entry(state: SqlState) -> None:
    put(state, ("report_file", "latest", "a"), ("report_file", "stamp", "b"), ("webhook", "firing", "c"))

    assert bodies(state.claim(NOW, BOTH)) == ["a", "c"]


def test_sinks_that_were_not_asked_for_wait(state: SqlState) -> None:
    put(state, ("webhook", "firing", "1"))

    assert state.claim(NOW, ["report_file"]) == ()
    assert state.claim(NOW, []) == ()


def test_newer_entry_replaces_the_waiting_one_of_its_name(state: SqlState) -> None:
    put(state, ("webhook", "firing", "1"))
    put(state, ("webhook", "resolved", "2"))
    put(state, ("webhook", "firing", "3"))

    assert drained(state) == ["2", "3"]


def test_entry_that_is_being_delivered_is_not_replaced(state: SqlState) -> None:
    put(state, ("webhook", "firing", "1"))
    (first,) = state.claim(NOW, BOTH)
    put(state, ("webhook", "firing", "2"))
    state.remove(first)

    assert drained(state) == ["2"]


def test_claimed_sink_is_closed_to_others_for_a_minute(opened: Callable[[], SqlState]) -> None:
    put(opened(), ("webhook", "firing", "1"), ("webhook", "resolved", "2"))
    opened().claim(NOW, BOTH)

    assert opened().claim(NOW + MINUTE - SECOND, BOTH) == ()
    assert bodies(opened().claim(NOW + MINUTE, BOTH)) == ["1"]


def test_entry_that_came_while_its_sink_is_claimed_waits_for_it(opened: Callable[[], SqlState]) -> None:
    put(opened(), ("webhook", "firing", "1"))
    opened().claim(NOW, BOTH)
    put(opened(), ("webhook", "resolved", "2"))

    assert opened().claim(NOW + SECOND, BOTH) == ()


def test_clock_that_was_set_back_does_not_close_a_sink_for_long(state: SqlState) -> None:
    put(state, ("webhook", "firing", "1"), at=NOW - timedelta(days=2))
    state.claim(NOW, BOTH)

    assert bodies(state.claim(NOW - timedelta(days=1), BOTH)) == ["1"]


def test_entry_stays_when_the_process_dies_before_it_is_removed(opened: Callable[[], SqlState]) -> None:
    first = opened()
    put(first, ("webhook", "firing", "1"))
    first.claim(NOW, BOTH)
    first.close()

    assert bodies(opened().claim(NOW + MINUTE, BOTH)) == ["1"]


def test_postponed_sink_waits_as_a_whole(state: SqlState) -> None:
    put(state, ("webhook", "firing", "1"), ("webhook", "resolved", "2"))
    (first,) = state.claim(NOW, BOTH)
    state.postpone(first, NOW + MINUTE, "503")

    assert state.claim(NOW + MINUTE - SECOND, BOTH) == ()
    (again,) = state.claim(NOW + MINUTE, BOTH)
    assert (again.body, again.attempts) == ("1", 1)


def test_something_new_ends_the_wait_and_order_stands(state: SqlState) -> None:
    put(state, ("webhook", "firing", "1"))
    (first,) = state.claim(NOW, BOTH)
    state.postpone(first, NOW + timedelta(hours=1), "503")
    put(state, ("webhook", "resolved", "2"), at=NOW + MINUTE)

    assert drained(state, NOW + MINUTE) == ["1", "2"]


def test_something_that_came_during_a_failed_delivery_is_tried_at_once(state: SqlState) -> None:
    put(state, ("webhook", "firing", "1"))
    (first,) = state.claim(NOW, BOTH)
    put(state, ("webhook", "resolved", "2"))
    state.postpone(first, NOW + timedelta(hours=1), "503")

    assert drained(state, NOW + SECOND) == ["1", "2"]


def test_entry_that_failed_while_it_was_told_anew_is_not_tried_again(state: SqlState) -> None:
    put(state, ("webhook", "firing", "1"))
    (first,) = state.claim(NOW, BOTH)
    put(state, ("webhook", "firing", "2"))
    state.postpone(first, NOW + timedelta(hours=1), "503")

    assert drained(state, NOW + SECOND) == ["2"]


def test_late_removal_takes_away_no_entry_of_another(state: SqlState) -> None:
    put(state, ("webhook", "firing", "1"))
    (first,) = state.claim(NOW, BOTH)
    state.remove(first)
    put(state, ("webhook", "firing", "2"))
    state.remove(first)

    assert drained(state) == ["2"]


def test_failure_of_one_sink_does_not_close_another(state: SqlState) -> None:
    put(state, ("report_file", "latest", "a"), ("webhook", "firing", "1"))
    entries = {entry.sink: entry for entry in state.claim(NOW, BOTH)}
    state.postpone(entries["webhook"], NOW + MINUTE, "503")
    state.remove(entries["report_file"])
    put(state, ("report_file", "latest", "b"))

    assert bodies(state.claim(NOW, BOTH)) == ["b"]


# Lanes of one sink.


def put_into(state: SqlState, lane: str, *bodies: str) -> None:
    outgoing = tuple(Outgoing(None, "halt", f"{lane}/{body}", NOW, body, lane=lane) for body in bodies)
    state.record(Recording(NOW, Memory(revision=state.revision()), {}, outgoing))


def test_each_lane_of_a_sink_gets_its_oldest_entry(state: SqlState) -> None:
    put_into(state, "bot1", "a", "b")
    put_into(state, "bot2", "c")

    assert bodies(state.claim(NOW, ["halt"])) == ["a", "c"]


def test_lane_that_fails_holds_up_itself_alone(state: SqlState) -> None:
    put_into(state, "bot1", "a", "b")
    put_into(state, "bot2", "c", "d")
    failing, taken = state.claim(NOW, ["halt"])
    state.postpone(failing, NOW + MINUTE, "no answer")
    state.remove(taken)

    assert bodies(state.claim(NOW, ["halt"])) == ["d"]
    assert [(entry.body, entry.attempts, entry.lane) for entry in state.claim(NOW + MINUTE, ["halt"])] == [
        ("a", 1, "bot1"),
        ("d", 0, "bot2"),
    ]


def test_lane_is_leased_alone(opened: Callable[[], SqlState]) -> None:
    put_into(opened(), "bot1", "a")
    opened().claim(NOW, ["halt"])
    put_into(opened(), "bot1", "b")
    put_into(opened(), "bot2", "c")

    assert bodies(opened().claim(NOW + SECOND, ["halt"])) == ["c"]
