"""The gate opens on proof only: the exit code is what a pipeline believes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter.commands import gate
from recon_exporter.domain.document import DocumentContext, report_document, to_json
from recon_exporter.settings.overrides import Overrides
from support.evidence import NOW
from support.reports import broken_report, healthy_report

if TYPE_CHECKING:
    from pathlib import Path

    from recon_exporter.domain.report import Report

CONTEXT = DocumentContext(
    exchange_source_enabled=True, exchange_snapshot_path="", thresholds_path="", exporter_version="1"
)
TWENTY_MINUTES = timedelta(minutes=20)


@pytest.fixture
def latest(tmp_path: Path) -> Path:
    return tmp_path / "reports" / "reconciliation" / "latest.json"


def write(latest: Path, report: Report) -> None:
    latest.parent.mkdir(parents=True, exist_ok=True)
    latest.write_text(to_json(report_document(report, CONTEXT)))


def check(latest: Path) -> int:
    root = latest.parents[2]
    return gate.check(latest, root / gate.HALTS, root / gate.EOD_REPORT, NOW + timedelta(minutes=1), TWENTY_MINUTES)


def test_fresh_clean_report_opens(latest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(latest, healthy_report())

    assert check(latest) == 0
    assert "promotion may go on" in capsys.readouterr().out


def test_every_reason_is_a_line(latest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(latest, broken_report())

    assert check(latest) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 5
    assert all(line.startswith(f"refused: {latest}: ") for line in lines)


def test_missing_report_refuses(latest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(latest) == 1
    assert "it cannot be read: " in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"{", b'{"status": "ok"', b"\xff\xfe", b"null"])
def test_unreadable_report_refuses(latest: Path, content: bytes) -> None:
    latest.parent.mkdir(parents=True)
    latest.write_bytes(content)

    assert check(latest) == 1


def test_stale_report_refuses(latest: Path) -> None:
    write(latest, replace(healthy_report(), at=NOW - TWENTY_MINUTES))

    assert check(latest) == 1


def test_active_halt_refuses(latest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(latest, healthy_report())
    halt = latest.parents[2] / gate.HALTS / "bot1.json"
    halt.parent.mkdir(parents=True)
    halt.write_text("{}")

    assert check(latest) == 1
    assert f"refused: {halt}: a halt is active" in capsys.readouterr().out


@pytest.mark.parametrize(("content", "code"), [('{"break_count": 0}', 0), ('{"break_count": 1}', 1), ("{", 1)])
def test_end_of_day_report_counts_where_there_is_one(latest: Path, content: str, code: int) -> None:
    write(latest, healthy_report())
    eod = latest.parents[2] / gate.EOD_REPORT
    eod.parent.mkdir(parents=True)
    eod.write_text(content)

    assert check(latest) == code


def test_report_of_the_configured_folder_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environment = {"HB_DATA_ROOT": str(tmp_path / "data")}

    assert gate.run(Overrides(), environment, tmp_path, max_age="20m") == 1
    assert str(tmp_path / "reports" / "reconciliation" / "latest.json") in capsys.readouterr().out


@pytest.mark.parametrize(("config_file", "max_age"), [("missing.yml", "20m"), (None, "soon")])
def test_what_cannot_be_found_out_refuses(tmp_path: Path, config_file: str | None, max_age: str) -> None:
    environment = {"HB_DATA_ROOT": str(tmp_path / "data")}

    assert gate.run(Overrides(config_file=config_file), environment, tmp_path, max_age=max_age) == 1
