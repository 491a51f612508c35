"""`print-config` shows every effective value and where it came from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from recon_exporter.commands import print_config
from recon_exporter.settings.overrides import Overrides
from support.workspace import ACCOUNT_MAP, RECON, SMALLEST, THRESHOLDS, Workspace, workspace

if TYPE_CHECKING:
    from pathlib import Path

Capture = pytest.CaptureFixture[str]
ENVIRONMENT = {
    "RECON_INVENTORY_DRIFT_WARN": "0.3",
    "RECON_INTERVAL_SEC": "90",
    "RECON_ALERT_WEBHOOK_URL": "https://hooks.example.org/T0/hunter2",
    "BOT1_BITGET_API_KEY": "hunter2",
    "BOT1_BITGET_SECRET": "hunter2",
    "BOT1_BITGET_PASSPHRASE": "hunter2",
}


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    made = workspace(tmp_path, f"{SMALLEST}reports: {{retention: 7d}}")
    made.write(
        THRESHOLDS, {"version": 1, "defaults": {"fee_drop_warn": 0.01}, "bots": {"bot1": {"inventory_warn": 0.4}}}
    )
    account = {"exchange": "bitget", "credential_prefix": "BOT1", "account_mode": "probe"}
    made.write(ACCOUNT_MAP, {"version": 1, "bots": {"bot1": account}})
    return made


def printed(place: Workspace, capsys: Capture, *, as_json: bool) -> str:
    code = print_config.run(Overrides(log_level="debug"), ENVIRONMENT, place.directory, as_json=as_json)

    assert code == 0
    return capsys.readouterr().out


def rows(text: str) -> dict[str, list[str]]:
    """The columns of each line, by the first."""
    return {columns[0]: columns[1:] for line in text.splitlines() if (columns := line.split())}


def test_each_value_is_shown_with_its_origin(place: Workspace, capsys: Capture) -> None:
    shown = rows(printed(place, capsys, as_json=False))

    assert shown["log.level"] == ["debug", "flag", "--log.level"]
    assert shown["schedule.cycle"] == ["90s", "environment", "RECON_INTERVAL_SEC"]
    assert shown["reports.retention"] == ["7d", "file", str(place.directory / RECON)]
    assert shown["webhook.repeat"] == ["4h", "builtin"]


def test_thresholds_of_each_bot_are_shown_with_their_origin(place: Workspace, capsys: Capture) -> None:
    shown = rows(printed(place, capsys, as_json=False))

    assert shown["bot1.inventory_warn"] == ["0.4", "bot"]
    assert shown["*.inventory_warn"] == ["0.3", "environment"]
    assert shown["*.fee_drop_warn"] == ["0.01", "defaults"]
    assert shown["*.inventory_critical"] == ["0.45", "builtin"]
    assert shown["bot1.enabled"] == ["true", "builtin"]


def test_json_holds_the_same(place: Workspace, capsys: Capture) -> None:
    document: dict[str, Any] = json.loads(printed(place, capsys, as_json=True))

    assert document["values"]["schedule.cycle"] == {
        "value": "90s",
        "origin": "environment",
        "source": "RECON_INTERVAL_SEC",
    }
    assert document["thresholds"]["bot1"]["inventory_warn"] == {"value": "0.4", "origin": "bot"}
    assert document["accounts"]["bot1"] == {"exchange": "bitget", "credential_prefix": "BOT1", "account_mode": "probe"}
    assert document["files"]["thresholds"]["path"] == str(place.directory / THRESHOLDS)
    assert document["credentials"] == ["BOT1_BITGET"]


@pytest.mark.parametrize("as_json", [False, True])
def test_secrets_are_masked(place: Workspace, capsys: Capture, *, as_json: bool) -> None:
    text = printed(place, capsys, as_json=as_json)

    assert "hunter2" not in text
    assert "https://hooks.example.org/***" in text


def test_configuration_that_is_refused_is_not_printed(place: Workspace, capsys: Capture) -> None:
    place.write(RECON, "fleets: null")

    assert print_config.run(Overrides(), {}, place.directory, as_json=False) == 2
    assert "fleets: found null, expected an object" in capsys.readouterr().err


RUNS = """
fleets: {hbot: {type: hbot}}
bots:
  swing:
    ledger:
      type: sql
      url: postgresql://u:hunter2@db/book
      positions: |
        SELECT symbol
        FROM positions
    venue: {type: file, positions: v.csv}
    eod: {at: "16:15", timezone: America/New_York, days: mon-fri}
  idle:
    ledger: {type: file, positions: a.csv}
    venue: {type: file, positions: v.csv}
"""


def test_end_of_day_runs_are_shown_and_bots_without_them_counted(place: Workspace, capsys: Capture) -> None:
    place.write(RECON, RUNS)
    text = printed(place, capsys, as_json=False)
    shown = rows(text.partition("# end-of-day runs")[2])

    assert "# end-of-day runs (1 scheduled, 2 not; * is every bot of the fleet)" in text
    assert shown["swing"] == ["sql", "file", "16:15", "America/New_York", "mon-fri"]
    assert shown["idle"] == ["file", "file", "not", "scheduled"]
    assert shown["hbot.*"] == ["hbot", "none", "not", "scheduled"]


def test_query_over_several_lines_is_shown_in_one_and_its_address_masked(place: Workspace, capsys: Capture) -> None:
    place.write(RECON, RUNS)
    shown = rows(printed(place, capsys, as_json=False))

    assert shown["bots.swing.ledger.positions"][:4] == ["SELECT", "symbol", "FROM", "positions"]
    assert shown["bots.swing.ledger.url"][0] == "postgresql://***@db/book"


def test_json_holds_the_end_of_day_runs(place: Workspace, capsys: Capture) -> None:
    place.write(RECON, RUNS)
    document = json.loads(printed(place, capsys, as_json=True))

    assert document["end_of_day"]["swing"] == {
        "ledger": "sql",
        "venue": "file",
        "run": "16:15 America/New_York mon-fri",
    }
    assert document["end_of_day"]["idle"]["run"] == "not scheduled"
