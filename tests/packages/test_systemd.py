"""The unit of systemd, and the service that it starts: ready, alive and stopping are told to a real socket."""

from __future__ import annotations

import configparser
import re
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from packages.files import CONFIG
from packages.running import environment, prepared
from recon_exporter.serving import BEAT
from recon_exporter.settings.environment import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UNIT = CONFIG / "systemd" / "recon-exporter.service"
MOST_EXPOSED = 20
"""In tenths: what `systemd-analyze security` may count at most."""


class Unit(configparser.RawConfigParser):
    """A unit file, of repeated keys the last."""

    def __init__(self) -> None:
        super().__init__(strict=False, delimiters=("=",), comment_prefixes=("#",))

    def optionxform(self, optionstr: str) -> str:
        return optionstr


@pytest.fixture(scope="module")
def service() -> configparser.SectionProxy:
    unit = Unit()
    unit.read(UNIT)
    return unit["Service"]


def test_manager_is_told_and_its_watchdog_waits_for_more_than_two_signs(service: configparser.SectionProxy) -> None:
    assert service["Type"] == "notify"
    assert service["NotifyAccess"] == "main"
    assert float(service["WatchdogSec"].removesuffix("s")) > 2 * BEAT.total_seconds()
    assert service["Restart"] == "always"


def test_service_is_nobody_with_a_folder_of_its_own(service: configparser.SectionProxy) -> None:
    assert service["DynamicUser"] == "yes"
    assert service["PrivateTmp"] == "yes"
    assert service["WorkingDirectory"] == f"%S/{service['StateDirectory']}"


def test_commands_at_its_head_find_their_files_in_one_folder() -> None:
    named = re.findall(r"\bconfig/\S+", UNIT.read_text())

    assert {file.name for name in named for file in CONFIG.parent.glob(name)} == {
        *(UNIT.name, "recon.yml"),
        *("exchange_account_map.json", "reconciliation_thresholds.json"),
    }
    assert all(list(CONFIG.parent.glob(name)) for name in named)
    assert "pip install ." in UNIT.read_text()


def test_variables_of_the_unit_do_something() -> None:
    names = set(re.findall(r"^Environment=(\w+)=", UNIT.read_text(), re.MULTILINE))

    assert names == {"RECON_THRESHOLDS_PATH", "EXCHANGE_ACCOUNT_MAP_PATH"}
    assert names <= {variable.name for variable in VARIABLES}


@pytest.mark.needs_program("systemd-analyze")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/opt/recon-exporter/bin/recon-exporter", sys.executable))

    result = subprocess.run(["systemd-analyze", "verify", str(copy)], check=False, capture_output=True, text=True)

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.needs_program("systemd-analyze")
def test_service_is_exposed_to_little() -> None:
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(UNIT)]

    result = subprocess.run(command, check=False, capture_output=True, text=True)

    assert result.returncode == 0, result.stdout


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(120)
        yield manager


def test_service_tells_that_it_is_ready_alive_and_stopping(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "hbot")
    command = [sys.executable, "-m", "recon_exporter", "serve"]
    with listening(tmp_path / "notify") as manager:
        variables = environment(NOTIFY_SOCKET=str(tmp_path / "notify"))
        with subprocess.Popen(command, cwd=folder, env=variables, stderr=subprocess.DEVNULL) as process:
            first = {manager.recv(100), manager.recv(100)}
            process.terminate()
            later = [manager.recv(100)]
            while later[-1] == b"WATCHDOG=1":
                later.append(manager.recv(100))
            code = process.wait(timeout=60)

    assert first == {b"READY=1", b"WATCHDOG=1"}
    assert later[-1] == b"STOPPING=1"
    assert code == 0


def test_manager_hears_nothing_of_a_service_that_cannot_start(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "hbot")
    (folder / "config" / "recon.yml").write_text("nonsense: 1\n")
    command = [sys.executable, "-m", "recon_exporter", "serve"]
    with listening(tmp_path / "notify") as manager:
        variables = environment(NOTIFY_SOCKET=str(tmp_path / "notify"))
        result = subprocess.run(command, cwd=folder, env=variables, check=False, capture_output=True)

        manager.setblocking(False)  # noqa: FBT003  # the standard library's own signature
        with pytest.raises(BlockingIOError):
            manager.recv(100)
    assert result.returncode == 2
