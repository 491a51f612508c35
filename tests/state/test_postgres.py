"""A state in a shared PostgreSQL: an instance is alone with its own; errors name the server without its password."""

from __future__ import annotations

import builtins
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from recon_exporter.domain.memory import Memory
from recon_exporter.errors import StateError
from recon_exporter.ports import AuditAct, EodRecording, Outgoing, Recording
from recon_exporter.state import open_state, serve_lock
from recon_exporter.state.tables import SEEN_BOTS, STATE
from support.parts import FixedClock
from support.positions import make_break

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from support.postgres import PostgresServer

pytestmark = pytest.mark.needs_program("postgres", "initdb")

NOW = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
SHORT = timedelta(milliseconds=50)


@pytest.fixture
def database(postgres: PostgresServer) -> str:
    return postgres.database()


@pytest.fixture
def url(postgres: PostgresServer, database: str) -> str:
    return postgres.url(database)


def full(seen: str) -> Recording:
    outgoing = (Outgoing(None, "webhook", "firing", NOW, seen),)
    return Recording(NOW, Memory(seen={seen: NOW}), {"hbot": {"file": seen}}, outgoing)


def test_instances_of_one_database_do_not_see_each_other(url: str) -> None:
    first, second = open_state(f"{url}?instance=first"), open_state(f"{url}?instance=second")
    first.record(full("bot1"))
    first.record_eod(EodRecording(NOW, 1, breaks=(make_break(),), acts=(AuditAct("eod", "run", "bot1", ""),)))

    assert second.load() == (Memory(), {})
    assert (second.revision(), second.load_eod().breaks, second.audit_entries()) == (0, (), ())
    assert second.claim(NOW, ["webhook"]) == ()
    assert second.record(full("bot2")) == 1
    assert [entry.body for entry in first.claim(NOW, ["webhook"])] == ["bot1"]
    assert first.load()[0].seen == {"bot1": NOW}
    first.close()
    second.close()


def test_address_without_instance_is_that_of_the_instance_default(url: str) -> None:
    plain, named = open_state(url), open_state(f"{url}?instance=default")
    plain.record(full("bot1"))

    assert named.load()[0].seen == {"bot1": NOW}
    plain.close()
    named.close()


def test_writer_of_one_instance_does_not_wait_for_that_of_another(url: str) -> None:
    first, second = open_state(f"{url}?instance=first"), open_state(f"{url}?instance=second", busy=SHORT)
    with first._transaction(writing=True):
        assert second.record(full("bot2")) == 1
    first.close()
    second.close()


def test_writer_that_waits_too_long_for_another_of_its_instance_says_so(url: str) -> None:
    first, second = open_state(url), open_state(url, busy=SHORT)
    with first._transaction(writing=True), pytest.raises(StateError, match="lock timeout"):
        second.record(full("bot2"))
    assert second.record(full("bot2")) == 1
    first.close()
    second.close()


def test_reader_sees_one_moment_and_waits_for_no_writer(url: str) -> None:
    reader, writer = open_state(url, busy=SHORT), open_state(url)
    with reader._transaction() as before:
        assert recorded(before) == (0, 0)
        writer.record(full("bot1"))
        assert recorded(before) == (0, 0)
    with writer._transaction(writing=True):
        assert reader.revision() == 1
    reader.close()
    writer.close()


def recorded(connection: Connection) -> tuple[int, int]:
    """Revision, and how many bots have been seen."""
    revision = connection.execute(select(STATE.c.revision)).scalar_one()
    return revision, connection.execute(select(func.count()).select_from(SEEN_BOTS)).scalar_one()


def test_tables_of_others_in_the_database_are_left_alone(postgres: PostgresServer, database: str, url: str) -> None:
    with postgres.connect(database) as connection:
        connection.execute("CREATE TABLE outbox (id integer)")
    open_state(url).close()

    with postgres.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM public.outbox").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (1,)


