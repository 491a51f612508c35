"""Halts are listed as they stand, and end by a person's word alone, which is written down."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from recon_exporter.commands import halts
from recon_exporter.commands.opened import deliver
from recon_exporter.domain.breaks import Halt
from recon_exporter.outgoing_eod import action_entry, halt_entry
from recon_exporter.ports import EodMemory, EodRecording
from recon_exporter.settings.loading import load
from recon_exporter.settings.overrides import Overrides
from support.eod_commands import office
from support.positions import NOW, make_missing

if TYPE_CHECKING:
    from pathlib import Path

    from recon_exporter.state.store import SqlState
    from support.eod_commands import Office

HALT = Halt("swing-us", "exposure", NOW, "exposure 1200 USD is above 1000 USD", "none configured")
SECOND = replace(HALT, reason="missing_positions", detail="3 positions missing")
ELSEWHERE = replace(HALT, bot="grid-btc")


def clear(desk: Office, bot: str = "swing-us", by: str = "alice", reason: str = "positions corrected") -> int:
    return desk.command("halt", "clear", "--bot", bot, "--by", by, "--reason", reason).code


def test_state_without_halts_says_so(desk: Office) -> None:
    said = desk.command("halt", "list")

    assert (said.code, said.out) == (0, "no halt is active\n")
    assert desk.command("halt", "list", "--json").json() == []


def test_each_halt_is_listed_with_reason_age_and_what_became_of_the_action(desk: Office) -> None:
    desk.run_left(halts=[HALT, SECOND])
    said = desk.command("halt", "list")

    assert said.code == 0
    assert said.out.splitlines() == [
        "swing-us  exposure  since 2026-03-06 21:15Z  action: none configured  exposure 1200 USD is above 1000 USD",
        "swing-us  missing_positions  since 2026-03-06 21:15Z  action: none configured  3 positions missing",
    ]


def test_list_for_programs_is_a_list_of_objects(desk: Office) -> None:
    desk.run_left(halts=[HALT])

    assert desk.command("halt", "list", "--json").json() == [
        {
            "bot": "swing-us",
            "reason": "exposure",
            "since": "2026-03-06T21:15:00.000000+00:00",
            "detail": "exposure 1200 USD is above 1000 USD",
            "action": "none configured",
        }
    ]


def test_cleared_bot_has_no_halt_left_and_another_bot_keeps_its_own(desk: Office) -> None:
    desk.run_left([make_missing("MSFT")], [HALT, SECOND, ELSEWHERE])
    said = desk.command("halt", "clear", "--bot", "swing-us", "--by", " alice ", "--reason", " corrected ")
    (entry,) = desk.acts()

    assert said.code == 0
    assert "swing-us: 2 halts cleared; the breaks behind them stand" in said.out
    assert desk.state.load_eod().halts == (ELSEWHERE,)
    assert desk.only() == make_missing("MSFT")
    assert (entry.actor, entry.action, entry.subject, entry.reason) == (
        "alice",
        "halt_cleared",
        "swing-us",
        "corrected",
    )


def test_halt_file_of_a_cleared_bot_is_taken_away(desk: Office) -> None:
    desk.run_left(halts=[HALT, ELSEWHERE])
    folder = desk.directory / "halt"
    folder.mkdir()
    for bot in ("swing-us", "grid-btc"):
        (folder / f"{bot}.json").write_text("{}")
    clear(desk)

    assert [file.name for file in folder.iterdir()] == ["grid-btc.json"]


def test_cleared_bot_is_not_stopped_by_an_action_that_had_yet_to_work(tmp_path: Path, own_state: SqlState) -> None:
    stopped = tmp_path / "stopped"
    action = json.dumps({"halt_action": {"command": [sys.executable, "-c", f"open({str(stopped)!r}, 'w')"]}})
    desk = office(tmp_path, own_state, action)
    waiting = (action_entry("swing-us", "{}", NOW),)
    own_state.record_eod(EodRecording(NOW, 0, halts=(HALT,), outgoing=waiting))

    assert clear(desk) == 0
    assert not stopped.exists()


def test_halt_file_that_cannot_be_written_holds_up_no_action(tmp_path: Path, own_state: SqlState) -> None:
    stopped = tmp_path / "stopped"
    action = json.dumps({"halt_action": {"command": [sys.executable, "-c", f"open({str(stopped)!r}, 'w')"]}})
    desk = office(tmp_path, own_state, action)
    (tmp_path / "halt").write_text("no folder")
    waiting = (halt_entry("swing-us", [HALT], NOW), action_entry("swing-us", "{}", NOW))
    own_state.record_eod(EodRecording(NOW, 0, halts=(HALT,), outgoing=waiting))

    deliver(own_state, load(desk.overrides, {}, tmp_path))

    assert stopped.exists()
    assert [halt.action for halt in own_state.load_eod().halts] == ["confirmed"]


def test_bot_without_halt_cannot_be_cleared(desk: Office) -> None:
    desk.run_left(halts=[ELSEWHERE])
    said = desk.command("halt", "clear", "--bot", "swing-us", "--by", "alice", "--reason", "why")

    assert (said.code, said.err) == (2, "halt: swing-us is not halted\n")
    assert desk.acts() == []


def test_halt_is_cleared_once(desk: Office) -> None:
    desk.run_left(halts=[HALT])

    assert (clear(desk), clear(desk)) == (0, 2)
    assert len(desk.acts()) == 1


@pytest.mark.parametrize(("by", "reason"), [("", "why"), ("  ", "why"), ("alice", ""), ("alice", "\t")])
def test_clearing_needs_a_name_and_a_reason(desk: Office, by: str, reason: str) -> None:
    desk.run_left(halts=[HALT])

    assert clear(desk, by=by, reason=reason) == 2
    assert (desk.state.load_eod().halts, desk.acts()) == ((HALT,), [])


@pytest.mark.parametrize("missing", ["--bot", "--by", "--reason"])
def test_clearing_cannot_leave_out_whom_who_or_why(desk: Office, missing: str) -> None:
    desk.run_left(halts=[HALT])
    given = {"--bot": "swing-us", "--by": "alice", "--reason": "why"}
    del given[missing]

    assert desk.command("halt", "clear", *[word for pair in given.items() for word in pair]).code == 2
    assert desk.state.load_eod().halts == (HALT,)


def test_halt_that_a_run_raises_meanwhile_is_cleared_too(desk: Office) -> None:
    desk.run_left(halts=[HALT])
    load = desk.state.load_eod
    overtaken = iter([True])

    def load_and_be_overtaken() -> EodMemory:
        memory = load()
        if next(overtaken, False):
            desk.state.record_eod(EodRecording(NOW, memory.revision, halts=(SECOND,)))
        return memory

    desk.state.load_eod = load_and_be_overtaken  # type: ignore[method-assign]

    assert halts.clear(desk.state, "swing-us", "alice", "why") == 0
    assert desk.state.load_eod().halts == ()
    assert [entry.action for entry in desk.acts()] == ["halt_cleared"]


def test_functions_give_the_exit_codes(desk: Office) -> None:
    desk.run_left(halts=[HALT])
    overrides, directory = desk.overrides, desk.directory

    assert halts.run_list(overrides, {}, directory, as_json=True) == 0
    assert halts.run_clear(overrides, {}, directory, bot="swing-us", by="alice", reason="why") == 0
    assert halts.run_clear(overrides, {}, directory, bot="swing-us", by="alice", reason="why") == 2


def test_unusable_configuration_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert halts.run_list(Overrides(config_file="missing.yml"), {}, tmp_path, as_json=False) == 2
    assert "halt: " in capsys.readouterr().err
