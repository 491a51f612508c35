"""`check-config` prints every error, or that the configuration is valid and what to know about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from recon_exporter.commands import check_config
from recon_exporter.settings.overrides import Overrides
from support.workspace import RECON, SMALLEST, THRESHOLDS, Workspace, workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The working directory, so that what is printed has relative paths."""
    monkeypatch.chdir(tmp_path)
    return workspace(Path())


def check(environment: Mapping[str, str] | None = None, *, online: bool = False) -> int:
    return check_config.run(Overrides(), environment or {}, Path(), online=online)


def test_every_error_is_printed_with_file_path_value_and_expectation(place: Workspace, capsys: Capture) -> None:
    place.write(RECON, f"{SMALLEST}schedule: {{cycle: never}}\npolicy: {{four_eyes: ture}}")
    place.write(THRESHOLDS, {"version": 1, "defaults": {"enabled": "ture"}})

    assert check({"RECON_ALERT_MIN_SEVERITY": "warn"}) == 2
    assert capsys.readouterr().err.splitlines() == [
        'config/recon.yml:2: schedule.cycle: found "never", expected a duration such as 300, 300s, 5m, 24h or 30d',
        'config/recon.yml:3: policy.four_eyes: found "ture", expected true or false',
        "environment: RECON_ALERT_MIN_SEVERITY: found warn, expected warning or critical",
        'config/reconciliation_thresholds.json:1: defaults.enabled: found "ture", expected true or false',
        "the configuration is refused: 4 errors",
    ]


def test_valid_configuration_is_said_with_notices_and_warnings(place: Workspace, capsys: Capture) -> None:
    place.write(RECON, f"{SMALLEST}schedule: {{cycle: 5s}}")
    place.write(THRESHOLDS, {"version": 1, "bots": {"bot1": {"inventory_warn": 0.4}}})

    assert check({"RECON_INVENTORY_DRIFT_WARN": "0.3"}) == 0
    assert capsys.readouterr().out.splitlines() == [
        "configuration is valid",
        "notice: config/exchange_account_map.json is absent: no bot has an account",
        "warning: schedule.cycle is 5s: below 30s is short for what a cycle reads",
        "warning: web.external_url is http://127.0.0.1:9811: links in pages work on this machine only",
        (
            "warning: RECON_INVENTORY_DRIFT_WARN=0.3 does not act on bot1: "
            "config/reconciliation_thresholds.json has inventory_warn for it"
        ),
    ]


def test_online_says_what_can_be_read_now(place: Workspace, capsys: Capture) -> None:
    place.write("data/bot1/logs/epp_v24/a/minute.csv", "")
    place.write("reports/event_store/events_20260224.jsonl", "")
    place.write("reports/exchange_snapshots/latest.json", {"ts_utc": "2026-02-24T12:00:00+00:00", "bots": {"bot1": {}}})

    assert check({"RECON_EXCHANGE_SOURCE_ENABLED": "true"}, online=True) == 0
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("hbot:")] == [
        "hbot: data root data: reachable, 1 bot found",
        "hbot: event store reports/event_store: reachable, latest file events_20260224.jsonl",
        (
            "hbot: exchange snapshot reports/exchange_snapshots/latest.json: "
            "reachable, 1 bot, taken 2026-02-24T12:00:00+00:00"
        ),
    ]


@pytest.mark.parametrize(
    ("snapshot", "said"),
    [(None, "NOT reachable, No such file or directory"), ("{", "NOT readable as an exchange snapshot")],
)
def test_online_says_what_cannot_be_read_and_the_configuration_stays_valid(
    place: Workspace, capsys: Capture, snapshot: str | None, said: str
) -> None:
    if snapshot is not None:
        place.write("reports/exchange_snapshots/latest.json", snapshot)

    assert check({"RECON_EXCHANGE_SOURCE_ENABLED": "true"}, online=True) == 0
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("hbot:")] == [
        "hbot: data root data: NOT reachable, no such folder",
        "hbot: event store reports/event_store: NOT reachable, no file events_<YYYYMMDD>.jsonl",
        f"hbot: exchange snapshot reports/exchange_snapshots/latest.json: {said}",
    ]


def test_online_says_where_another_alertmanager_is_named(place: Workspace, capsys: Capture) -> None:
    place.write(RECON, 'fleets: {hbot: {type: hbot}}\nalertmanager: {url: "http://127.0.0.1:9"}\n')

    assert check(online=True) == 0
    assert (
        "alertmanager http://127.0.0.1:9: NOT reachable, ConnectionError; nobody can be paged there, "
        "alertmanager.url names another"
    ) in capsys.readouterr().out


def test_online_says_that_the_snapshot_is_off(place: Workspace, capsys: Capture) -> None:
    assert place.load().fleets
    assert check(online=True) == 0
    assert "hbot: exchange snapshot: not enabled" in capsys.readouterr().out


def test_online_opens_both_books_of_each_bot(place: Workspace, capsys: Capture) -> None:
    place.write(
        RECON,
        """
fleets: {hbot: {type: hbot, eod: {at: "00:05"}}}
bots:
  a:
    ledger: {type: file, positions: a.csv, max_age: 36500d}
    venue: {type: file, positions: v.json}
  b:
    ledger: {type: sql, url: "sqlite:///absent.db", positions: SELECT 1}
    venue: {type: file, positions: v.csv}
    eod: {at: "16:15"}
""",
    )
    place.write("data/bot1/logs/epp_v24/a/minute.csv", "")
    place.write("a.csv", "# as_of: 2026-03-06T21:00:00Z\nsymbol,quantity\nAAPL,10\n")

    assert check(online=True) == 0
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("a: ", "b: ", "bot1: "))]
    assert said[0] == "a: ledger file: reachable, 1 position, as of 2026-03-06T21:00:00+00:00"
    assert [line.partition(",")[0] for line in said[1:]] == [
        "a: venue file: NOT readable",
        "b: ledger sql: NOT readable",
        "b: venue file: NOT readable",
        "bot1: ledger hbot: NOT readable",
        "bot1: venue none: NOT readable",
    ]
    assert "source_missing: " in said[1]
    assert not Path("absent.db").exists()


def test_online_leaves_bots_alone_that_only_cycles_compare(place: Workspace, capsys: Capture) -> None:
    place.write("data/bot1/logs/epp_v24/a/minute.csv", "")

    assert check(online=True) == 0
    assert "bot1: " not in capsys.readouterr().out


def test_web_configuration_is_checked_with_the_files_it_names(place: Workspace, capsys: Capture) -> None:
    place.write("web.yml", "tls_server_config: {cert_file: absent.pem, key_file: absent.key}\nnonsense: 1\n")
    place.write("other.yml", "tls_server_config: {cert_file: absent.pem, key_file: absent.key}\n")

    assert [check({"RECON_WEB_CONFIG_FILE": name}) for name in ("web.yml", "other.yml")] == [2, 2]
    assert capsys.readouterr().err.splitlines() == [
        (
            "web.yml:2: nonsense: found an unknown key, expected one of the keys "
            "tls_server_config, http_server_config, basic_auth_users"
        ),
        "the configuration is refused: 1 error",
        (
            'other.yml:1: tls_server_config.cert_file: found "absent.pem", '
            "expected a readable file (No such file or directory)"
        ),
        (
            'other.yml:1: tls_server_config.key_file: found "absent.key", '
            "expected a readable file (No such file or directory)"
        ),
        "the configuration is refused: 2 errors",
    ]
