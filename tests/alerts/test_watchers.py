"""Prometheus and Alertmanager, as they are installed, show what our rules ask them for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import requests
import yaml

from drills.small import until
from recon_exporter.demo.configuration import write_alertmanager_file
from recon_exporter.demo.programs import RunningProgram, find, start_alertmanager, start_prometheus, stop_all
from support.watchers import WATCHERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOBODY = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def watchers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningProgram, ...]]:
    folder, programs = tmp_path_factory.mktemp("watchers"), []
    prometheus, alertmanager = find("Prometheus"), find("Alertmanager")
    assert prometheus is not None
    assert alertmanager is not None
    try:
        programs.append(start_alertmanager(alertmanager, write_alertmanager_file(folder, NOBODY), folder))
        programs.append(start_prometheus(prometheus, of_one_rule(folder, programs[0].url), folder))
        yield tuple(programs)
    finally:
        stop_all(programs)


def of_one_rule(folder: Path, alertmanager: str) -> Path:
    rules = folder / "recon.rules.yml"
    rules.write_text(yaml.safe_dump({"groups": [{"name": "recon-money", "rules": [{"record": "one", "expr": "1"}]}]}))
    managers = [{"static_configs": [{"targets": [alertmanager.removeprefix("http://")]}]}]
    file = folder / "prometheus.yml"
    file.write_text(yaml.safe_dump({"rule_files": [rules.name], "alerting": {"alertmanagers": managers}}))
    return file


@pytest.mark.needs_program("prometheus", "prometheus-alertmanager")
@pytest.mark.parametrize("name", WATCHERS)
def test_what_the_rules_ask_for_is_there_before_anything_fails(name: str, watchers: tuple[RunningProgram, ...]) -> None:
    """From zero on, or the first failure would be no rise."""
    until(lambda: bool(samples(watchers, name)), f"a sample of {name}")

    for sample in samples(watchers, name):
        assert set(re.findall(r'(\w+)="', sample)) >= WATCHERS[name]
        assert sample.endswith(" 0")


def samples(watchers: tuple[RunningProgram, ...], name: str) -> list[str]:
    """Those of this metric; Prometheus needs seconds to find whom it tells."""
    program = next(one for one in watchers if name.startswith(one.name.lower()))
    text = requests.get(f"{program.url}/metrics", timeout=5).text
    return [line for line in text.splitlines() if line.startswith(f"{name}{{")]
