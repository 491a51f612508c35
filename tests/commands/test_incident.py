"""The incident log as a person on call writes it: an owner, a time of remedy, nothing lost between two writers."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter.commands.incident import (
    Told,
    list_incidents,
    open_incident,
    run_list,
    run_open,
    run_update,
    update_incident,
)
from recon_exporter.domain.incident import HEADER, entries_of
from recon_exporter.settings.overrides import Overrides
from support.evidence import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from support.eod_commands import Office

HOUR = timedelta(hours=1)
DRIFT = Told("drift of bot1", "alice", "4h", "bot1", "reports/reconciliation/latest.json")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "docs" / "ops" / "incidents.md"


def listed(log: Path, capsys: pytest.CaptureFixture[str], *, closed: bool = False) -> list[dict[str, object]]:
    capsys.readouterr()
    assert list_incidents(log, NOW, closed=closed, as_json=True) == 0
    incidents = json.loads(capsys.readouterr().out)
    assert isinstance(incidents, list)
    return incidents


def test_first_incident_makes_the_log_with_its_header(log: Path) -> None:
    assert open_incident(log, NOW, DRIFT) == 0

    assert log.read_text() == (
        f"{HEADER}- 2026-03-06T12:00:00.000000+00:00 - INC-1 open: drift of bot1; owner=alice; "
        "eta=2026-03-06T16:00:00.000000+00:00; bot=bot1; evidence=reports/reconciliation/latest.json\n"
    )


def test_what_is_there_is_only_ever_added_to(log: Path) -> None:
    open_incident(log, NOW, DRIFT)
    before = log.read_text()
    update_incident(log, NOW + HOUR, "INC-1", Told("cause found"), close=False)

    assert log.read_text().startswith(before)


def test_log_that_persons_began_is_kept(log: Path) -> None:
    log.parent.mkdir(parents=True)
    log.write_text("# Our incidents\n\n- 2026-02-01 - by hand, without line feed")
    open_incident(log, NOW, DRIFT)

    lines = log.read_text().splitlines()
    assert lines[:3] == ["# Our incidents", "", "- 2026-02-01 - by hand, without line feed"]
    assert lines[3].startswith("- 2026-03-06T12:00:00.000000+00:00 - INC-1 open")


def test_list_reads_back_what_was_written(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    open_incident(log, NOW, DRIFT)
    update_incident(log, NOW + HOUR, "inc-1", Told("cause\nfound", eta="2026-03-06T18:00+01:00"), close=False)

    assert listed(log, capsys) == [
        {
            "id": "INC-1",
            "is_open": True,
            "opened_at": "2026-03-06T12:00:00.000000+00:00",
            "changed_at": "2026-03-06T13:00:00.000000+00:00",
            "summary": "drift of bot1",
            "latest": "cause\nfound",
            "owner": "alice",
            "eta": "2026-03-06T17:00:00.000000+00:00",
            "bot": "bot1",
            "evidence": ["reports/reconciliation/latest.json"],
        }
    ]


def test_closed_incidents_are_listed_only_when_asked_for(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    open_incident(log, NOW, DRIFT)
    open_incident(log, NOW, Told("another", "bob", "1h"))
    update_incident(log, NOW, "1", Told("fixed"), close=True)

    assert [incident["id"] for incident in listed(log, capsys)] == ["INC-2"]
    assert [incident["id"] for incident in listed(log, capsys, closed=True)] == ["INC-1", "INC-2"]


def test_list_for_persons_shows_what_is_overdue(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    open_incident(log, NOW, DRIFT)
    list_incidents(log, NOW + 5 * HOUR, closed=False, as_json=False)

    line = capsys.readouterr().out.splitlines()[-1]
    assert "INC-1  open" in line
    assert "owner=alice" in line
    assert "eta=2026-03-06 16:00 (overdue)" in line


def test_no_log_means_no_incident(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(log, capsys) == []
    assert list_incidents(log, NOW, closed=False, as_json=False) == 0
    assert "no open incident" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (Told("text", owner="", eta="4h"), "--owner and --eta"),
        (Told("text", owner="alice"), "--owner and --eta"),
        (Told("  ", "alice", "4h"), "no text"),
        (Told("text", "alice", "tomorrow"), "expected a span such as 4h"),
        (Told("text", "alice", "2026-03-06T16:00:00"), "expected a span such as 4h"),
        (Told("text", "alice", "2026-03-06T11:00:00Z"), "not in the future"),
    ],
)
def test_incident_without_owner_or_time_is_refused(
    log: Path, told: Told, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert open_incident(log, NOW, told) == 2
    assert why in capsys.readouterr().err
    assert not log.exists() or log.read_text() == ""


@pytest.mark.parametrize(("number", "why"), [("INC-7", "no incident"), ("x", "no incident"), ("1", "is closed")])
def test_only_an_open_incident_can_be_updated(
    log: Path, number: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    open_incident(log, NOW, DRIFT)
    update_incident(log, NOW, "1", Told("fixed"), close=True)
    before = log.read_text()

    assert update_incident(log, NOW, number, Told("more"), close=False) == 2
    assert why in capsys.readouterr().err
    assert log.read_text() == before


def test_log_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "taken").write_text("a file")

    assert open_incident(tmp_path / "taken" / "incidents.md", NOW, DRIFT) == 2
    assert "incidents.md" in capsys.readouterr().err


def test_log_that_is_no_text_is_named(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.parent.mkdir(parents=True)
    log.write_bytes(b"\xff\xfe\x00")

    assert open_incident(log, NOW, DRIFT) == 2
    assert list_incidents(log, NOW, closed=False, as_json=False) == 2
    assert capsys.readouterr().err.count("incidents.md") == 2


def test_writers_at_the_same_time_lose_nothing_and_share_no_number(log: Path) -> None:
    program = (
        "import sys; from datetime import datetime, UTC; from pathlib import Path\n"
        "from recon_exporter.commands.incident import Told, open_incident\n"
        "for index in range(20):\n"
        "    told = Told(f'{sys.argv[2]} {index}', 'alice', '4h')\n"
        "    open_incident(Path(sys.argv[1]), datetime(2026, 3, 6, tzinfo=UTC), told)"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", program, log, name], stdout=subprocess.DEVNULL)
        for name in ("one", "two", "three")
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]

    entries = list(entries_of(log.read_text()))
    assert [entry.number for entry in entries] == list(range(1, 61))
    assert len({entry.text for entry in entries}) == 60
    assert log.read_text().count(HEADER) == 1


def test_configured_log_is_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environment = {"HB_DATA_ROOT": str(tmp_path / "data")}

    assert run_open(Overrides(), environment, tmp_path, DRIFT) == 0
    assert run_update(Overrides(), environment, tmp_path, "INC-1", Told("fixed"), close=True) == 0
    assert run_list(Overrides(), environment, tmp_path, closed=True, as_json=False) == 0

    assert (tmp_path / "docs" / "ops" / "incidents.md").is_file()
    assert "INC-1  closed" in capsys.readouterr().out


def test_unusable_configuration_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_open(Overrides(config_file="missing.yml"), {}, tmp_path, DRIFT) == 2
    assert "missing.yml" in capsys.readouterr().err


# Beside the audit log.


def test_each_line_is_an_entry_of_the_audit_log_by_the_owner(desk: Office) -> None:
    opened = Told("drift of bot1", "alice", "2199-03-06T16:00Z", "bot1", "reports/latest.json")
    run_open(desk.overrides, {}, desk.directory, opened)
    run_update(desk.overrides, {}, desk.directory, "INC-1", Told("cause found"), close=False)
    run_update(desk.overrides, {}, desk.directory, "INC-1", Told("fixed", owner="bob"), close=True)
    entries = desk.acts()

    assert [(entry.actor, entry.action, entry.subject, entry.reason) for entry in entries] == [
        ("alice", "incident_opened", "INC-1", "drift of bot1"),
        ("alice", "incident_updated", "INC-1", "cause found"),
        ("bob", "incident_closed", "INC-1", "fixed"),
    ]
    assert json.loads(entries[0].details) == {
        "eta": "2199-03-06T16:00:00.000000+00:00",
        "bot": "bot1",
        "evidence": "reports/latest.json",
    }
    assert desk.state.verify_audit()[1] is None


def test_refused_line_is_no_entry_of_the_audit_log(desk: Office) -> None:
    assert run_update(desk.overrides, {}, desk.directory, "INC-1", Told("more"), close=False) == 2
    assert desk.acts() == []


def test_incident_is_written_down_also_where_the_state_cannot_be(
    desk: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.state.close()
    (desk.directory / "recon.db").write_text("no database at all " * 100)

    assert run_open(desk.overrides, {}, desk.directory, DRIFT) == 0
    told = capsys.readouterr()
    assert "INC-1 open" in told.out
    assert "written down, but not in the audit log: " in told.err
    assert "recon.db: file is not a database" in told.err
