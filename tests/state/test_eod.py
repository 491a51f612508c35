"""Breaks, halts and marks come back exactly as they were recorded, and no recording is made on old knowledge."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, update

from recon_exporter.domain.breaks import Break, BreakState, BreakType, Discrepancy, Halt
from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.finding import Reason, Severity, Unverified
from recon_exporter.domain.memory import Memory
from recon_exporter.errors import ProgressMoved, StateError
from recon_exporter.ports import AuditAct, EodMark, EodMemory, EodRecording, Outgoing, Recording
from recon_exporter.state import breaks as kept_breaks
from recon_exporter.state import eod
from recon_exporter.state.tables import BREAKS, HALTS
from recon_exporter.state.upgrade import prepare
from support.positions import make_break, make_discrepancy, make_missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from recon_exporter.state.store import SqlState

NOW = datetime(2026, 3, 6, 21, 15, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIVED = Break(
    identifier="0123456789",
    discrepancy=Discrepancy(
        type=BreakType.QUANTITY_MISMATCH,
        bot="swing-us",
        symbol="BTC/USD",
        leg="long",
        ledger_quantity=Decimal("1.10"),
        venue_quantity=Decimal("-0.000000000000000000000001"),
        ledger_price=Decimal("68123.450"),
        venue_price=None,
        difference=Decimal("1.100000000000000000000001"),
        exposure=Decimal("1E+5"),
        severity=Severity.CRITICAL,
        auto_halt=True,
        detail='ledger 1.10 – venue "−0"\n',
    ),
    state=BreakState.ACCEPTED,
    first_seen=NOW,
    last_seen=NOW + HOUR,
    times_seen=3,
    recurrences=2,
    confirmed_at=NOW + HOUR,
    acknowledged_by="alice",
    acknowledged_at=NOW + HOUR,
    for_review=True,
    accepted_by="alice and bob",
    accepted_until=NOW + 24 * HOUR,
    accepted_size=Decimal("1.100"),
    proposed_by="carol",
    proposed_until=NOW + 2 * HOUR,
    resolved_at=None,
    resolution=None,
)
HALT = Halt("swing-us", "exposure", NOW, "exposure 1200 USD is above 1000 USD", "pending")
MARK = EodMark(
    bot="swing-us",
    attempted_at=NOW + HOUR,
    completed_at=NOW,
    served_due_at=NOW - HOUR,
    unverified=UnverifiedSide("venue", Unverified(Reason.SOURCE_MISSING, "no answer")),
    canaries_missed=("PRICE_MISMATCH",),
    tolerated=(Decimal("0.10"), Decimal("-1E-9")),
)


def recording(state: SqlState, **parts: Any) -> EodRecording:  # noqa: ANN401  # the fields of EodRecording
    return EodRecording(NOW, state.revision(), **parts)


def resolved(one: Break, at: datetime, how: str = "no longer found") -> Break:
    return replace(one, state=BreakState.RESOLVED, resolved_at=at, resolution=how)


def test_new_state_knows_of_no_run(state: SqlState) -> None:
    assert state.load_eod() == EodMemory(0, (), (), {}, {}, ())


def test_recording_comes_back_exactly_to_another_process(opened: Callable[[], SqlState]) -> None:
    first = opened()
    revision = first.record_eod(recording(first, breaks=(LIVED,), halts=(HALT,), mark=MARK))
    memory = opened().load_eod()

    assert revision == memory.revision == 1
    assert (memory.breaks, memory.halts, memory.marks) == ((LIVED,), (HALT,), {"swing-us": MARK})
    assert str(memory.breaks[0].discrepancy) == str(LIVED.discrepancy)
    assert [str(one) for one in memory.marks["swing-us"].tolerated] == ["0.10", "-1E-9"]


finite = st.decimals(allow_nan=False, allow_infinity=False)
times = st.datetimes(min_value=datetime(1990, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds the zone
words = st.text(st.characters(codec="utf-8"), max_size=20)


@st.composite
def discrepancies(draw: st.DrawFn) -> Discrepancy:
    amounts = st.none() | finite
    return Discrepancy(
        type=draw(st.sampled_from(BreakType)),
        bot=draw(words),
        symbol=draw(words),
        leg=draw(words),
        ledger_quantity=draw(amounts),
        venue_quantity=draw(amounts),
        ledger_price=draw(amounts),
        venue_price=draw(amounts),
        difference=draw(amounts),
        exposure=draw(amounts),
        severity=draw(st.sampled_from(Severity)),
        auto_halt=draw(st.booleans()),
        detail=draw(words),
    )


@st.composite
def lives(draw: st.DrawFn) -> Break:
    return Break(
        identifier=draw(st.text("0123456789abcdef", min_size=10, max_size=10)),
        discrepancy=draw(discrepancies()),
        state=draw(st.sampled_from(BreakState)),
        first_seen=draw(times),
        last_seen=draw(times),
        times_seen=draw(st.integers(1, 1000)),
        accepted_until=draw(st.none() | times),
        accepted_size=draw(st.none() | finite),
        resolved_at=draw(st.none() | times),
        resolution=draw(st.none() | words),
    )


@given(st.lists(lives(), max_size=4, unique_by=lambda one: one.identifier))
def test_any_break_comes_back_with_every_digit_and_microsecond(breaks: list[Break]) -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        prepare(connection)
        kept_breaks.write_breaks(connection, breaks)
        found = eod.read(connection, 0).breaks
    engine.dispose()
    expected = sorted(breaks, key=lambda one: (one.first_seen, one.identifier))

    assert list(found) == expected
    assert [repr(one.discrepancy) for one in found] == [repr(one.discrepancy) for one in expected]


def test_times_with_another_offset_come_back_as_the_same_instant(state: SqlState) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    state.record_eod(recording(state, breaks=(replace(LIVED, first_seen=elsewhere),)))
    (one,) = state.load_eod().breaks

    assert one.first_seen.astimezone(UTC).isoformat() == NOW.isoformat()


# The revision is shared with the cycles.


def test_recording_on_old_knowledge_is_refused_and_writes_nothing(opened: Callable[[], SqlState]) -> None:
    first, second = opened(), opened()
    first.record_eod(EodRecording(NOW, 0, breaks=(LIVED,), acts=(AuditAct("eod", "break_opened", "1", ""),)))
    late = EodRecording(
        at=NOW,
        revision=0,
        breaks=(make_break(),),
        halts=(HALT,),
        cleared=("swing-us",),
        mark=MARK,
        acts=(AuditAct("eod", "halt_raised", "swing-us", ""),),
        outgoing=(Outgoing(None, "halt", "file/swing-us", NOW, "{}"),),
    )

    with pytest.raises(ProgressMoved, match="at revision 1, no longer at 0"):
        second.record_eod(late)

    memory = opened().load_eod()
    assert (memory.revision, memory.breaks, memory.halts, memory.marks) == (1, (LIVED,), (), {})
    assert len(first.audit_entries()) == 1
    assert first.claim(NOW, ["halt"]) == ()


def test_cycle_and_run_move_the_same_revision(state: SqlState) -> None:
    state.record_eod(recording(state, mark=MARK))
    with pytest.raises(ProgressMoved):
        state.record(Recording(NOW, Memory(), {}, ()))
    state.record(Recording(NOW, Memory(revision=1), {}, ()))

    with pytest.raises(ProgressMoved):
        state.record_eod(EodRecording(NOW, 1))


def test_two_that_record_at_once_get_one_recording_and_one_refusal(opened: Callable[[], SqlState]) -> None:
    states = [opened(), opened()]
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def record(state: SqlState, name: str) -> None:
        barrier.wait()
        try:
            state.record_eod(EodRecording(NOW, 0, halts=(replace(HALT, bot=name),)))
            outcomes.append(name)
        except ProgressMoved:
            outcomes.append("moved")

    threads = [threading.Thread(target=record, args=(state, f"bot{index}")) for index, state in enumerate(states)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (winner,) = [outcome for outcome in outcomes if outcome != "moved"]
    assert [halt.bot for halt in opened().load_eod().halts] == [winner]


def test_refused_entry_takes_the_whole_recording_with_it(state: SqlState) -> None:
    naive = Outgoing(None, "halt", "file/swing-us", NOW.replace(tzinfo=None), "{}")
    with pytest.raises(Exception, match="no time zone"):
        state.record_eod(recording(state, breaks=(LIVED,), halts=(HALT,), outgoing=(naive,)))

    assert state.load_eod() == EodMemory(0, (), (), {}, {}, ())


def test_thread_that_has_the_turn_records_before_any_other(state: SqlState) -> None:
    ours, theirs = recording(state, mark=MARK), recording(state, mark=replace(MARK, bot="other"))
    refused: list[ProgressMoved] = []

    def record() -> None:
        begun.set()
        try:
            state.record_eod(theirs)
        except ProgressMoved as moved:
            refused.append(moved)

    begun, other = threading.Event(), threading.Thread(target=record)
    with state.turn():
        other.start()
        begun.wait()
        other.join(0.1)
        state.record_eod(ours)
    other.join()

    assert len(refused) == 1
    assert set(state.load_eod().marks) == {"swing-us"}


# The life of breaks.


def test_change_of_a_break_replaces_it(state: SqlState) -> None:
    other = make_break()
    state.record_eod(recording(state, breaks=(LIVED, other)))
    changed = replace(LIVED, times_seen=4, discrepancy=replace(LIVED.discrepancy, difference=Decimal(7)))
    state.record_eod(recording(state, breaks=(changed,)))

    assert state.load_eod().breaks == (other, changed)
    assert state.load_eod().opened_counts == {("swing-us", "QUANTITY_MISMATCH"): 2}


def test_break_named_twice_in_one_recording_is_kept_as_last_named(state: SqlState) -> None:
    changed = replace(LIVED, times_seen=4)
    state.record_eod(recording(state, breaks=(LIVED, changed)))

    assert state.load_eod().breaks == (changed,)


def test_resolved_break_stays_with_its_dates(state: SqlState) -> None:
    gone = resolved(LIVED, NOW + 2 * HOUR, "retired by alice")
    state.record_eod(recording(state, breaks=(LIVED,)))
    state.record_eod(recording(state, breaks=(gone,)))

    assert state.load_eod().breaks == (gone,)


def test_each_life_counts_as_opened_and_its_time_to_resolve_is_known(state: SqlState) -> None:
    first = resolved(make_break(first_seen=NOW), NOW + HOUR)
    again = resolved(make_break(first_seen=NOW + 2 * HOUR), NOW + 2 * HOUR + timedelta(milliseconds=1500))
    missing = make_missing("MSFT", bot="other", first_seen=NOW)
    state.record_eod(recording(state, breaks=(again, first, missing)))
    memory = state.load_eod()

    assert memory.opened_counts == {("swing-us", "QUANTITY_MISMATCH"): 2, ("other", "MISSING_AT_BROKER"): 1}
    assert memory.resolution_seconds == (
        ("swing-us", "QUANTITY_MISMATCH", 3600.0),
        ("swing-us", "QUANTITY_MISMATCH", 1.5),
    )


def test_counts_go_on_where_a_memory_holds_the_latest_breaks_only(
    state: SqlState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_breaks, "KEPT_RESOLVED", 3)
    ended = [
        resolved(make_break(make_discrepancy(symbol=f"S{number}"), first_seen=NOW), NOW + number * HOUR)
        for number in range(1, 7)
    ]
    standing = make_break(first_seen=NOW - HOUR)
    state.record_eod(recording(state, breaks=(standing, *ended)))
    memory = state.load_eod()

    assert {one.discrepancy.symbol for one in memory.breaks if one.resolved_at} == {"S4", "S5", "S6"}
    assert standing in memory.breaks
    assert memory.opened_counts == {("swing-us", "QUANTITY_MISMATCH"): 7}
    assert [seconds for _, _, seconds in memory.resolution_seconds] == [3600.0 * number for number in range(1, 7)]


def test_more_breaks_than_a_statement_has_room_for_are_recorded(state: SqlState) -> None:
    breaks = tuple(make_break(make_discrepancy(symbol=f"S{number}"), first_seen=NOW) for number in range(33_000))
    state.record_eod(recording(state, breaks=breaks))
    state.record_eod(recording(state, breaks=breaks))

    assert len(state.load_eod().breaks) == 33_000


def test_document_that_cannot_be_read_is_named(state: SqlState) -> None:
    state.record_eod(recording(state, breaks=(LIVED,)))
    with state._database.transaction(writing=True) as connection:
        connection.execute(update(BREAKS).values(document='{"identifier": 1}'))

    with pytest.raises(StateError, match="the break 0123456789 cannot be read: "):
        state.load_eod()


# What is known already is not read again.


def next_recording(chance: random.Random, memory: EodMemory, number: int) -> EodRecording:
    """One of what runs and persons do next: open, resolve, accept, retire again, raise and clear halts, complete."""
    at = NOW + number * HOUR
    standing = [one for one in memory.breaks if one.resolved_at is None]
    changed = [resolved(one, at - chance.choice((0, 0, 2)) * HOUR) for one in standing if chance.random() < 0.3]
    changed += [replace(one, for_review=not one.for_review) for one in memory.breaks if chance.random() < 0.1]
    opened = [make_break(make_discrepancy(symbol=f"S{number}.{index}"), first_seen=at) for index in range(3)]
    changed += chance.choice((opened, opened[:1], [resolved(opened[0], at)], []))
    halts = (replace(HALT, reason=chance.choice(("exposure", "missing_positions")), since=at),)
    bot = chance.choice(("swing-us", "grid"))
    return EodRecording(
        at,
        memory.revision,
        breaks=tuple(changed),
        halts=halts if chance.random() < 0.3 else (),
        cleared=("swing-us",) if chance.random() < 0.1 else (),
        mark=replace(MARK, bot=bot, attempted_at=at) if chance.random() < 0.5 else None,
    )


def of_cycle(chance: random.Random, known: tuple[Break, ...], number: int) -> tuple[Break, ...]:
    """What a cycle does next: opens a break, and resolves some of those that stand."""
    at = NOW + number * HOUR
    standing = [one for one in known if one.resolved_at is None]
    found = replace(make_discrepancy(BreakType.FILL_FEE, f"C{number}"), check="fills", item=str(number))
    return (*(resolved(one, at) for one in standing if chance.random() < 0.4), make_break(found, first_seen=at))


@pytest.mark.parametrize("seed", range(3))
def test_what_is_known_after_any_recording_is_what_another_process_reads(
    opened: Callable[[], SqlState], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(kept_breaks, "KEPT_RESOLVED", 5)
    state, other, chance = opened(), opened(), random.Random(seed)  # noqa: S311  # cases, not secrets
    for number in range(60):
        author = other if chance.random() < 0.1 else state
        author.record_eod(next_recording(chance, author.load_eod(), number))
        if chance.random() < 0.3:
            memory, _ = state.load()
            state.record(Recording(NOW, memory, {}, (), breaks=of_cycle(chance, memory.breaks, number)))

        reader = opened()
        assert state.load_eod() == reader.load_eod()
        reader.close()


def test_breaks_are_read_once_however_often_this_process_records(state: SqlState, read: list[int]) -> None:
    state.record_eod(recording(state, breaks=(LIVED,)))
    state.load_eod()
    memory, _ = state.load()
    state.record(Recording(NOW, memory, {}, ()))
    state.load_eod()
    state.record_eod(recording(state, breaks=(resolved(LIVED, NOW + HOUR), make_break()), mark=MARK))
    state.load_eod()

    assert read == [1]


def test_recording_of_another_process_is_read(opened: Callable[[], SqlState], read: list[int]) -> None:
    state, other = opened(), opened()
    assert state.load_eod().breaks == ()
    other.record_eod(recording(other, breaks=(LIVED,)))

    assert state.load_eod().breaks == (LIVED,)
    assert read == [0, 1]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The revisions at which all breaks were read."""
    revisions: list[int] = []
    whole = eod.read

    def noted(connection: Connection, revision: int) -> EodMemory:
        revisions.append(revision)
        return whole(connection, revision)

    monkeypatch.setattr(eod, "read", noted)
    return revisions


