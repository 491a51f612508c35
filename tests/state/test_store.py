"""What survives: everything that was recorded, nothing that was half recorded, whoever else records."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from recon_exporter.domain.breaks import BreakType
from recon_exporter.domain.finding import Detail, Finding, Severity
from recon_exporter.domain.memory import CarriedFinding, Memory, Notice, NoticeKind
from recon_exporter.errors import ProgressMoved, StateError
from recon_exporter.ports import AuditAct, Recording
from recon_exporter.state import codec, open_state
from recon_exporter.state.audit import AuditEntry
from support.positions import make_break, make_discrepancy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from recon_exporter.state.store import SqlState

NOW = datetime(2026, 3, 6, 12, 0, 0, 123456, tzinfo=UTC)
SHORT = timedelta(milliseconds=50)

DETAILS: Mapping[str, Detail] = {
    "fees": Decimal("2.79500741191964"),
    "exact": Decimal("1.50"),
    "at": NOW,
    "note": 'evil"\\\n',
    "count": 3,
    "known": True,
    "nothing": None,
    "rows": (Decimal("1E-20"), ({"deep": Decimal(0)},)),
}
STEP = Finding(Severity.CRITICAL, "accounting", "fees_counter_decreased_critical", "bot1", DETAILS, NOW)
FULL = Memory(
    seen={"bot1": NOW, "bot2": NOW + SHORT},
    forgotten={"bot9": NOW},
    first_seen={STEP.identity: NOW, ("bot2", "balance", "equity_non_positive", "critical"): NOW},
    carried=(CarriedFinding(STEP, 2, NOW + SHORT),),
    notice=Notice(NoticeKind.FIRING, NOW, "abc", frozenset({("bot1", "accounting"), ("bot2", "balance")})),
    stamped_at=NOW,
    stamped_fingerprint="def",
)


def recording(memory: Memory, progress: Mapping[str, Mapping[str, str | None]] | None = None) -> Recording:
    return Recording(NOW, memory, progress or {}, ())


def test_new_state_is_made_and_remembers_nothing(opened: Callable[..., SqlState]) -> None:
    assert opened().load() == (Memory(), {})


def test_what_was_recorded_is_there_for_the_next_process(opened: Callable[..., SqlState]) -> None:
    revision = opened().record(recording(FULL, {"hbot": {"bot1/minute": "{}", "events": "[1]"}}))

    assert revision == 1
    assert opened().load() == (replace(FULL, revision=1), {"hbot": {"bot1/minute": "{}", "events": "[1]"}})


def test_second_recording_changes_adds_and_takes_away(opened: Callable[..., SqlState]) -> None:
    state = opened()
    state.record(recording(FULL, {"hbot": {"a": "1", "b": "1"}, "other": {"a": "1"}}))
    changed = replace(
        FULL,
        revision=1,
        seen={"bot1": NOW, "bot3": NOW},
        forgotten={},
        first_seen={STEP.identity: NOW + SHORT},
        carried=(),
        notice=None,
        stamped_fingerprint="new",
    )

    assert state.record(recording(changed, {"hbot": {"a": "2", "b": None, "c": "1"}})) == 2
    assert opened().load() == (replace(changed, revision=2), {"hbot": {"a": "2", "c": "1"}, "other": {"a": "1"}})


def test_unchanged_memory_writes_no_row(opened: Callable[..., SqlState]) -> None:
    state = opened()
    state.record(recording(FULL))
    statements: list[str] = []
    with watched(state, statements):
        state.record(recording(replace(FULL, revision=1)))

    written = [statement for statement in statements if not statement.startswith(("SELECT", "BEGIN", "SET"))]
    assert [statement.split()[0] for statement in written] == ["UPDATE"]
    assert "recon_state" in written[0]


@contextmanager
def watched(state: SqlState, statements: list[str]) -> Iterator[None]:
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(state._database.engine, "before_cursor_execute", note)
    yield
    event.remove(state._database.engine, "before_cursor_execute", note)


def test_recording_on_old_memory_is_refused_and_writes_nothing(opened: Callable[..., SqlState]) -> None:
    first, second = opened(), opened()
    first.record(recording(FULL, {"hbot": {"a": "1"}}))

    with pytest.raises(ProgressMoved, match="at revision 1, no longer at 0"):
        second.record(recording(replace(FULL, seen={"other": NOW}), {"hbot": {"a": "2"}}))

    assert opened().load() == (replace(FULL, revision=1), {"hbot": {"a": "1"}})


def test_process_that_reloads_goes_on_from_what_the_other_left(opened: Callable[..., SqlState]) -> None:
    first, second = opened(), opened()
    second.load()
    first.record(recording(FULL))
    memory, _ = second.load()

    assert second.record(recording(replace(memory, seen={"bot1": NOW}))) == 2
    assert first.load()[0].seen == {"bot1": NOW}


def test_two_that_record_at_once_get_one_recording_and_one_refusal(opened: Callable[..., SqlState]) -> None:
    states = [opened(), opened()]
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def record(state: SqlState, name: str) -> None:
        barrier.wait()
        try:
            state.record(recording(Memory(seen={name: NOW})))
            outcomes.append(name)
        except ProgressMoved:
            outcomes.append("moved")

    threads = [threading.Thread(target=record, args=(state, f"bot{index}")) for index, state in enumerate(states)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (winner,) = [outcome for outcome in outcomes if outcome != "moved"]
    assert len(outcomes) == 2
    assert opened().load()[0] == Memory(revision=1, seen={winner: NOW})


def test_revision_counts_recordings_of_any_process(opened: Callable[..., SqlState]) -> None:
    watcher, other = opened(), opened()
    before = watcher.revision()
    other.record(recording(FULL))

    assert (before, watcher.revision()) == (0, 1)


def test_kill_at_any_instant_leaves_no_half_recording(url: str) -> None:
    recorder = Path(__file__).with_name("recorder.py")
    done = subprocess.run([sys.executable, recorder, url, "30"], capture_output=True, text=True, check=True)
    told = done.stdout.splitlines()

    assert [line for line in told if not line.isdecimal()] == []
    revisions = [int(line) for line in told]
    assert len(revisions) == 30
    assert revisions == sorted(revisions)
    assert revisions[-1] > 0


def test_several_processes_may_open_a_new_state_at_once(url: str) -> None:
    program = "import sys; from recon_exporter.state import open_state; print(open_state(sys.argv[1]).revision())"
    children = [
        subprocess.Popen(
            [sys.executable, "-c", program, url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    outcomes = [child.communicate() for child in children]

    assert outcomes == [("0\n", "")] * 4


def test_times_with_another_offset_come_back_as_the_same_instant(opened: Callable[..., SqlState]) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    opened().record(recording(Memory(seen={"bot1": elsewhere})))

    assert opened().load()[0].seen["bot1"].isoformat() == NOW.isoformat()


def test_time_without_zone_is_refused_and_nothing_is_written(opened: Callable[..., SqlState]) -> None:
    state = opened()

    with pytest.raises(Exception, match="no time zone"):
        state.record(recording(Memory(seen={"bot1": NOW.replace(tzinfo=None)})))
    assert state.load()[0] == Memory()


details = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(fold=0)),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), details, max_size=4))
def test_details_of_a_carried_finding_keep_their_types(values: dict[str, Detail]) -> None:
    carried = CarriedFinding(replace(STEP, details=values), 1, NOW)
    again = codec.carried_of(codec.carried_text(carried))

    assert again == carried
    assert repr(again) == repr(carried)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("mysql://user:secret@host/db", "cannot be kept in mysql"),
        ("postgresql://user:secret@host:port/db", "is no database URL"),
        ("nonsense:secret@host", "is no database URL"),
    ],
)
def test_url_that_is_no_file_is_refused_without_its_password(url: str, why: str) -> None:
    with pytest.raises(StateError, match=why) as refusal:
        open_state(url)
    assert "secret" not in str(refusal.value)


# A person forgets a bot.


def test_forgotten_bot_leaves_with_its_findings_and_the_decision_is_kept(opened: Callable[..., SqlState]) -> None:
    state = opened()
    state.record(recording(replace(FULL, forgotten={})))
    act = AuditEntry(NOW, "alice", "bots forget", "bot1", "retired")

    assert state.forget("bot1", act)
    memory, _ = opened().load()
    assert memory.seen == {"bot2": NOW + SHORT}
    assert memory.forgotten == {"bot1": NOW}
    assert set(memory.first_seen) == {("bot2", "balance", "equity_non_positive", "critical")}
    assert memory.carried == ()
    assert memory.revision == 2
    assert state.audit_entries() == (act,)


def test_bot_that_was_never_seen_cannot_be_forgotten(opened: Callable[..., SqlState]) -> None:
    state = opened()

    assert not state.forget("nobody", AuditEntry(NOW, "alice", "bots forget", "nobody", "typo"))
    assert (state.revision(), state.audit_entries()) == (0, ())


def test_recording_that_does_not_know_of_the_forgetting_is_refused(opened: Callable[..., SqlState]) -> None:
    running, command = opened(), opened()
    running.record(recording(FULL))
    command.forget("bot1", AuditEntry(NOW, "alice", "bots forget", "bot1", "retired"))

    with pytest.raises(ProgressMoved):
        running.record(recording(replace(FULL, revision=1)))


def test_breaks_of_cycles_are_kept_apart_from_those_of_runs(state: SqlState) -> None:
    of_cycle = make_break(replace(make_discrepancy(BreakType.FILL_MISSING_IN_LEDGER), check="fills", item="trade-1"))
    act = AuditAct("cycle", "break_opened", of_cycle.identifier, "seen")
    state.record(Recording(NOW, state.load()[0], {}, (), breaks=(of_cycle,), acts=(act,)))
    kept = state.load_eod()

    assert state.load()[0].breaks == (of_cycle,)
    assert (kept.breaks, kept.cycle_breaks, kept.all_breaks) == ((), (of_cycle,), (of_cycle,))
    assert [entry.action for entry in state.audit_entries()] == ["break_opened"]
