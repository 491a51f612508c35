"""The exporter lives with what the image and the compose file leave it: three folders, a temporary one, no power."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from packages.files import CONFIG
from packages.running import environment, prepared, writable

if TYPE_CHECKING:
    from collections.abc import Iterator

DEADLINE = 120.0
OPEN, CLOSED, FILE = 0o777, 0o555, 0o444
# Root may write everywhere until it has no capability left, as in the container.
POWERLESS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"] if os.geteuid() == 0 else []
RECON = [*POWERLESS, sys.executable, "-m", "recon_exporter"]

pytestmark = pytest.mark.needs_program("setpriv")


@pytest.fixture
def folder() -> Iterator[Path]:
    """The working directory of the image, in which only what is mounted for it can be written."""
    root = Path(tempfile.mkdtemp(prefix="recon-package-"))
    hbot = prepared(root / "hbot")
    (root / "tmp").mkdir()
    for path in root.rglob("*"):
        path.chmod(CLOSED if path.is_dir() else FILE)
    for path in (*writable(hbot), root / "tmp"):
        path.chmod(OPEN)
    yield hbot
    for path in [root, *root.rglob("*")]:
        path.chmod(OPEN if path.is_dir() else FILE)
    shutil.rmtree(root)


@pytest.fixture
def variables(folder: Path) -> dict[str, str]:
    return environment(TMPDIR=str(folder.parent / "tmp"), RECON_INTERVAL_SEC="1", PYTHONDONTWRITEBYTECODE="1")


@pytest.fixture
def url(folder: Path, variables: dict[str, str]) -> Iterator[str]:
    """The address of the exporter that serves there, once it is ready."""
    log = folder.parent / "tmp" / "log"
    with (
        log.open("wb") as output,
        subprocess.Popen([*RECON, "serve"], cwd=folder, env=variables, stdout=output, stderr=output) as process,
    ):
        address = f"http://{variables['RECON_WEB_LISTEN_ADDRESS']}"
        try:
            wait_until_ready(address, process, log)
            yield address
        finally:
            process.terminate()
        assert process.wait(timeout=60) == 0, log.read_text()


def wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    ends_at = time.monotonic() + DEADLINE
    while True:
        try:
            if requests.get(f"{address}/-/ready", timeout=5).ok:
                return
        except requests.ConnectionError:
            assert process.poll() is None, log.read_text()
        assert time.monotonic() < ends_at, log.read_text()
        time.sleep(0.1)


def run(folder: Path, variables: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*RECON, *arguments], cwd=folder, env=variables, check=False, capture_output=True, text=True, timeout=60
    )


def test_exporter_is_healthy_finds_its_canaries_and_writes_to_its_volumes(
    folder: Path, variables: dict[str, str], url: str
) -> None:
    assert 'recon_canaries_missed{run="cycle"} 0.0' in requests.get(f"{url}/metrics", timeout=5).text
    assert run(folder, variables, "healthcheck").returncode == 0

    opened = run(folder, variables, "incident", "open", "--summary", "s", "--owner", "ann", "--eta", "4h")

    assert opened.returncode == 0, opened.stderr
    assert (folder / "docs" / "ops" / "incidents.md").is_file()
    assert (folder / ".state" / "recon.db").is_file()
    assert (folder / "reports" / "reconciliation" / "latest.json").is_file()


def test_nothing_else_can_be_written(folder: Path, variables: dict[str, str]) -> None:
    program = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text('x')"

    for name in ("file", "config/file", "data/file", "reports/event_store/file"):
        command = [*POWERLESS, sys.executable, "-c", program, name]
        result = subprocess.run(command, cwd=folder, env=variables, check=False, capture_output=True, text=True)
        assert "PermissionError" in result.stderr, name


def test_healthcheck_fails_where_nothing_serves(folder: Path, variables: dict[str, str]) -> None:
    assert run(folder, variables, "healthcheck").returncode == 1


def test_example_of_the_environment_is_understood(folder: Path, variables: dict[str, str]) -> None:
    lines = (CONFIG / "env" / ".env.example").read_text().splitlines()
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]

    result = run(folder, {**variables, **{name: value for name, _, value in pairs}}, "check-config")

    assert result.returncode == 0, result.stderr
    assert "is no variable of recon-exporter" not in result.stdout + result.stderr
