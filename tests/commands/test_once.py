"""`once` ends: a source that never answers costs its verdict, not the run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from recon_exporter.clock import SystemClock
from recon_exporter.demo.hbot_writer import HbotFiles, minute_row

if TYPE_CHECKING:
    from pathlib import Path

HANGING = """
import threading
from datetime import timedelta
from recon_exporter import app
from recon_exporter.cli import main
from recon_exporter.venues.exchange_snapshot import ExchangeSnapshot

app.DEADLINE = timedelta(seconds=2)
read = ExchangeSnapshot.read
ExchangeSnapshot.read = lambda self, now: threading.Event().wait() if self.name == "hbot" else read(self, now)
main()
"""


def once(directory: Path, *program: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RECON_", "HB_"))}
    command = [sys.executable, *program, "once", "--json"]
    variables = {**environment, "RECON_EXCHANGE_SOURCE_ENABLED": "true"}
    return subprocess.run(
        command, cwd=directory, env=variables, capture_output=True, text=True, timeout=20, check=False
    )


def test_source_that_hangs_does_not_keep_the_process(tmp_path: Path) -> None:
    HbotFiles(tmp_path).append_minutes("bot1", [minute_row(SystemClock().now())])

    ran = once(tmp_path, "-c", HANGING)

    assert ran.returncode == 3
    assert ran.stdout, ran.stderr
    checks = {check["check"]: check["reason"] for check in json.loads(ran.stdout)["checks"]}
    assert checks["exchange_snapshot"] == "deadline_exceeded"
    assert (tmp_path / "reports" / "reconciliation" / "latest.json").exists()


def test_pipe_in_the_place_of_the_snapshot_is_unreadable_at_once(tmp_path: Path) -> None:
    HbotFiles(tmp_path).append_minutes("bot1", [minute_row(SystemClock().now())])
    snapshot = tmp_path / "reports" / "exchange_snapshots" / "latest.json"
    snapshot.parent.mkdir(parents=True)
    os.mkfifo(snapshot)

    ran = once(tmp_path, "-m", "recon_exporter")

    assert ran.stdout, ran.stderr
    checks = {check["check"]: check["reason"] for check in json.loads(ran.stdout)["checks"]}
    assert checks["exchange_snapshot"] == "source_unreadable"
