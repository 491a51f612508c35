"""Which commands need the credentials of a venue: those that ask it, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recon_exporter.state import open_state
from support.eod_commands import Office
from support.positions import make_break

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEYS = ("SWING_ALPACA_API_KEY", "SWING_ALPACA_SECRET")
BREAK = make_break()
DECIDED = ("--by", "ann", "--reason", "known")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A state with a break; its bot trades at a venue whose credentials nobody has set."""
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recon.yml").write_text(
        "state: {url: 'sqlite:///recon.db'}\n"
        "bots:\n"
        f"  {BREAK.discrepancy.bot}:\n"
        "    ledger: {type: file, positions: ledger.csv}\n"
        "    venue: {type: alpaca, credential_prefix: SWING}\n"
        '    eod: {at: "16:15"}\n',
        encoding="utf-8",
    )
    state = open_state(f"sqlite:///{tmp_path}/recon.db")
    office = Office(tmp_path, state)
    office.run_left([BREAK])
    yield office
    state.close()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("breaks", "list"), 0),
        (("breaks", "show", BREAK.identifier), 0),
        (("breaks", "ack", BREAK.identifier, *DECIDED), 0),
        (("breaks", "review", BREAK.identifier, *DECIDED), 0),
        (("breaks", "retire", BREAK.identifier, *DECIDED), 0),
        (("halt", "list"), 0),
        (("audit", "show"), 0),
        (("audit", "verify"), 0),
        (("audit", "add", "--break", BREAK.identifier, "--by", "ann", "--what", "booked"), 0),
        (("bots", "list"), 0),
        (("incident", "open", "--summary", "s", "--owner", "ann", "--eta", "4h"), 0),
        (("incident", "list"), 0),
        (("print-config",), 0),
        (("print-schema",), 0),
        (("bundle", "export", "out"), 0),
        (("gate",), 1),
        (("healthcheck",), 1),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else None,
)
def test_command_on_state_and_files_needs_no_credentials(place: Office, command: tuple[str, ...], code: int) -> None:
    said = place.command(*command)

    assert said.code == code, said.err
    assert "SWING" not in said.err


def test_accepting_and_clearing_need_no_credentials(place: Office) -> None:
    refusals = [
        place.command("breaks", "accept", BREAK.identifier, "--until", "2020-01-01", *DECIDED).err,
        place.command("halt", "clear", "--bot", BREAK.discrepancy.bot, *DECIDED).err,
        place.command("bots", "forget", "nobody", *DECIDED).err,
    ]

    assert ["that is past" in refusals[0], "is not halted" in refusals[1], "nobody" in refusals[2]] == [True] * 3


@pytest.mark.parametrize(
    "command",
    [
        ("serve",),
        ("once",),
        ("eod",),
        ("check-config",),
        ("venue", "positions", "--bot", BREAK.discrepancy.bot),
        ("breaks", "explain", BREAK.identifier),
    ],
    ids=" ".join,
)
def test_command_that_opens_a_venue_names_every_variable_that_is_missing(
    place: Office, command: tuple[str, ...]
) -> None:
    (place.directory / "recon.yml").write_text(
        (place.directory / "recon.yml").read_text() + "confirm: {cycles: none}\n", encoding="utf-8"
    )
    said = place.command(*command)

    assert said.code == 2
    assert [name for name in (*KEYS, "confirm.cycles") if name not in said.err] == []


def test_command_on_the_state_refuses_every_other_error_still(place: Office) -> None:
    (place.directory / "recon.yml").write_text("bots: {a: {ledger: {type: file}}}\n", encoding="utf-8")

    assert place.command("breaks", "list").code == 2