# Halts latch.


def test_halt_is_raised_once_for_each_bot_and_reason(state: SqlState) -> None:
    other = replace(HALT, reason="MISSING_IN_DB")
    state.record_eod(recording(state, halts=(HALT, other)))
    state.record_eod(recording(state, halts=(replace(HALT, action="confirmed"),)))

    assert state.load_eod().halts == (other, replace(HALT, action="confirmed"))
    with state._database.transaction(writing=False) as connection:
        assert len(connection.execute(HALTS.select()).all()) == 2


def test_cleared_bot_loses_all_its_halts_and_no_other_bot_does(state: SqlState) -> None:
    elsewhere = replace(HALT, bot="other")
    state.record_eod(recording(state, halts=(HALT, replace(HALT, reason="missing_positions"), elsewhere)))
    state.record_eod(recording(state, cleared=("swing-us",)))

    assert state.load_eod().halts == (elsewhere,)


def test_halt_raised_with_the_clearing_of_older_ones_stands(state: SqlState) -> None:
    state.record_eod(recording(state, halts=(HALT,)))
    anew = replace(HALT, since=NOW + HOUR)
    state.record_eod(recording(state, halts=(anew,), cleared=("swing-us",)))

    assert state.load_eod().halts == (anew,)


def test_halt_survives_every_recording_that_does_not_clear_it(opened: Callable[[], SqlState]) -> None:
    first = opened()
    first.record_eod(recording(first, halts=(HALT,)))
    first.record(Recording(NOW, Memory(revision=1), {}, ()))
    first.record_eod(recording(first, mark=MARK))

    assert opened().load_eod().halts == (HALT,)