def test_schema_of_another_program_is_left_alone(postgres: PostgresServer, database: str, url: str) -> None:
    with postgres.connect(database) as connection:
        connection.execute("CREATE SCHEMA recon_default; CREATE TABLE recon_default.trades (id integer)")

    with pytest.raises(StateError, match=r"holds tables of another program \(trades\)"):
        open_state(url)


@pytest.fixture
def limited(postgres: PostgresServer, database: str) -> Iterator[str]:
    """The address of a user who may log in, and nothing else."""
    name = f"limited_{database}"
    with postgres.connect(database) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'very-secret'")
    yield f"postgresql+psycopg://{name}:very-secret@127.0.0.1:{postgres.port}/{database}"
    with postgres.connect(database) as connection:
        connection.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


def test_user_who_may_not_make_the_schema_is_told_so(limited: str) -> None:
    with pytest.raises(StateError, match=r"^postgresql://127\.0\.0\.1:\d+/\w+ \(instance default\): permission denied"):
        open_state(limited)


def test_schema_that_was_made_for_a_user_without_other_rights_is_enough(
    postgres: PostgresServer, database: str, limited: str
) -> None:
    with postgres.connect(database) as connection:
        connection.execute(f"CREATE SCHEMA recon_default AUTHORIZATION limited_{database}")
    state = open_state(limited)

    assert state.record(full("bot1")) == 1
    state.close()


def test_server_that_is_not_there_is_named_without_user_and_password() -> None:
    address = "postgresql+psycopg://alice:very-secret@127.0.0.1:1/recon?instance=equities"
    with pytest.raises(StateError) as refusal:
        open_state(address)

    assert str(refusal.value).startswith("postgresql://127.0.0.1:1/recon (instance equities): ")
    assert "very-secret" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_wrong_password_is_not_shown(postgres: PostgresServer, database: str) -> None:
    with pytest.raises(StateError, match="password authentication failed") as refusal:
        open_state(f"postgresql+psycopg://postgres:very-secret@127.0.0.1:{postgres.port}/{database}")

    assert "very-secret" not in str(refusal.value)


@pytest.mark.parametrize("instance", ["Capitals", "with-dash", "a" * 41, 'x"; DROP'])
def test_instance_that_can_have_no_schema_is_refused(url: str, instance: str) -> None:
    for use in (open_state, lambda address: serve_lock(address, FixedClock())):
        with pytest.raises(StateError, match=r"instance .* expected instance of up to 40 small letters"):
            use(f"{url}?instance={instance}")


def test_two_instances_in_one_address_are_refused(url: str) -> None:
    with pytest.raises(StateError, match="expected instance"):
        open_state(f"{url}?instance=a&instance=b")


def test_connections_that_the_server_ended_are_replaced(postgres: PostgresServer, database: str, url: str) -> None:
    state = open_state(url)
    with postgres.connect() as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database])

    assert state.record(full("bot1")) == 1
    state.close()


def test_missing_driver_is_told_with_what_installs_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_psycopg(name: str, *rest: object) -> object:
        if name.partition(".")[0] == "psycopg":
            raise ImportError("No module named 'psycopg'")
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without_psycopg)
    with pytest.raises(StateError, match=r"No module named 'psycopg'; pip install 'recon-exporter\[postgres\]'"):
        open_state(url)


def test_many_threads_may_record_at_once(url: str) -> None:
    states = [open_state(url) for _ in range(3)]
    errors: list[Exception] = []

    def write() -> None:
        try:
            for number in range(10):
                states[number % 3].claim(NOW, ["webhook"])
        except StateError as error:
            errors.append(error)

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for state in states:
        state.close()

    assert errors == []


def test_text_that_no_database_can_keep_is_refused(url: str) -> None:
    state = open_state(url)
    for text in ("a\x00b", "a\udcffb"):
        with pytest.raises(StateError, match=r"^postgresql://"):
            state.record_eod(EodRecording(NOW, 0, acts=(AuditAct(text, "run", "bot1", ""),)))
    assert state.audit_entries() == ()
    state.close()
