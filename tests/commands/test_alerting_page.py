"""The commands of docs/alerting.md are typed as printed, one block after the other, in a folder with the bundle.

Of the lines nothing is changed but addresses, and the folder of `deadman`, which is root's.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
import yaml

from end_to_end.world import COMMAND, environment, until
from recon_exporter import bundle
from recon_exporter.demo.configuration import write_alertmanager_file
from recon_exporter.demo.programs import find, free_port, start_alertmanager
from support.receiver import receiving
from support.workspace import RECON, SMALLEST, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
PRINTED = "http://127.0.0.1:9093"
FILLED_IN = "sed -i 's/REPLACE/filled/' secrets.yml\n"
"""What the comment of the first line asks for."""


def block(section: str, page: str = "alerting.md", language: str = "bash") -> str:
    """The one block of this language in a section of a page."""
    _, _, after = (ROOT / "docs" / page).read_text().partition(f"# {section}\n")
    text = re.split(r"^##", after, maxsplit=1, flags=re.MULTILINE)[0]
    (content,) = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return str(content)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a reader stands: beside the bundle, with a small configuration."""
    (tmp_path / "alerts").symlink_to(bundle.part("alerts"))
    Workspace(tmp_path).write(RECON, SMALLEST)
    return tmp_path


def script_of(lines: str) -> str:
    return f'set -e\nrecon-exporter() {{ {shlex.join(COMMAND)} "$@"; }}\n{lines}'


def typed(lines: str, folder: Path, **variables: str) -> str:
    """What the lines print; fails where one of them does."""
    ran = subprocess.run(
        ["bash", "-c", script_of(lines)],
        cwd=folder,
        env=environment(**variables),
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.needs_program("amtool")
def test_receivers_take_the_place_of_the_placeholders(folder: Path) -> None:
    first, rest = block("Receivers").split("\n", 1)
    printed = typed(f"{first}\n{FILLED_IN}{rest}", folder)

    assert re.findall(r"^(pager|chat|mail|dead-mans-switch): ", printed, re.MULTILINE)
    assert " SUCCESS" in printed
    assert (folder / "alertmanager" / "alertmanager.yml").stat().st_mode & 0o777 == 0o600

    typed(block("Alertmanager from 0.26 on"), folder)

    files = {path.name for path in (folder / "alertmanager" / "secrets").iterdir()}
    assert "telegram_bot_token" in files
    assert "filled:WITH-TOKEN" not in (folder / "alertmanager" / "alertmanager.yml").read_text()


@pytest.mark.needs_program("prometheus-alertmanager")
def test_a_test_of_the_way_prints_what_stands_below_it(folder: Path) -> None:
    executable = find("Alertmanager")
    assert executable is not None
    with receiving() as receiver:
        base = receiver.url.removesuffix("/alert")
        file = write_alertmanager_file(folder, base, {"group_wait": "1s"})
        file.write_text(file.read_text().replace(f"{base}/dead-mans-switch", "http://127.0.0.1:19093/dead-mans-switch"))
        Workspace(folder).write(RECON, f"{SMALLEST}webhook: {{url: '{receiver.url}'}}\n")
        running = start_alertmanager(executable, file, folder)
        try:
            printed = typed(block("Does a page arrive?"), folder, RECON_ALERTMANAGER_URL=running.url)
        finally:
            running.stop()

    assert printed.replace(running.url, PRINTED) == block("Does a page arrive?", language="text")


def test_configuration_of_the_address_is_as_printed(folder: Path) -> None:
    printed = block("Does a page arrive?", language="yaml")
    Workspace(folder).write("secrets/alertmanager-password", "open sesame\n")
    Workspace(folder).write(RECON, SMALLEST + printed)

    settings = Workspace(folder).load()

    assert settings.alertmanager.url == yaml.safe_load(printed)["alertmanager"]["url"]


def test_dead_mans_switch_waits_as_printed(folder: Path) -> None:
    port = free_port()
    line = block("When Prometheus or Alertmanager is dead")
    changed = with_each(line, {":9812": f"127.0.0.1:{port}", "/var/lib": "lib", "/usr/local/bin/tell": "cat"})

    def answers() -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{port}/-/healthy", timeout=1).ok
        except requests.ConnectionError:
            return False

    ended = ended_when(answers, changed, folder)

    assert ended == 0
    assert (folder / "lib" / "recon-deadman" / "deadman.json").exists()


def with_each(line: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert line.count(old) == 1
        line = line.replace(old, new)
    return line


def ended_when(condition: Callable[[], bool], lines: str, folder: Path) -> int:
    """The exit code of what is started by the lines, and told to end as soon as the condition is there."""
    script = script_of(lines.replace("recon-exporter ", f"exec {shlex.join(COMMAND)} "))
    process = subprocess.Popen(["bash", "-c", script], cwd=folder, env=environment())
    try:
        until(condition, "it answers")
    finally:
        process.terminate()
        code = process.wait(30)
    return code


def test_bundle_is_written_out_with_the_addresses_of_the_reader(folder: Path) -> None:
    typed(block("Links", "deployment.md"), folder)

    assert "https://recon.example.org/runbooks/" in (folder / "bundle" / "alerts" / "recon.rules.yml").read_text()
    assert (folder / "bundle" / "runbooks" / "html" / "index.html").exists()
