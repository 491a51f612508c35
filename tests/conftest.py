"""Tests that need a real program beside Python say so, and a program that is missing is never passed over in silence.

`@pytest.mark.needs_program("promtool")` runs the test with the real program. Where it is missing the test fails under
`CI=true`; elsewhere it is skipped and the summary names the program and how many tests went without it.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from support.postgres import PostgresServer, programs_path, running_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

# How long an example takes is no behaviour: it depends on what else the machine does.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

_SKIPPED_FOR = "these programs are missing: "


def _missing(item: pytest.Item) -> list[str]:
    names = [name for marker in item.iter_markers("needs_program") for name in marker.args]
    return sorted({name for name in names if shutil.which(name, path=programs_path()) is None})


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL; a test that takes it is marked ``needs_program("postgres", "initdb")``."""
    with running_postgres() as server:
        yield server


def pytest_runtest_setup(item: pytest.Item) -> None:
    if missing := _missing(item):
        text = _SKIPPED_FOR + ", ".join(missing)
        if os.environ.get("CI") == "true":
            pytest.fail(text, pytrace=False)
        pytest.skip(text)


def _programs_missed(reports: list[pytest.TestReport]) -> Iterator[str]:
    for report in reports:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        _, found, names = reason.partition(_SKIPPED_FOR)
        if found:
            yield names


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    missed = list(_programs_missed(terminalreporter.stats.get("skipped", [])))
    if not missed:
        return
    terminalreporter.section("NOT VERIFIED: real programs are missing", red=True, bold=True)
    for names in sorted(set(missed)):
        terminalreporter.line(f"{missed.count(names)} tests did not run without {names}", red=True)
    terminalreporter.line(
        "Debian: apt-get install prometheus prometheus-alertmanager postgresql systemd (`make test` does it)", red=True
    )
