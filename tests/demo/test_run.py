"""`recon-exporter demo` as a process: it shows what it promises, and leaves nothing running behind."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest
import requests

from demo.showing import INTRODUCED, PROBED, all_are_ok, demonstration, metrics
from end_to_end.world import COMMAND, environment, until
from recon_exporter.demo.programs import free_port

FLEET = ("bot1", "bot2", "bot3", "bot4")
MISSING = 'recon_finding{bot="perp-mm",check="fills",code="fill_missing_in_ledger",severity="critical"} 1.0'


def processes_of(folder: Path) -> list[str]:
    """The command lines that name the folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line:
            found.append(line)
    return found


def refused(*arguments: str) -> str:
    """What is said where it cannot run as asked."""
    result = subprocess.run(
        [*COMMAND, "demo", *arguments], env=environment(), check=False, capture_output=True, text=True, timeout=30
    )
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    return result.stderr


@pytest.mark.needs_program("prometheus", "prometheus-alertmanager")
def test_it_shows_a_fleet_watched_by_the_real_programs_until_it_is_interrupted(tmp_path: Path) -> None:
    with demonstration(tmp_path, "--speed=20") as shown:
        until(lambda: all_are_ok(shown), "all bots are ok before the first incident is seen")
        assert "bot1" in requests.get(f"{shown.url}/", timeout=5).text
        snapshot = json.loads((shown.folder / "reports/exchange_snapshots/latest.json").read_text())
        assert {bot: entry["account_probe_status"] for bot, entry in snapshot["bots"].items()} == PROBED
        assert snapshot["mode"] == "bitget_ccxt_private"
        until((shown.folder / "reports/reconciliation/latest.json").exists, "a report")
        until(lambda: "incident  bot4 buys far beyond its target" in shown.text(), "the first incident")
        prometheus = shown.prometheus()
        query = {"query": 'up{job="recon-exporter"} == 1'}
        until(
            lambda: bool(requests.get(f"{prometheus}/api/v1/query", params=query, timeout=5).json()["data"]["result"]),
            "Prometheus scrapes the exporter",
        )
        assert len(processes_of(shown.folder)) == 3
        until(lambda: "eod       Breaks remaining: 1" in shown.text(), "the end-of-day run finds the missed sale")
        until(lambda: MISSING in metrics(shown), "the lost fill is found")
        until(lambda: "perp-mm: the venue executed buy 0.011 at 68000" in shown.text(), "the lost fill is named")
        until(lambda: "it ends   perp-mm" in shown.text(), "the fill is written down", 90)
        until(lambda: MISSING not in metrics(shown), "the lost fill is there again")

        began = time.monotonic()
        assert shown.end(signal.SIGINT) == 0
        assert time.monotonic() - began < 10
        assert processes_of(shown.folder) == []
        assert "Traceback" not in shown.text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_it_runs_without_the_programs_where_they_are_not_installed(tmp_path: Path, number: signal.Signals) -> None:
    with demonstration(tmp_path, PATH=str(tmp_path)) as shown:
        assert shown.text().count("not installed") == 2
        until(lambda: all_are_ok(shown), "the fleet is reconciled")

        assert shown.end(number) == 0
        assert "Traceback" not in shown.text()


@pytest.mark.needs_program("prometheus", "prometheus-alertmanager", "setpriv")
def test_its_programs_end_where_it_is_killed(tmp_path: Path) -> None:
    with demonstration(tmp_path) as shown:
        assert len(processes_of(shown.folder)) == 3

        shown.end(signal.SIGKILL)
        until(lambda: processes_of(shown.folder) == [], "nothing is left running")


def test_its_temporary_folder_goes_with_it(tmp_path: Path) -> None:
    variables = environment(PATH=str(tmp_path), TMPDIR=str(tmp_path))
    address = f"--web.listen-address=127.0.0.1:{free_port()}"
    with subprocess.Popen([*COMMAND, "demo", address], env=variables, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any(INTRODUCED in line for line in process.stdout)
        (folder,) = tmp_path.iterdir()
        assert json.loads((folder / "config" / "exchange_account_map.json").read_text())["bots"].keys() == set(FLEET)

        process.terminate()
        process.communicate(timeout=10)

    assert process.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_a_taken_address_is_refused_with_a_way_out(tmp_path: Path) -> None:
    with demonstration(tmp_path, PATH=str(tmp_path)) as shown:
        address = shown.url.removeprefix("http://")
        said = refused(f"--web.listen-address={address}")

    assert address in said
    assert "--web.listen-address" in said


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")

    assert f"--directory {tmp_path}" in refused(f"--directory={tmp_path}")
    assert (tmp_path / "mine").exists()


def test_a_configuration_of_ones_own_is_refused() -> None:
    assert "--config.file" in refused("--config.file=recon.yml")
