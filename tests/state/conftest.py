"""Each database that can hold a state: what is asked of one is asked of the other."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter.state import open_state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from recon_exporter.state.store import SqlState
    from support.postgres import PostgresServer


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.needs_program("postgres", "initdb"))])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a state that nobody has opened yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/deep/.state/recon.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.url(server.database())


@pytest.fixture
def opened(url: str) -> Iterator[Callable[..., SqlState]]:
    """Opens the state as another process would; closes what it opened."""
    states: list[SqlState] = []

    def one_more(busy: timedelta = timedelta(seconds=10)) -> SqlState:
        states.append(open_state(url, busy=busy))
        return states[-1]

    yield one_more
    for state in states:
        state.close()


@pytest.fixture
def state(opened: Callable[..., SqlState]) -> SqlState:
    return opened()
