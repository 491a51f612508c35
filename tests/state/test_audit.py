"""The audit log is append-only in fact: whatever is edited, deleted, moved or slipped in is found."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, func, insert, select, text, update

from recon_exporter.ports import AuditAct, AuditHead, EodRecording
from recon_exporter.state import audit
from recon_exporter.state.audit import AuditEntry, Chain
from recon_exporter.state.tables import AUDIT_LOG, GENESIS, STATE
from recon_exporter.state.upgrade import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from recon_exporter.state.store import SqlState

NOW = datetime(2026, 3, 6, 12, 0, 0, 123456, tzinfo=UTC)
ENTRIES = 6
COLUMNS = ("at", "actor", "action", "subject", "reason", "details", "previous", "digest")


@pytest.fixture
def written(state: SqlState) -> SqlState:
    """A state with an audit log of six entries."""
    for number in range(ENTRIES):
        write(state, number)
    return state


def write(state: SqlState, number: int) -> None:
    act = AuditAct("alice", "break_accepted", f"break{number}", 'settled – "later"\n', '{"pnl": -12.50}')
    state.record_eod(EodRecording(NOW + timedelta(seconds=number), state.revision(), acts=(act,)))


def tamper(state: SqlState, *statements: object) -> None:
    with state._database.transaction(writing=True) as connection:
        for statement in statements:
            connection.execute(statement)  # type: ignore[call-overload]


def swapped(first: int, second: int) -> list[object]:
    """Statements that let two entries change places."""
    return [
        update(AUDIT_LOG).where(AUDIT_LOG.c.sequence == at).values(sequence=to)
        for at, to in ((first, 99), (second, first), (99, second))
    ]


def test_log_that_nobody_touched_is_valid_and_its_head_is_known(written: SqlState) -> None:
    head, broken_at = written.verify_audit()
    last = written.sealed_entries()[-1]

    assert (head, broken_at) == (AuditHead(ENTRIES, last.digest, is_valid=True), None)
    assert written.audit_head() == head


def test_empty_log_is_valid(state: SqlState) -> None:
    assert state.verify_audit() == (AuditHead(0, GENESIS, is_valid=True), None)
    assert state.audit_head() == AuditHead(0, GENESIS, is_valid=True)


def test_entries_are_numbered_and_each_names_the_digest_before(written: SqlState) -> None:
    sealed = written.sealed_entries()

    assert [one.sequence for one in sealed] == [1, 2, 3, 4, 5, 6]
    assert [one.previous for one in sealed] == [GENESIS, *(one.digest for one in sealed[:-1])]
    assert [one.entry.at for one in sealed] == [NOW + timedelta(seconds=number) for number in range(ENTRIES)]


def test_digest_is_that_of_the_entry_as_json(written: SqlState) -> None:
    """Whoever has the log can recompute it: the recipe stands in docs/audit-log.md."""
    (first, *_) = written.sealed_entries()
    content = {
        "sequence": 1,
        "at": "2026-03-06T12:00:00.123456+00:00",
        "actor": "alice",
        "action": "break_accepted",
        "subject": "break0",
        "reason": 'settled – "later"\n',
        "details": '{"pnl": -12.50}',
        "previous": "0" * 64,
    }

    assert first.digest == sha256(json.dumps(content, indent=0).encode()).hexdigest()


def test_entry_written_in_another_time_zone_is_valid(state: SqlState) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    state.record_eod(EodRecording(elsewhere, 0, acts=(AuditAct("alice", "act", "bot1", "why"),)))

    assert state.verify_audit()[1] is None
    assert state.audit_entries()[0].at == NOW


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("sequence", [1, 3, ENTRIES])
def test_edit_of_any_column_of_any_entry_is_found(
    written: SqlState, opened: Callable[[], SqlState], column: str, sequence: int
) -> None:
    value: object = NOW - timedelta(days=1) if column == "at" else "f" * 64
    tamper(written, update(AUDIT_LOG).where(AUDIT_LOG.c.sequence == sequence).values(**{column: value}))

    head, broken_at = written.verify_audit()

    assert (head.is_valid, broken_at) == (False, sequence)
    assert not opened().audit_head().is_valid


@pytest.mark.parametrize("sequence", range(1, ENTRIES + 1))
def test_deletion_of_any_entry_is_found(written: SqlState, opened: Callable[[], SqlState], sequence: int) -> None:
    tamper(written, delete(AUDIT_LOG).where(AUDIT_LOG.c.sequence == sequence))

    head, broken_at = written.verify_audit()

    assert (head.is_valid, broken_at) == (False, sequence)
    assert not opened().audit_head().is_valid


def test_deletion_with_the_rest_moved_up_is_found(written: SqlState) -> None:
    moved = [
        update(AUDIT_LOG).where(AUDIT_LOG.c.sequence == at).values(sequence=at - 1) for at in range(4, ENTRIES + 1)
    ]
    tamper(written, delete(AUDIT_LOG).where(AUDIT_LOG.c.sequence == 3), *moved)

    assert written.verify_audit()[1] == 3


@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 5), (5, 6)])
def test_reordering_is_found(written: SqlState, first: int, second: int) -> None:
    tamper(written, *swapped(first, second))

    assert written.verify_audit()[1] == first


@pytest.mark.parametrize("sequence", [-1, 0, ENTRIES + 1, 1000])
def test_entry_that_was_slipped_in_is_found(written: SqlState, sequence: int) -> None:
    forged = {
        "sequence": sequence,
        "at": NOW,
        "actor": "mallory",
        "action": "break_accepted",
        "subject": "break1",
        "reason": "",
        "details": "{}",
        "previous": written.sealed_entries()[-1].digest,
    }
    tamper(written, insert(AUDIT_LOG).values(**forged, digest=audit.digest(forged)))

    assert not written.verify_audit()[0].is_valid
    assert not written.audit_head().is_valid


def test_deleted_tail_is_missed_and_shows_as_a_shorter_chain(written: SqlState, opened: Callable[[], SqlState]) -> None:
    before = written.audit_head()
    tamper(written, delete(AUDIT_LOG).where(AUDIT_LOG.c.sequence > 4))

    assert written.verify_audit()[1] == 5
    for state in (written, opened()):
        after = state.audit_head()
        assert (before.sequence, after.sequence, after.is_valid) == (ENTRIES, 4, False)
        assert after.digest != before.digest


def test_entries_that_follow_a_deleted_tail_do_not_hide_it(written: SqlState, opened: Callable[[], SqlState]) -> None:
    tamper(written, delete(AUDIT_LOG).where(AUDIT_LOG.c.sequence > 4))
    write(written, 7)

    assert [one.sequence for one in written.sealed_entries()] == [1, 2, 3, 4, 7]
    assert opened().verify_audit()[1] == 5
    assert not opened().audit_head().is_valid


def test_tail_deleted_with_the_head_set_back_shows_in_the_series_and_to_who_knew_it(
    written: SqlState, opened: Callable[[], SqlState]
) -> None:
    before = written.audit_head()
    fourth = written.sealed_entries()[3]
    tamper(
        written,
        delete(AUDIT_LOG).where(AUDIT_LOG.c.sequence > 4),
        update(STATE).values(audit_sequence=4, audit_digest=fourth.digest),
    )

    assert not written.audit_head().is_valid
    newly = opened().audit_head()
    assert (newly.sequence, newly.digest) == (4, fourth.digest)
    assert newly.sequence < before.sequence


def test_chain_forged_from_a_changed_entry_on_is_found_by_who_knew_its_head(written: SqlState) -> None:
    written.audit_head()
    with written._database.transaction(writing=True) as connection:
        forge(connection, 2)

    assert written.verify_audit()[1] is None
    assert not written.audit_head().is_valid


def forge(connection: Connection, sequence: int) -> None:
    """Change an entry and seal everything behind it anew, as somebody could who has the program."""
    rows = [dict(row) for row in connection.execute(select(AUDIT_LOG).order_by(AUDIT_LOG.c.sequence)).mappings()]
    rows[sequence - 1]["reason"] = "forged"
    previous = GENESIS
    for row in rows:
        content = {name: value for name, value in row.items() if name != "digest"} | {"previous": previous}
        previous = audit.digest(content)
        changed = {"previous": content["previous"], "digest": previous, "reason": content["reason"]}
        connection.execute(update(AUDIT_LOG).where(AUDIT_LOG.c.sequence == row["sequence"]).values(**changed))
    connection.execute(update(STATE).values(audit_digest=previous))


def test_broken_chain_stays_broken_after_the_entry_is_put_back(written: SqlState) -> None:
    written.audit_head()
    third = AUDIT_LOG.c.sequence == 3
    tamper(written, update(AUDIT_LOG).where(third).values(actor="mallory"))
    assert not written.audit_head().is_valid
    tamper(written, update(AUDIT_LOG).where(third).values(actor="alice"))

    assert not written.audit_head().is_valid
    assert written.verify_audit()[1] is None


def test_entry_that_cannot_be_read_breaks_the_chain_and_no_more() -> None:
    """SQLite keeps whatever it is given in any column."""
    with chained() as connection:
        grown(connection, 4)
        connection.execute(text("UPDATE audit_log SET at = 'yesterday' WHERE sequence = 2"))
        connection.execute(text("UPDATE audit_log SET digest = x'00ff' WHERE sequence = 3"))

        assert audit.verify(connection)[1] == 2
        head = Chain().verified(connection)
        assert not head.is_valid
        assert int(head.digest, 16) >= 0


# What a running exporter verifies from time to time says the same as reading all of it.


@contextmanager
def chained() -> Iterator[Connection]:
    """A log of its own that is gone with the block."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        prepare(connection)
        yield connection
    engine.dispose()


