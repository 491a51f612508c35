"""Each test of the contract runs on every stage that plugs in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.stages import ledgers, venues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recon_exporter.ports import PositionLedger, PositionVenue
    from support.stages import Entry, Stage


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "where_it_holds(what): only for the adapters whose world can hold that")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    needed = {what for marker in metafunc.definition.iter_markers("where_it_holds") for what in marker.args}
    stages: dict[str, list[Entry[Any]]] = {
        "stage": [*ledgers(), *venues()],
        "ledger_stage": [*ledgers()],
        "venue_stage": [*venues()],
    }
    for fixture, entries in stages.items():
        if fixture in metafunc.fixturenames:
            able = [entry for entry in entries if needed <= entry.holds]
            metafunc.parametrize(fixture, [_parameter(entry) for entry in able], indirect=True)


def _parameter(entry: Entry[Any]) -> Any:  # noqa: ANN401 - pytest does not name its type
    marks = [pytest.mark.needs_program(*entry.programs)] if entry.programs else []
    return pytest.param(entry, id=entry.name, marks=marks)


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> Iterator[Stage[PositionLedger | PositionVenue]]:
    """Any adapter."""
    with request.param.open(request) as opened:
        yield opened


@pytest.fixture
def ledger_stage(request: pytest.FixtureRequest) -> Iterator[Stage[PositionLedger]]:
    """Any ledger."""
    with request.param.open(request) as opened:
        yield opened


@pytest.fixture
def venue_stage(request: pytest.FixtureRequest) -> Iterator[Stage[PositionVenue]]:
    """Any venue."""
    with request.param.open(request) as opened:
        yield opened
