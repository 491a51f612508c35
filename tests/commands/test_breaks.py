"""What persons decide about breaks: carried out, or refused with a reason; written down with who and why."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from recon_exporter.commands import breaks
from recon_exporter.commands.breaks import Decision
from recon_exporter.domain.break_acts import acknowledge
from recon_exporter.domain.breaks import BreakState, BreakType
from recon_exporter.errors import ProgressMoved
from recon_exporter.ports import EodRecording
from recon_exporter.settings.overrides import Overrides
from support.eod_commands import Office, office
from support.positions import DAY, NOW, make_break, make_discrepancy, make_missing

if TYPE_CHECKING:
    from pathlib import Path

    from recon_exporter.ports import EodMemory
    from recon_exporter.state.store import SqlState
    from support.eod_commands import Said

LATER = "2099-03-31"
KEPT = 30 * DAY
MISMATCH = make_break()
MISSING = make_missing("MSFT")
GONE = replace(
    make_break(make_discrepancy(BreakType.PRICE_MISMATCH, "TSLA")),
    state=BreakState.RESOLVED,
    resolved_at=NOW,
    resolution="no longer found",
)


def decide(desk: Office, act: str, *more: str, by: str = "alice", reason: str = "known to the broker") -> Said:
    """One decision about the only break of the state."""
    return desk.command("breaks", act, desk.only().identifier, *more, "--by", by, "--reason", reason)


def columns(said: Said) -> list[str]:
    """The identifiers in the first column of the table."""
    return [line.split("│")[1].strip() for line in said.out.splitlines() if line.startswith("│")]


# Listing.


def test_state_without_breaks_says_so(desk: Office) -> None:
    said = desk.command("breaks", "list")

    assert (said.code, said.out) == (0, "no break is open\n")
    assert desk.command("breaks", "list", "--json").json() == []


def test_open_breaks_are_listed_as_a_table(desk: Office) -> None:
    desk.run_left([MISMATCH, MISSING, GONE])
    said = desk.command("breaks", "list")

    assert said.code == 0
    assert sorted(columns(said)) == sorted([MISMATCH.identifier, MISSING.identifier])
    (line,) = [line for line in said.out.splitlines() if MISSING.identifier in line]
    for word in ("swing-us", "MISSING_AT_BROKER", "MSFT", "100", "confirmed", "2026-03-06 21:15Z"):
        assert word in line


def test_breaks_of_one_look_stand_by_bot_type_and_symbol(desk: Office) -> None:
    first, second = make_missing("AAPL"), make_missing("TSLA")
    other = make_break(make_discrepancy(BreakType.PRICE_MISMATCH, "AAPL"))
    desk.run_left([other, second, first])

    in_order = [first.identifier, second.identifier, other.identifier]
    assert columns(desk.command("breaks", "list")) == in_order
    assert [one["id"] for one in desk.command("breaks", "list", "--json").json()] == in_order


def test_list_for_programs_is_a_list_of_objects_with_id(desk: Office) -> None:
    desk.run_left([MISSING])
    (one,) = desk.command("breaks", "list", "--json").json()

    assert one == {
        "type": "MISSING_AT_BROKER",
        "symbol": "MSFT",
        "detail": "ledger and venue differ",
        "bot": "swing-us",
        "leg": "net",
        "ledger_quantity": 10,
        "venue_quantity": None,
        "ledger_price": 100,
        "venue_price": None,
        "difference": 2,
        "exposure": 100,
        "severity": "critical",
        "auto_halt": True,
        "first_seen": "2026-03-06T21:15:00.000000+00:00",
        "id": MISSING.identifier,
        "state": "confirmed",
        "last_seen": "2026-03-06T21:15:00.000000+00:00",
        "times_seen": 1,
        "recurrences": 0,
        "confirmed_at": "2026-03-06T21:15:00.000000+00:00",
        "acknowledged_by": None,
        "acknowledged_at": None,
        "for_review": False,
        "accepted_by": None,
        "accepted_until": None,
        "resolved_at": None,
        "resolution": None,
    }


def test_resolved_breaks_are_listed_on_request(desk: Office) -> None:
    desk.run_left([MISMATCH, GONE])

    assert [one["id"] for one in desk.command("breaks", "list", "--json").json()] == [MISMATCH.identifier]
    everything = desk.command("breaks", "list", "--all", "--json").json()
    assert sorted(one["id"] for one in everything) == sorted([MISMATCH.identifier, GONE.identifier])


def test_difference_without_a_known_exposure_is_unknown_and_not_zero(desk: Office) -> None:
    desk.run_left([make_break(make_discrepancy(exposure=None))])

    assert "unknown" in desk.command("breaks", "list").out
    assert desk.command("breaks", "list", "--json").json()[0]["exposure"] is None


def test_symbol_that_looks_like_markup_is_shown_as_it_is(desk: Office) -> None:
    desk.run_left([make_break(make_discrepancy(symbol="[red]X :smile:"))])

    assert "[red]X :smile:" in desk.command("breaks", "list").out


def test_leg_and_flags_stand_in_the_table(desk: Office) -> None:
    flagged = replace(acknowledge(MISMATCH, "alice", NOW).after, for_review=True)
    desk.run_left([replace(flagged, discrepancy=replace(flagged.discrepancy, leg="long"))])
    out = desk.command("breaks", "list").out

    for words in ("AAPL (long)", "acknowledged by alice", "for review"):
        assert words in out


# Showing one.


@pytest.mark.parametrize("length", [4, 10])
def test_break_is_shown_by_its_id_or_the_beginning_of_it(desk: Office, length: int) -> None:
    desk.run_left([MISMATCH, GONE])
    said = desk.command("breaks", "show", GONE.identifier[:length])

    assert said.code == 0
    assert (said.json()["id"], said.json()["resolution"]) == (GONE.identifier, "no longer found")


def test_break_that_is_not_there_is_refused(desk: Office) -> None:
    said = desk.command("breaks", "show", "feedface00")

    assert (said.code, said.err) == (2, "breaks: there is no break feedface00\n")


def test_beginning_that_fits_several_breaks_is_refused(desk: Office) -> None:
    breaks_of_one_beginning = [replace(MISMATCH, identifier="aa00000001"), replace(MISSING, identifier="aa00000002")]
    desk.run_left(breaks_of_one_beginning)
    said = desk.command("breaks", "show", "aa")

    assert (said.code, said.err) == (2, "breaks: aa fits 2 breaks: write more of it\n")


@pytest.mark.parametrize("act", [("show",), ("retire", "--by", "alice", "--reason", "typo")])
def test_blank_id_names_no_break_even_where_there_is_only_one(desk: Office, act: tuple[str, ...]) -> None:
    desk.run_left([MISMATCH])

    assert desk.command("breaks", act[0], " ", *act[1:]).code == 2
    assert desk.only() == MISMATCH


# Deciding.


def test_acknowledged_break_counts_on_and_names_who_looks_after_it(desk: Office) -> None:
    desk.run_left([MISMATCH])
    said = decide(desk, "ack")
    one = desk.only()

    assert (said.code, said.out) == (0, f"{MISMATCH.identifier}: break acknowledged\n")
    assert (one.acknowledged_by, one.state, one.counts(NOW)) == ("alice", BreakState.CONFIRMED, True)


@pytest.mark.parametrize(
    ("act", "more", "action"),
    [
        ("ack", (), "break_acknowledged"),
        ("review", (), "break_flagged_for_review"),
        ("accept", ("--until", LATER), "break_accepted"),
        ("retire", (), "break_retired"),
    ],
)
def test_each_decision_is_one_entry_of_the_audit_log_under_the_whole_id(
    desk: Office, act: str, more: tuple[str, ...], action: str
) -> None:
    desk.run_left([MISMATCH])
    said = desk.command(
        "breaks", act, MISMATCH.identifier[:5], *more, "--by", " alice ", "--reason", " known to the broker "
    )
    (entry,) = desk.acts()

    assert said.code == 0
    assert (entry.actor, entry.action, entry.subject) == ("alice", action, MISMATCH.identifier)
    assert entry.reason == "known to the broker"
    assert desk.state.verify_audit()[1] is None


def test_review_keeps_a_resolved_break_listed_until_it_is_retired(desk: Office) -> None:
    desk.run_left([GONE])
    assert decide(desk, "review").code == 0
    assert columns(desk.command("breaks", "list")) == [GONE.identifier]

    assert decide(desk, "retire").code == 0
    assert desk.command("breaks", "list").out == "no break is open\n"
    assert desk.only().resolution == "no longer found"


def test_accepted_break_does_not_count_until_the_end_of_the_day_named(desk: Office) -> None:
    desk.run_left([MISMATCH])
    assert decide(desk, "accept", "--until", LATER).code == 0
    one = desk.only()
    (entry,) = desk.acts()

    assert (one.state, one.accepted_by) == (BreakState.ACCEPTED, "alice")
    assert one.accepted_until == datetime(2099, 3, 31, 23, 59, 59, tzinfo=UTC)
    assert (one.counts(NOW), one.counts(datetime(2099, 4, 1, tzinfo=UTC))) == (False, True)
    assert json.loads(entry.details) == {"until": "2099-03-31T23:59:59.000000+00:00"}


def test_acceptance_may_end_at_a_time_of_any_zone(desk: Office) -> None:
    desk.run_left([MISMATCH])
    assert decide(desk, "accept", "--until", "2099-03-31T17:00:00-05:00").code == 0

    assert desk.only().accepted_until == datetime(2099, 3, 31, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("until", "why"),
    [
        ("2020-01-01", "that is past"),
        ("tomorrow", "'tomorrow' is no date such as 2026-03-31 and no time with zone"),
        ("", "'' is no date"),
        ("2099-03-31T17:00:00", "has no time zone"),
        ("9999-12-31T23:59:59-23:00", "is no date"),
    ],
)
def test_acceptance_without_a_future_end_is_refused(desk: Office, until: str, why: str) -> None:
    desk.run_left([MISMATCH])
    said = decide(desk, "accept", "--until", until)

    assert said.code == 2
    assert why in said.err
    assert (desk.only(), desk.acts()) == (MISMATCH, [])


@pytest.mark.parametrize("policy", ["{}", "{four_eyes: true}"])
def test_acceptance_that_ends_too_far_away_is_refused_and_the_limit_named(
    tmp_path: Path, own_state: SqlState, policy: str
) -> None:
    desk = office(tmp_path, own_state, policy)
    desk.run_left([MISMATCH])
    said = decide(desk, "accept", "--until", LATER)

    assert said.code == 2
    assert "policy.accept_at_most is 90 d, that is until 20" in said.err
    assert (desk.only(), desk.acts()) == (MISMATCH, [])


def test_how_far_away_an_acceptance_may_end_is_configured(tmp_path: Path, own_state: SqlState) -> None:
    desk = office(tmp_path, own_state, "{accept_at_most: 12h}")
    desk.run_left([MISMATCH])

    assert "policy.accept_at_most is 12 h" in decide(desk, "accept", "--until", LATER).err


def test_acceptance_needs_an_end(desk: Office) -> None:
    desk.run_left([MISMATCH])

    assert decide(desk, "accept").code == 2
    assert desk.only() == MISMATCH


def test_four_eyes_let_the_first_person_propose_and_another_accept(strict_desk: Office) -> None:
    strict_desk.run_left([MISMATCH])

    first = decide(strict_desk, "accept", "--until", LATER)
    assert (first.code, first.out) == (0, f"{MISMATCH.identifier}: break acceptance proposed\n")
    assert strict_desk.only().counts(NOW)

    assert decide(strict_desk, "accept", "--until", LATER, by="ALICE").code == 0
    assert strict_desk.only().counts(NOW)

    second = decide(strict_desk, "accept", "--until", "2099-01-01", by="bob")
    assert (second.code, second.out) == (0, f"{MISMATCH.identifier}: break accepted\n")
    one = strict_desk.only()
    assert (one.accepted_by, one.counts(NOW)) == ("ALICE and bob", False)
    assert one.accepted_until == datetime(2099, 1, 1, 23, 59, 59, tzinfo=UTC)
    assert [entry.action for entry in strict_desk.acts()] == [
        "break_acceptance_proposed",
        "break_acceptance_proposed",
        "break_accepted",
    ]
    assert [json.loads(entry.details)["until"][:10] for entry in strict_desk.acts()] == [LATER, LATER, "2099-01-01"]


def test_retired_break_is_resolved_by_a_person(desk: Office) -> None:
    desk.run_left([MISMATCH])
    said = decide(desk, "retire")

    assert (said.code, said.out) == (0, f"{MISMATCH.identifier}: break retired\n")
    assert (desk.only().state, desk.only().resolution) == (BreakState.RESOLVED, "retired by alice")


@pytest.mark.parametrize(("act", "more"), [("ack", ()), ("accept", ("--until", LATER)), ("retire", ())])
def test_resolved_break_takes_no_decision(desk: Office, act: str, more: tuple[str, ...]) -> None:
    desk.run_left([GONE])
    said = decide(desk, act, *more)

    assert said.code == 2
    assert "resolved" in said.err
    assert (desk.only(), desk.acts()) == (GONE, [])


@pytest.mark.parametrize(("by", "reason"), [("", "why"), ("  ", "why"), ("alice", ""), ("alice", " \t")])
def test_decision_needs_a_name_and_a_reason(desk: Office, by: str, reason: str) -> None:
    desk.run_left([MISMATCH])
    said = decide(desk, "ack", by=by, reason=reason)

    assert (said.code, said.err) == (2, "breaks: --by and --reason must say something\n")
    assert (desk.only(), desk.acts()) == (MISMATCH, [])


@pytest.mark.parametrize("missing", ["--by", "--reason"])
def test_decision_cannot_leave_out_who_or_why(desk: Office, missing: str) -> None:
    desk.run_left([MISMATCH])
    given = {"--by": "alice", "--reason": "why"}
    del given[missing]

    options = [word for pair in given.items() for word in pair]
    assert desk.command("breaks", "ack", MISMATCH.identifier, *options).code == 2
    assert desk.acts() == []


def test_name_that_is_no_text_is_refused(desk: Office) -> None:
    desk.run_left([MISMATCH])
    said = decide(desk, "ack", by="al\udcffice")

    assert said.code == 2
    assert "recon.db" in said.err
    assert (desk.only(), desk.acts()) == (MISMATCH, [])


def test_decision_stands_in_the_history_at_once(desk: Office) -> None:
    desk.run_left([MISMATCH, MISSING])
    desk.command("breaks", "retire", MISSING.identifier, "--by", "alice", "--reason", "sold by hand")
    history = json.loads((desk.directory / "eod_recon_breaks.json").read_text())

    assert {one["id"]: one["resolution"] for one in history["breaks"]} == {
        MISMATCH.identifier: None,
        MISSING.identifier: "retired by alice",
    }


# Beside runs and other persons.


def moving(desk: Office, times: int) -> list[int]:
    """From now on another process records between the reading and the writing of a command, so many times."""
    left = [times]
    load, elsewhere = desk.state.load_eod, desk.state

    def load_and_be_overtaken() -> EodMemory:
        memory = load()
        if left[0]:
            left[0] -= 1
            elsewhere.record_eod(EodRecording(NOW, memory.revision))
        return memory

    desk.state.load_eod = load_and_be_overtaken  # type: ignore[method-assign]
    return left


def acknowledge_by(person: str) -> breaks.Act:
    return lambda one, now: acknowledge(one, person, now)


def test_decision_that_is_overtaken_is_made_on_what_the_other_left(desk: Office) -> None:
    desk.run_left([MISMATCH])
    moving(desk, 2)

    assert (
        breaks.act(desk.state, MISMATCH.identifier, Decision("ack", "alice", "why"), acknowledge_by("alice"), KEPT) == 0
    )
    assert desk.only().acknowledged_by == "alice"
    assert len(desk.acts()) == 1


def test_decision_that_is_overtaken_again_and_again_is_refused(
    desk: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.run_left([MISMATCH])
    left = moving(desk, 100)

    assert (
        breaks.act(desk.state, MISMATCH.identifier, Decision("ack", "alice", "why"), acknowledge_by("alice"), KEPT) == 2
    )
    assert "kept moving" in capsys.readouterr().err
    left[0] = 0
    assert (desk.only(), desk.acts()) == (MISMATCH, [])


def test_run_that_does_not_know_of_the_decision_is_refused(desk: Office) -> None:
    desk.run_left([MISMATCH])
    before = desk.state.load_eod()
    decide(desk, "accept", "--until", LATER)

    with pytest.raises(ProgressMoved):
        desk.state.record_eod(EodRecording(NOW, before.revision, breaks=(MISMATCH,)))
    assert desk.only().state is BreakState.ACCEPTED


# The functions behind the command line.


def test_functions_give_the_exit_codes(desk: Office, capsys: pytest.CaptureFixture[str]) -> None:
    desk.run_left([MISMATCH])
    overrides, directory = desk.overrides, desk.directory
    ack = Decision("ack", "alice", "why")

    assert breaks.run_list(overrides, {}, directory, everything=False, as_json=True) == 0
    assert breaks.run_show(overrides, {}, directory, MISMATCH.identifier) == 0
    assert breaks.run_act(overrides, {}, directory, MISMATCH.identifier, ack) == 0
    assert breaks.run_act(overrides, {}, directory, "feedface00", ack) == 2
    assert "there is no break feedface00" in capsys.readouterr().err


def test_unusable_configuration_or_state_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = Overrides(config_file="missing.yml")
    assert breaks.run_list(missing, {}, tmp_path, everything=False, as_json=True) == 2
    assert "missing.yml" in capsys.readouterr().err

    (tmp_path / "recon.db").write_text("no database at all " * 100)
    config = tmp_path / "recon.yml"
    config.write_text(f"state: {{url: 'sqlite:///{tmp_path}/recon.db'}}\nfleets: {{hbot: {{type: hbot}}}}\n")
    assert breaks.run_show(Overrides(config_file=str(config)), {}, tmp_path, "feed") == 2
    assert "recon.db: file is not a database" in capsys.readouterr().err
