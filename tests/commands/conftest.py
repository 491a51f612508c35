"""What tests of the commands about end-of-day runs begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recon_exporter.state import open_state
from support.eod_commands import Office, office

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from recon_exporter.state.store import SqlState

# The commands read the clock of the machine, so that the dates of tests are far away.
FOR_AS_LONG_AS_ANYBODY_WANTS = "accept_at_most: 36500d"


@pytest.fixture
def own_state(tmp_path: Path) -> Iterator[SqlState]:
    """The state that the configuration in ``desk`` names."""
    state = open_state(f"sqlite:///{tmp_path}/recon.db")
    yield state
    state.close()


@pytest.fixture
def desk(tmp_path: Path, own_state: SqlState) -> Office:
    """Where one person may decide alone."""
    return office(tmp_path, own_state, f"{{{FOR_AS_LONG_AS_ANYBODY_WANTS}}}")


@pytest.fixture
def strict_desk(tmp_path: Path, own_state: SqlState) -> Office:
    """Where two persons have to accept."""
    return office(tmp_path, own_state, f"{{four_eyes: true, {FOR_AS_LONG_AS_ANYBODY_WANTS}}}")
