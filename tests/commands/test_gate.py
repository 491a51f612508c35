"""The gate opens on proof only: the exit code is what a pipeline believes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter.clock import SystemClock
from recon_exporter.commands import gate
from recon_exporter.domain.breaks import BreakType, Halt
from recon_exporter.domain.document import DocumentContext, report_document, to_json
from recon_exporter.ports import EodMemory
from recon_exporter.settings.overrides import Overrides
from support.evidence import NOW
from support.positions import BOT, make_break, make_discrepancy
from support.reports import broken_report, healthy_report

if TYPE_CHECKING:
    from pathlib import Path

    from recon_exporter.domain.report import Report
    from support.eod_commands import Office

CONTEXT = DocumentContext(
    exchange_source_enabled=True, exchange_snapshot_path="", thresholds_path="", exporter_version="1"
)
TWENTY_MINUTES = timedelta(minutes=20)
NOTHING = EodMemory(0, (), (), {}, {}, ())
FLEET = "fleets: {hbot: {type: hbot, data_root: data}}\n"


@pytest.fixture
def latest(tmp_path: Path) -> Path:
    return tmp_path / "reports" / "reconciliation" / "latest.json"


def write(latest: Path, report: Report) -> None:
    latest.parent.mkdir(parents=True, exist_ok=True)
    latest.write_text(to_json(report_document(report, CONTEXT)))


def halts_of(latest: Path) -> Path:
    return latest.parents[2] / ".state" / "halt"


def check(latest: Path) -> int:
    return gate.check(latest, halts_of(latest), NOTHING, NOW + timedelta(minutes=1), TWENTY_MINUTES)


def asked(desk: Office) -> int:
    """The exit code of the command, beside a report that is fresh and clean."""
    latest = desk.directory / "reports" / "reconciliation" / "latest.json"
    write(latest, replace(healthy_report(), at=SystemClock().now()))
    return gate.run(desk.overrides, {}, desk.directory, max_age="20m")


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


def test_halt_file_refuses_also_where_the_state_lost_the_halt(latest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(latest, healthy_report())
    halt = halts_of(latest) / "bot1.json"
    halt.parent.mkdir(parents=True)
    halt.write_text("{}")

    assert check(latest) == 1
    assert f"refused: {halt}: a halt is active" in capsys.readouterr().out


class TestEndOfDay:
    """The state is asked: files are of the latest run alone, and only warnings may stand in the report."""

    def test_break_of_one_bot_refuses_although_another_was_clean_last(
        self, desk: Office, capsys: pytest.CaptureFixture[str]
    ) -> None:
        desk.run_left([make_break(make_discrepancy(BreakType.PRICE_MISMATCH))])

        assert asked(desk) == 1
        assert f"refused: {BOT}: 1 breaks are open and not accepted" in capsys.readouterr().out

    def test_latched_halt_refuses_wherever_the_state_is(self, desk: Office, capsys: pytest.CaptureFixture[str]) -> None:
        desk.run_left(halts=[Halt(BOT, "exposure", NOW, "too much", "none configured")])

        assert asked(desk) == 1
        assert f"refused: {BOT}: a halt is active (exposure)" in capsys.readouterr().out

    def test_nothing_open_opens(self, desk: Office) -> None:
        assert asked(desk) == 0

    def test_state_that_cannot_be_read_refuses(self, desk: Office, capsys: pytest.CaptureFixture[str]) -> None:
        (desk.directory / "recon.yml").write_text(f"state: {{url: 'sqlite:///{desk.directory}'}}\n{FLEET}")

        assert asked(desk) == 1
        assert "refused: " in capsys.readouterr().out


def test_report_of_the_configured_folder_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environment = {"HB_DATA_ROOT": str(tmp_path / "data")}

    assert gate.run(Overrides(), environment, tmp_path, max_age="20m") == 1
    assert str(tmp_path / "reports" / "reconciliation" / "latest.json") in capsys.readouterr().out


@pytest.mark.parametrize(("config_file", "max_age"), [("missing.yml", "20m"), (None, "soon")])
def test_what_cannot_be_found_out_refuses(tmp_path: Path, config_file: str | None, max_age: str) -> None:
    environment = {"HB_DATA_ROOT": str(tmp_path / "data")}

    assert gate.run(Overrides(config_file=config_file), environment, tmp_path, max_age=max_age) == 1
