"""Kill -9 at random instants of end-of-day runs: no lost break, no lost audit entry, no half file, no double halt.

`make kill-test` does it a thousand times on each database, with another seed each time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from support.postgres import PostgresServer

GAME = Path(__file__).with_name("eod_kills.py")
SECONDS_A_KILL = 5


def play(folder: Path, url: str, kills: int) -> None:
    """Kill so many commands; what was lost is the message of the failure."""
    asked = int(os.environ.get("RECON_KILLS", kills))
    seed = os.environ.get("RECON_KILL_SEED", "20260306")
    done = subprocess.run(
        [sys.executable, GAME, folder, url, str(asked), seed],
        capture_output=True,
        text=True,
        check=False,
        timeout=60 + asked * SECONDS_A_KILL,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["kills"] == asked
    assert 0 < told["recorded"] < asked
    assert told["breaks"] > 0


def test_run_killed_at_any_instant_loses_and_doubles_nothing(tmp_path: Path) -> None:
    play(tmp_path, "sqlite:///.state/recon.db", 50)


@pytest.mark.needs_program("postgres", "initdb")
def test_run_killed_at_any_instant_loses_and_doubles_nothing_in_postgresql(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    play(tmp_path, postgres.url(postgres.database()), 50)
