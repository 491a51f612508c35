"""Who is expected and why; forgetting is a person's act, and is refused where it would not last."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter.commands import bots
from recon_exporter.domain.memory import Memory
from recon_exporter.domain.report import ExpectedBot
from recon_exporter.ports import Recording
from recon_exporter.reconciler import reconciled
from recon_exporter.settings.overrides import Overrides
from recon_exporter.state import open_state
from support.eod_commands import Office
from support.eod_files import CONFIGURATION, Place
from support.evidence import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from recon_exporter.state.store import SqlState

EARLIER = NOW - timedelta(days=3)
FOUND = ExpectedBot("bot1", ("found", "account_map"))
GONE = ExpectedBot("bot2", ("seen",))


@pytest.fixture
def state(tmp_path: Path) -> Iterator[SqlState]:
    state = open_state(f"sqlite:///{tmp_path}/.state/recon.db")
    state.record(Recording(NOW, Memory(seen={"bot1": EARLIER, "bot2": EARLIER}), {}, ()))
    yield state
    state.close()


def forget(state: SqlState, bot: str, by: str = "alice", reason: str = "retired") -> int:
    return bots.forget_bot([FOUND, GONE], state, NOW, bot, by, reason)


def test_every_expected_bot_is_listed_with_its_reasons(state: SqlState, capsys: pytest.CaptureFixture[str]) -> None:
    assert bots.list_bots([FOUND, GONE], state.load()[0], as_json=False) == 0

    assert capsys.readouterr().out.splitlines() == [
        "bot1  expected: found, account_map  first seen 2026-03-03 12:00Z",
        "bot2  expected: seen  first seen 2026-03-03 12:00Z",
    ]


def test_list_for_programs_names_forgotten_bots_too(state: SqlState, capsys: pytest.CaptureFixture[str]) -> None:
    forget(state, "bot2")
    capsys.readouterr()
    bots.list_bots([FOUND], state.load()[0], as_json=True)

    assert json.loads(capsys.readouterr().out) == [
        {
            "bot": "bot1",
            "expected_because": ["found", "account_map"],
            "first_seen": "2026-03-03T12:00:00.000000+00:00",
            "forgotten_at": None,
        },
        {
            "bot": "bot2",
            "expected_because": [],
            "first_seen": None,
            "forgotten_at": "2026-03-06T12:00:00.000000+00:00",
        },
    ]


def test_bot_that_is_only_remembered_is_forgotten_and_the_act_kept(state: SqlState) -> None:
    assert forget(state, "bot2") == 0

    assert set(state.load()[0].seen) == {"bot1"}
    (act,) = state.audit_entries()
    assert (act.at, act.actor, act.action, act.subject, act.reason) == (NOW, "alice", "bots forget", "bot2", "retired")


def test_bot_that_would_stay_expected_is_not_forgotten(state: SqlState, capsys: pytest.CaptureFixture[str]) -> None:
    assert forget(state, "bot1") == 2

    assert "bot1 would stay expected (found, account_map)" in capsys.readouterr().err
    assert state.audit_entries() == ()


def test_bot_that_was_never_seen_is_refused(state: SqlState, capsys: pytest.CaptureFixture[str]) -> None:
    assert forget(state, "bot7") == 2
    assert "bot7 was never seen" in capsys.readouterr().err


@pytest.fixture
def left(tmp_path: Path) -> Place:
    """A bot with an open break, a halt and a run left the configuration."""
    place = Place.in_folder(tmp_path)
    place.venue()
    reconciled(place.settings(), None, record=True)
    (tmp_path / "recon.yml").write_text(CONFIGURATION.replace("swing:", "other:"))
    return place


def told(place: Place, *arguments: str) -> tuple[int, str]:
    with closing(place.state()) as state:
        said = Office(place.folder, state).command(*arguments)
    return said.code, said.out + said.err


def test_bot_that_left_the_configuration_is_forgotten_once_its_breaks_and_halts_are_decided_about(
    left: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(left.folder)
    person = ("--by", "alice", "--reason", "sold")
    with closing(left.state()) as state:
        (one,) = state.load_eod().breaks

    assert "swing  expected: reconciled" in told(left, "bots", "list")[1]
    assert told(left, "bots", "forget", "swing", *person) == (
        2,
        "bots: swing has 1 open breaks, or a halt: `breaks retire` and `halt clear` come first\n",
    )
    assert told(left, "breaks", "retire", one.identifier, *person)[0] == 0
    assert told(left, "bots", "forget", "swing", *person)[0] == 2
    assert told(left, "halt", "clear", "--bot", "swing", *person)[0] == 0
    assert told(left, "bots", "forget", "swing", *person)[0] == 0
    assert "swing  forgotten" in told(left, "bots", "list")[1]
    with closing(left.state()) as state:
        assert (state.load_eod().marks, state.audit_entries()[-1].action) == ({}, "bots forget")


def test_bot_with_a_configured_run_is_not_forgotten(left: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(left.folder)

    assert told(left, "bots", "forget", "other", "--by", "alice", "--reason", "sold") == (
        2,
        "bots: other would stay expected (configuration): remove it there, or set enabled to false\n",
    )


@pytest.mark.parametrize(("by", "reason"), [("", "retired"), ("alice", "  ")])
def test_forgetting_needs_a_name_and_a_reason(state: SqlState, by: str, reason: str) -> None:
    assert forget(state, "bot2", by, reason) == 2
    assert state.audit_entries() == ()


def test_commands_work_on_the_configured_state_and_books(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").mkdir()
    config = tmp_path / "recon.yml"
    config.write_text(
        f"state: {{url: 'sqlite:///{tmp_path}/recon.db'}}\n"
        f"fleets: {{hbot: {{type: hbot, data_root: '{tmp_path}/data'}}}}\n"
    )
    with_config = Overrides(config_file=str(config))
    state = open_state(f"sqlite:///{tmp_path}/recon.db")
    state.record(Recording(NOW, Memory(seen={"bot2": EARLIER}), {}, ()))
    state.close()

    assert bots.run_forget(with_config, {}, tmp_path, bot="bot2", by="alice", reason="retired") == 0
    assert bots.run_list(with_config, {}, tmp_path, as_json=False) == 0
    out = capsys.readouterr().out
    assert "bot2 is forgotten" in out
    assert "no bot is expected" in out


def test_list_for_programs_is_nothing_but_json_where_the_books_give_reason_to_log(desk: Office) -> None:
    desk.state.record(Recording(NOW, Memory(seen={"bot1": NOW}), {"hbot": {"minutes/gone": "not JSON"}}, ()))

    said = desk.command("bots", "list", "--json")

    assert "bot1" in {one["bot"] for one in said.json()}
    assert "progress cannot be read" in said.err


def test_unusable_configuration_is_refused(tmp_path: Path) -> None:
    assert bots.run_list(Overrides(config_file="missing.yml"), {}, tmp_path, as_json=True) == 2
