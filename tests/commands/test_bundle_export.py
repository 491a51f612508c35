"""`recon-exporter bundle export`: what it says of links that lead nowhere in another place."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from recon_exporter import bundle
from recon_exporter.commands import bundle_export

if TYPE_CHECKING:
    from pathlib import Path

GRAFANA = "https://grafana.example/d"


def test_two_addresses_are_enough_where_the_exporter_serves_its_runbooks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bundle_export.run(tmp_path, "https://recon.example/runbooks", GRAFANA, None) == 0

    assert capsys.readouterr().err == ""
    text = (tmp_path / "grafana" / "dashboards" / "recon-eod.json").read_text()
    assert "https://recon.example/breaks?bot=" in text
    assert bundle.links_of(text.encode()) == ()


def test_links_that_are_left_are_told_with_the_option_that_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bundle_export.run(tmp_path, "https://wiki.example/recon", None, None) == 0

    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(" links ")[2] for line in lines] == [
        "still lead to http://127.0.0.1:3000/d: --dashboard-url leads them elsewhere",
        "still lead to http://127.0.0.1:9811: --exporter-url leads them elsewhere",
    ]


def test_defaults_need_no_remark(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bundle_export.run(tmp_path, None, None, None) == 0

    assert capsys.readouterr().err == ""


def test_what_is_no_address_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bundle_export.run(tmp_path, "wiki.example", None, None) == 2

    assert "is no http:// or https:// address" in capsys.readouterr().err


@pytest.mark.needs_program("promtool")
def test_rules_pass_their_own_tests_wherever_their_links_lead(tmp_path: Path) -> None:
    bundle_export.run(tmp_path, "https://recon.example/runbooks", GRAFANA, None)

    command = ["promtool", "test", "rules", "exporter.test.yml", "inventory.test.yml"]
    result = subprocess.run(command, cwd=tmp_path / "alerts" / "tests", check=False, capture_output=True, text=True)

    assert result.returncode == 0, result.stdout + result.stderr
