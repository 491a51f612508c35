"""docs/operating.md: its flags, reloads, errors and versions are those of the program."""

from __future__ import annotations

import ast
from pathlib import Path

import yaml

from recon_exporter.settings.environment import VARIABLES
from recon_exporter.settings.overrides import FLAGS
from recon_exporter.taking import ONLY_AT_START
from recon_exporter.telemetry import CATALOGUE
from runbooks.pages import Page

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "exporter" / "recon_exporter"
PAGE = Page(ROOT / "docs" / "operating.md")
OTHER_PROGRAMS = ("demo", "drills")


def errors() -> set[str]:
    """The events that the exporter logs as errors."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        if path.relative_to(PACKAGE).parts[0] in OTHER_PROGRAMS:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr in {"error", "exception", "critical"} and ast.unparse(node.func.value) == "LOG":
                assert isinstance(node.args[0], ast.Constant), path
                found.add(str(node.args[0].value))
    return found


def column(section: str, name: str) -> list[str]:
    return [row[name] for row in PAGE.table(section)]


def test_every_error_line_is_on_the_page_with_a_metric_that_it_moves() -> None:
    assert column("Logs", "error") == sorted(errors())
    assert set(column("Logs", "and moves")) <= set(CATALOGUE)


def test_every_flag_is_there_with_its_variable() -> None:
    known = {variable.name for variable in VARIABLES} | {"RECON_CONFIG_FILE"}

    assert set(column("Flags", "flag")) == {"--config.file", *FLAGS.values()}
    assert set(column("Flags", "variable")) <= known


def test_what_only_a_start_takes_is_named() -> None:
    named = [row["what changed"] for row in PAGE.table("Reload") if "next start" in row["is taken"]]

    assert [sorted(row.split(", ")) for row in named] == [sorted(ONLY_AT_START)]


def test_versions_are_those_of_the_images_and_the_lowest_python() -> None:
    services = yaml.safe_load((ROOT / "config" / "compose" / "docker-compose.yml").read_text())["services"]
    images = " ".join(service["image"] for service in services.values())
    versions = dict(zip(column("Versions", "program"), column("Versions", "tried with"), strict=True))

    assert f"prometheus:v{versions['Prometheus, promtool']}}}" in images
    assert f"alertmanager:v{versions['Alertmanager, amtool']}}}" in images
    assert f'requires-python = ">={versions["Python"]}"' in (ROOT / "pyproject.toml").read_text()
