"""docs/deployment.md: what it names is there, and what was not run says so."""

from __future__ import annotations

import re

import pytest
import typer

from packages.files import COMPOSE, ROOT, defaults
from packages.test_compose import FILE, RUNBOOK_COMMAND
from recon_exporter.cli import app
from runbooks.pages import NOT_RUN, Page

PAGE = Page(ROOT / "docs" / "deployment.md")
TOOLS = re.compile(r"^(?:docker|kubectl|systemctl|systemd-\w+)\b", re.MULTILINE)


def test_command_of_the_runbook_stands_there_as_printed() -> None:
    assert RUNBOOK_COMMAND in PAGE.text.splitlines()


def test_every_command_about_packages_says_why_no_test_runs_it() -> None:
    assert PAGE.fences
    notes = [fence.note for fence in PAGE.fences if fence.section != "Links"]
    assert [note for note in notes if not note.removeprefix(NOT_RUN).strip() or not note.startswith(NOT_RUN)] == []
    assert {fence.language for fence in PAGE.fences} == {"bash"}
    assert TOOLS.findall(PAGE.prose) == []


@pytest.mark.parametrize("target", PAGE.links)
def test_every_link_leads_somewhere(target: str) -> None:
    assert (PAGE.path.parent / target).exists()


def test_commands_of_the_exporter_exist() -> None:
    named = set(re.findall(r"recon-exporter ((?!--)[a-z]+(?:-[a-z]+)?)", PAGE.text))
    commands = set(getattr(typer.main.get_command(app), "commands", {}))

    assert {"gate", "healthcheck", "bundle"} <= named
    assert named <= commands


def test_every_variable_in_the_table_is_one_of_the_compose_file() -> None:
    rows = PAGE.table("docker compose")
    named = {name for row in rows for name in re.findall(r"[A-Z_]{5,}", next(iter(row.values())))}

    assert named <= set(defaults(FILE.read_text()))
    assert {"HBOT_DATA", "STATE", "GRAFANA_ADMIN_PASSWORD"} <= named


def test_every_service_and_port_is_named() -> None:
    for name, service in COMPOSE["services"].items():
        port = service["ports"][0].rpartition(":")[2]
        assert port in PAGE.text, name