def grown(connection: Connection, count: int) -> None:
    for _ in range(count):
        audit.append(connection, AuditEntry(NOW, "alice", "act", "bot1", "why"))


def test_look_that_reads_little_again_comes_round_to_every_entry() -> None:
    with chained() as connection:
        chain = Chain(read_again=10)
        grown(connection, 95)
        assert chain.verified(connection).is_valid
        connection.execute(update(AUDIT_LOG).where(AUDIT_LOG.c.sequence == 5).values(actor="mallory"))
        verdicts = [chain.verified(connection).is_valid for _ in range(11)]

        assert verdicts[-1] is False


def test_look_reads_what_is_new_and_a_bounded_part_of_what_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    with chained() as connection:
        chain = Chain(read_again=10)
        grown(connection, 100)
        chain.verified(connection)
        grown(connection, 3)
        read: list[int] = []

        def noted(row: audit.Row) -> str:
            read.append(row["sequence"])
            return digest(row)

        digest = audit.digest
        monkeypatch.setattr(audit, "digest", noted)
        chain.verified(connection)

        assert read == [101, 102, 103, *range(11, 21)]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_chain_followed_as_it_grows_says_what_reading_all_of_it_says(data: st.DataObject) -> None:
    with chained() as connection:
        chain = Chain(read_again=data.draw(st.integers(1, 4)))
        for count in data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=6)):
            grown(connection, count)
            assert chain.verified(connection) == audit.verify(connection)[0]

        length = connection.execute(select(func.count()).select_from(AUDIT_LOG)).scalar_one()
        if length == 0:
            return
        place = AUDIT_LOG.c.sequence == data.draw(st.integers(1, length))
        column = data.draw(st.sampled_from(["actor", "reason", "digest", "previous", None]))
        spoilt = (
            delete(AUDIT_LOG).where(place) if column is None else update(AUDIT_LOG).where(place).values({column: "x"})
        )
        connection.execute(spoilt)
        looks = [chain.verified(connection).is_valid for _ in range(length + 2)]

        assert not audit.verify(connection)[0].is_valid
        assert looks[-1] is False
        assert sorted(looks, reverse=True) == looks
