"""Each kind of report finds its folder, and the history is replaced whole."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter.errors import DeliveryFailed
from recon_exporter.ports import Outgoing
from recon_exporter.sinks.files import Files
from recon_exporter.sinks.report_file import ReportFiles
from support.evidence import NOW

if TYPE_CHECKING:
    from pathlib import Path

LONG = timedelta(days=30)


def files(folder: Path) -> Files:
    cycles = ReportFiles(folder / "reconciliation", LONG, 10**9)
    runs = ReportFiles(folder / "eod", LONG, 10**9, "eod")
    return Files(cycles, runs, folder / ".state" / "eod_recon_breaks.json")


def entry(name: str, body: str = "{}") -> Outgoing:
    return Outgoing(None, "report_file", name, NOW, body)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("latest", "reconciliation/latest.json"),
        ("20260306T120000.000000Z", "reconciliation/reconciliation_20260306T120000Z.json"),
        ("eod/latest", "eod/latest.json"),
        ("eod/20260306T120000.000000Z", "eod/eod_20260306T120000Z.json"),
        ("history/breaks", ".state/eod_recon_breaks.json"),
    ],
)
def test_entry_goes_where_its_name_says(tmp_path: Path, name: str, path: str) -> None:
    files(tmp_path).deliver(entry(name, '{"a": 1}'))

    assert (tmp_path / path).read_text() == '{"a": 1}'


def test_two_runs_in_one_second_do_not_collide(tmp_path: Path) -> None:
    for body in ("1", "2"):
        files(tmp_path).deliver(entry("eod/20260306T120000.000000Z", body))

    assert sorted(path.name for path in (tmp_path / "eod").iterdir()) == [
        "eod_20260306T120000Z.json",
        "eod_20260306T120000Z_2.json",
    ]


def test_history_that_cannot_be_written_is_a_failed_delivery(tmp_path: Path) -> None:
    (tmp_path / ".state").write_text("a file where a folder belongs")

    with pytest.raises(DeliveryFailed, match="eod_recon_breaks"):
        files(tmp_path).deliver(entry("history/breaks"))
