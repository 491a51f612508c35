"""Kill -9 at random instants of processes that make cycles: no lost break, no lost and no doubled audit entry.

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

GAME = Path(__file__).with_name("cycle_kills.py")
SECONDS_A_KILL = 10
TYPES = ["BALANCE_MISMATCH", "FILL_MISSING_AT_VENUE", "FILL_MISSING_IN_LEDGER", "MISSING_IN_DB", "QUANTITY_MISMATCH"]


def play(folder: Path, url: str, kills: int) -> None:
    """Kill so many processes; what was lost is the message of the failure."""
    asked = int(os.environ.get("RECON_KILLS", kills))
    seed = os.environ.get("RECON_KILL_SEED", "20260306")
    done = subprocess.run(
        [sys.executable, GAME, folder, url, str(asked), seed],
        capture_output=True,
        text=True,
        check=False,
        timeout=60 + asked * SECONDS_A_KILL,
        env={**os.environ, "PYTHONPATH": str(GAME.parent.parent)},
    )

    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["kills"] == asked
    assert told["recorded"] > 0
    assert told["types"] == TYPES


def test_cycles_killed_at_any_instant_lose_and_double_nothing(tmp_path: Path) -> None:
    play(tmp_path, "sqlite:///.state/recon.db", 15)


@pytest.mark.needs_program("postgres", "initdb")
def test_cycles_killed_at_any_instant_lose_and_double_nothing_in_postgresql(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    play(tmp_path, postgres.url(postgres.database()), 15)
