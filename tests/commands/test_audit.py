"""The audit log is shown and exported line by line, verified, and takes what persons corrected."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, text, update

from recon_exporter.commands import audit
from recon_exporter.commands.audit import Correction
from recon_exporter.ports import AuditAct
from recon_exporter.settings.overrides import Overrides
from recon_exporter.state.tables import AUDIT_LOG
from support.positions import make_break

if TYPE_CHECKING:
    from support.eod_commands import Office, Said

MISMATCH = make_break()
ACTS = (
    AuditAct("eod", "run_completed", "swing-us", "1 breaks remaining"),
    AuditAct(
        "alice", "correction_made", "0123456789", 'booked the "missed" fill – by hand\nat noon', '{"pnl": -12.50}'
    ),
    AuditAct("bob", "halt_cleared", "swing-us", "corrected"),
)


def lines(said: Said) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.out.splitlines()]


# Showing and exporting.


def test_empty_log_shows_nothing(desk: Office) -> None:
    assert (desk.command("audit", "show").code, desk.command("audit", "show", "--json").out) == (0, "")


def test_each_entry_is_one_line_also_where_a_reason_has_several(desk: Office) -> None:
    desk.write(*ACTS)
    said = desk.command("audit", "show")

    assert said.code == 0
    assert said.out.splitlines() == [
        "1  2026-03-06T21:15:00Z  eod  run_completed  swing-us  1 breaks remaining",
        '2  2026-03-06T21:15:00Z  alice  correction_made  0123456789  booked the "missed" fill – by hand at noon',
        "3  2026-03-06T21:15:00Z  bob  halt_cleared  swing-us  corrected",
    ]


def test_export_is_one_json_object_a_line_with_what_chains_it(desk: Office) -> None:
    desk.write(*ACTS)
    first, second, third = lines(desk.command("audit", "show", "--json"))

    assert first == {
        "sequence": 1,
        "at": "2026-03-06T21:15:00.000000+00:00",
        "actor": "eod",
        "action": "run_completed",
        "subject": "swing-us",
        "reason": "1 breaks remaining",
        "details": "{}",
        "previous": "0" * 64,
        "digest": first["digest"],
    }
    assert (second["previous"], third["previous"]) == (first["digest"], second["digest"])


def recipe() -> str:
    """The program in the documentation that verifies an export."""
    page = Path(__file__).parents[2] / "docs" / "audit-log.md"
    match = re.search(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert match is not None
    return match[1]


def verified(export: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", recipe()], input=export, capture_output=True, text=True, check=False, encoding="utf-8"
    )


def test_export_can_be_verified_without_us_as_documented(desk: Office) -> None:
    desk.write(*ACTS)
    done = verified(desk.command("audit", "show", "--json").out)

    assert (done.returncode, done.stdout) == (0, f"{desk.state.audit_head().digest[:12]} is the head\n")


@pytest.mark.parametrize(
    ("found", "forged"), [("halt_cleared", "halt_raised"), ("-12.5", "-12.6"), ("21:15:00.000000", "21:15:00.000001")]
)
def test_export_that_was_edited_is_found_as_documented(desk: Office, found: str, forged: str) -> None:
    desk.write(*ACTS)
    export = desk.command("audit", "show", "--json").out
    assert found in export
    done = verified(export.replace(found, forged, 1))

    assert done.returncode == 1
    assert "does not fit" in done.stderr


def test_export_without_one_of_its_lines_is_found_as_documented(desk: Office) -> None:
    desk.write(*ACTS)
    first, _, third = desk.command("audit", "show", "--json").out.splitlines(keepends=True)

    assert verified(first + third).returncode == 1


def test_export_keeps_the_number_of_an_entry_behind_a_deleted_one(desk: Office) -> None:
    desk.write(*ACTS)
    tamper(desk, delete(AUDIT_LOG).where(AUDIT_LOG.c.sequence == 2))

    assert [entry["sequence"] for entry in lines(desk.command("audit", "show", "--json"))] == [1, 3]


def test_entry_that_cannot_be_read_is_told_and_not_passed_over(desk: Office) -> None:
    desk.write(*ACTS)
    tamper(desk, text("UPDATE audit_log SET at = 'yesterday' WHERE sequence = 2"))
    said = desk.command("audit", "show")

    assert said.code == 2
    assert "the entry of the audit log behind number 1 cannot be read" in said.err


# Verifying.


def tamper(desk: Office, statement: Any) -> None:  # noqa: ANN401  # any statement that changes rows
    with desk.state._database.transaction(writing=True) as connection:
        connection.execute(statement)


@pytest.mark.parametrize("count", [0, 3])
def test_chain_that_holds_is_told_with_its_length_and_head(desk: Office, count: int) -> None:
    desk.write(*ACTS[:count])
    said = desk.command("audit", "verify")
    head = desk.state.audit_head()

    assert (said.code, said.out) == (0, f"the audit chain holds: {count} entries, head {head.digest[:12]}\n")


def test_edited_entry_breaks_the_chain(desk: Office) -> None:
    desk.write(*ACTS)
    tamper(desk, update(AUDIT_LOG).where(AUDIT_LOG.c.sequence == 2).values(reason="nothing happened"))
    said = desk.command("audit", "verify")

    assert (said.code, said.out, said.err) == (1, "", "the audit chain is BROKEN at entry 2\n")


def test_deleted_entry_breaks_the_chain(desk: Office) -> None:
    desk.write(*ACTS)
    tamper(desk, delete(AUDIT_LOG).where(AUDIT_LOG.c.sequence == 3))

    assert desk.command("audit", "verify").code == 1


# Corrections that persons made.


def add(desk: Office, *more: str, subject: str = MISMATCH.identifier, by: str = "alice", what: str = "booked") -> Said:
    return desk.command("audit", "add", "--break", subject, "--by", by, "--what", what, *more)


def test_correction_is_one_entry_about_the_break(desk: Office) -> None:
    desk.run_left([MISMATCH])
    said = add(desk, "--pnl", "-12.50", by=" alice ", what=" booked the missed fill ")
    (entry,) = desk.acts()

    assert (said.code, said.out) == (0, f"{MISMATCH.identifier}: correction written down\n")
    assert (entry.actor, entry.action, entry.subject) == ("alice", "correction_made", MISMATCH.identifier)
    assert (entry.reason, entry.details) == ("booked the missed fill", '{\n"pnl": -12.5\n}')
    assert desk.only() == MISMATCH
    assert desk.command("audit", "verify").code == 0


def test_effect_on_pnl_keeps_all_its_digits(desk: Office) -> None:
    desk.run_left([MISMATCH])
    add(desk, "--pnl", "0.12345678901234567891")
    (entry,) = lines(desk.command("audit", "show", "--json"))

    assert "0.12345678901234567891" in entry["details"]


def test_correction_without_an_effect_says_nothing_of_it(desk: Office) -> None:
    desk.run_left([MISMATCH])
    add(desk)

    assert [entry.details for entry in desk.acts()] == ["{}"]


def test_correction_names_the_whole_id_where_its_beginning_was_given(desk: Office) -> None:
    desk.run_left([MISMATCH])

    assert add(desk, subject=MISMATCH.identifier[:5]).code == 0
    assert desk.acts()[0].subject == MISMATCH.identifier


@pytest.mark.parametrize("subject", ["feedface00", " "])
def test_correction_of_a_break_that_is_not_there_is_refused(desk: Office, subject: str) -> None:
    desk.run_left([MISMATCH])
    said = add(desk, subject=subject)

    assert said.code == 2
    assert said.err.startswith("audit: ")
    assert desk.acts() == []


@pytest.mark.parametrize("pnl", ["much", "NaN", "inf", "1_000", " "])
def test_effect_that_is_no_number_is_refused(desk: Office, pnl: str) -> None:
    desk.run_left([MISMATCH])
    said = add(desk, "--pnl", pnl)

    assert said.code == 2
    assert f"--pnl {pnl!r} is not a" in said.err
    assert desk.acts() == []


@pytest.mark.parametrize(("by", "what"), [("", "booked"), (" ", "booked"), ("alice", ""), ("alice", "\n")])
def test_correction_needs_a_name_and_what_was_done(desk: Office, by: str, what: str) -> None:
    desk.run_left([MISMATCH])
    said = add(desk, by=by, what=what)

    assert (said.code, said.err) == (2, "audit: --by and --what must say something\n")
    assert desk.acts() == []


# The functions behind the command line.


def test_functions_give_the_exit_codes(desk: Office) -> None:
    desk.run_left([MISMATCH])
    overrides, directory = desk.overrides, desk.directory

    assert audit.run_add(overrides, {}, directory, Correction(MISMATCH.identifier, "alice", "booked", "1")) == 0
    assert audit.run_add(overrides, {}, directory, Correction("feedface00", "alice", "booked")) == 2
    assert audit.run_show(overrides, {}, directory, as_json=True) == 0
    assert audit.run_verify(overrides, {}, directory) == 0
    tamper(desk, delete(AUDIT_LOG))
    assert audit.run_verify(overrides, {}, directory) == 1


def test_unusable_configuration_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.run_verify(Overrides(config_file="missing.yml"), {}, tmp_path) == 2
    assert "audit: " in capsys.readouterr().err