# Marks, and what goes out with a run.


def test_mark_of_a_bot_is_replaced_and_others_stay(state: SqlState) -> None:
    other = replace(MARK, bot="other", completed_at=None, served_due_at=None, unverified=None, canaries_missed=())
    state.record_eod(recording(state, mark=MARK))
    state.record_eod(recording(state, mark=other))
    later = replace(MARK, completed_at=NOW + HOUR, unverified=None)
    state.record_eod(recording(state, mark=later))

    assert state.load_eod().marks == state.eod_marks() == {"swing-us": later, "other": other}


def test_acts_are_written_in_their_order_at_the_time_of_the_recording(state: SqlState) -> None:
    acts = tuple(AuditAct("eod", action, "swing-us", "why", '{"n": 1}') for action in ("one", "two"))
    state.record_eod(recording(state, acts=acts))

    assert [(entry.at, entry.action, entry.details) for entry in state.audit_entries()] == [
        (NOW, "one", '{"n": 1}'),
        (NOW, "two", '{"n": 1}'),
    ]


def test_what_a_run_tells_is_delivered_after_it_is_recorded(state: SqlState) -> None:
    state.record_eod(recording(state, outgoing=(Outgoing(None, "halt", "file/swing-us", NOW, "{}"),)))

    assert [(entry.name, entry.body) for entry in state.claim(NOW, ["halt"])] == [("file/swing-us", "{}")]
