"""The real Prometheus and Alertmanager are found, are ready when handed over, and leave nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
import yaml

from recon_exporter.demo.configuration import write_alertmanager_file, write_prometheus_files
from recon_exporter.demo.programs import ProgramFailed, find, start_alertmanager, start_prometheus, stop_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from recon_exporter.demo.programs import RunningProgram

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def running() -> Iterator[list[RunningProgram]]:
    programs: list[RunningProgram] = []
    yield programs
    stop_all(programs)


def found(name: str) -> Path:
    executable = find(name)
    assert executable is not None
    return executable


@pytest.mark.needs_program("prometheus")
def test_prometheus_runs_the_shipped_rules(tmp_path: Path, running: list[RunningProgram]) -> None:
    configuration = write_prometheus_files(tmp_path, "http://127.0.0.1:12345", NOWHERE, "1s")
    running.append(start_prometheus(found("Prometheus"), configuration, tmp_path))

    rules = requests.get(f"{running[0].url}/api/v1/rules", timeout=5).json()["data"]["groups"]
    alerts = [rule for group in rules for rule in group["rules"] if rule["type"] == "alerting"]
    drift = next(alert for alert in alerts if alert["name"] == "ReconciliationInventoryDrift")
    assert drift["annotations"]["runbook_url"] == "http://127.0.0.1:12345/runbooks/ReconciliationInventoryDrift"
    down = next(alert for alert in alerts if alert["name"] == "ReconciliationExporterDown")
    assert down["annotations"]["runbook_url"].startswith("https://github.com/")


def test_prometheus_scrapes_whoever_runs(tmp_path: Path) -> None:
    def jobs(alertmanager: str | None, own_url: str | None) -> dict[str, list[str]]:
        file = write_prometheus_files(tmp_path, "http://127.0.0.1:1", alertmanager, own_url=own_url)
        scraped = yaml.safe_load(file.read_text())["scrape_configs"]
        return {job["job_name"]: job["static_configs"][0]["targets"] for job in scraped}

    assert jobs(None, None) == {"recon-exporter": ["127.0.0.1:1"]}
    assert jobs("http://127.0.0.1:2", "http://127.0.0.1:3") == {
        "recon-exporter": ["127.0.0.1:1"],
        "prometheus": ["127.0.0.1:3"],
        "alertmanager": ["127.0.0.1:2"],
    }


@pytest.mark.needs_program("prometheus-alertmanager")
def test_alertmanager_runs_the_shipped_routes(tmp_path: Path, running: list[RunningProgram]) -> None:
    configuration = write_alertmanager_file(tmp_path, NOWHERE)
    running.append(start_alertmanager(found("Alertmanager"), configuration, tmp_path))

    receivers = requests.get(f"{running[0].url}/api/v2/receivers", timeout=5).json()
    assert {receiver["name"] for receiver in receivers} == {"pager", "chat", "chat-all-clear", "dead-mans-switch"}


@pytest.mark.needs_program("prometheus", "prometheus-alertmanager")
def test_what_was_started_is_ended(tmp_path: Path) -> None:
    prometheus = start_prometheus(found("Prometheus"), write_prometheus_files(tmp_path, NOWHERE, None), tmp_path)
    alertmanager = start_alertmanager(found("Alertmanager"), write_alertmanager_file(tmp_path, NOWHERE), tmp_path)

    stop_all([prometheus, alertmanager])

    assert [program.process.poll() for program in (prometheus, alertmanager)] == [0, 0]


@pytest.mark.needs_program("prometheus", "prometheus-alertmanager")
@pytest.mark.parametrize(("name", "start"), [("Prometheus", start_prometheus), ("Alertmanager", start_alertmanager)])
def test_a_program_that_refuses_its_configuration_says_why(
    tmp_path: Path, name: str, start: Callable[[Path, Path, Path], RunningProgram]
) -> None:
    configuration = tmp_path / "broken.yml"
    configuration.write_text("nonsense: 1\n")

    with pytest.raises(ProgramFailed, match="nonsense"):
        start(found(name), configuration, tmp_path)


def test_a_program_that_is_not_installed_is_not_found(tmp_path: Path) -> None:
    assert find("Prometheus", str(tmp_path)) is None
    assert find("Alertmanager", str(tmp_path)) is None
