"""Reports as files: latest.json always whole, stamped ones for a while, nothing of others touched."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter.domain.stamp import LATEST, stamp_name
from recon_exporter.errors import DeliveryFailed
from recon_exporter.ports import Outgoing
from recon_exporter.reading.files import TEMPORARY_SUFFIX
from recon_exporter.sinks.report_file import ReportFiles

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 2, 26, 0, 0, 13, 123456, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "reports" / "reconciliation"


@pytest.fixture
def files(folder: Path) -> ReportFiles:
    return ReportFiles(folder, retention=30 * DAY, max_bytes=1000)


def latest(body: str = "{}", at: datetime = NOW) -> Outgoing:
    return Outgoing(None, "report_file", LATEST, at, body)


def stamped(body: str = "{}", at: datetime = NOW) -> Outgoing:
    return Outgoing(None, "report_file", stamp_name(at), at, body)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_latest_is_replaced(files: ReportFiles, folder: Path) -> None:
    files.deliver(latest("1"))
    files.deliver(latest("2"))

    assert names(folder) == ["latest.json"]
    assert (folder / "latest.json").read_text() == "2"


def test_stamped_report_is_named_after_its_second(files: ReportFiles, folder: Path) -> None:
    files.deliver(stamped("1"))

    assert (folder / "reconciliation_20260226T000013Z.json").read_text() == "1"


def test_two_reports_of_one_second_are_both_kept(files: ReportFiles, folder: Path) -> None:
    for number in range(3):
        files.deliver(stamped(str(number), NOW + number * timedelta(milliseconds=1)))

    assert [(name, (folder / name).read_text()) for name in names(folder)] == [
        ("reconciliation_20260226T000013Z.json", "0"),
        ("reconciliation_20260226T000013Z_2.json", "1"),
        ("reconciliation_20260226T000013Z_3.json", "2"),
    ]


def test_report_delivered_twice_is_one_file(files: ReportFiles, folder: Path) -> None:
    files.deliver(stamped("1"))
    files.deliver(stamped("2", NOW + timedelta(milliseconds=1)))
    files.deliver(stamped("2", NOW + timedelta(milliseconds=1)))

    assert len(names(folder)) == 2


def test_reports_older_than_the_retention_are_removed(files: ReportFiles, folder: Path) -> None:
    files.deliver(stamped("old", NOW - 31 * DAY))
    files.deliver(stamped("kept", NOW - 30 * DAY + timedelta(seconds=1)))
    files.deliver(stamped("new"))

    assert names(folder) == ["reconciliation_20260127T000014Z.json", "reconciliation_20260226T000013Z.json"]


def test_oldest_reports_go_when_there_are_too_many_bytes(files: ReportFiles, folder: Path) -> None:
    for day in range(4):
        files.deliver(stamped("x" * 400, NOW + day * DAY))

    assert names(folder) == ["reconciliation_20260228T000013Z.json", "reconciliation_20260301T000013Z.json"]


def test_newest_report_is_kept_even_where_it_is_too_large_alone(files: ReportFiles, folder: Path) -> None:
    files.deliver(stamped("x" * 400))
    files.deliver(stamped("x" * 2000, NOW + DAY))

    assert names(folder) == ["reconciliation_20260227T000013Z.json"]


def test_latest_and_foreign_files_are_never_removed(files: ReportFiles, folder: Path) -> None:
    foreign = [
        "notes.txt",
        "reconciliation_old.json",
        "last_webhook_sent.json",
        "reconciliation_20200101T000000Z.json.bak",
    ]
    folder.mkdir(parents=True)
    for name in foreign:
        (folder / name).write_text("x" * 2000)
    (folder / "reconciliation_20200101T000000Z").mkdir()
    files.deliver(latest("x" * 2000, NOW - 40 * DAY))
    files.deliver(stamped("new"))

    assert set(names(folder)) == {
        *foreign,
        "latest.json",
        "reconciliation_20200101T000000Z",
        "reconciliation_20260226T000013Z.json",
    }


def test_what_a_killed_process_left_half_written_is_removed_later(files: ReportFiles, folder: Path) -> None:
    folder.mkdir(parents=True)
    dead, alive = folder / f".latest.json.1.aa{TEMPORARY_SUFFIX}", folder / f".latest.json.2.bb{TEMPORARY_SUFFIX}"
    for path, age in ((dead, timedelta(hours=2)), (alive, timedelta(minutes=1))):
        path.write_text("half")
        os.utime(path, times=((NOW - age).timestamp(),) * 2)
    files.deliver(stamped())

    assert (dead.exists(), alive.exists()) == (False, True)


def test_synthetic_reports_touch_no_real_one(files: ReportFiles, folder: Path) -> None:
    files.deliver(latest("real"))
    synthetic = files.synthetic()
    synthetic.deliver(latest("synthetic"))
    synthetic.deliver(stamped("synthetic"))

    assert names(folder) == ["latest.json", "synthetic"]
    assert (folder / "latest.json").read_text() == "real"
    assert names(folder / "synthetic") == ["latest.json", "reconciliation_20260226T000013Z.json"]


def test_real_reports_remove_no_synthetic_one(files: ReportFiles, folder: Path) -> None:
    files.synthetic().deliver(stamped("old", NOW - 40 * DAY))
    files.deliver(stamped("new"))

    assert names(folder / "synthetic") == ["reconciliation_20260117T000013Z.json"]


@pytest.mark.parametrize("entry", [latest(), stamped()])
def test_folder_that_cannot_be_used_is_a_failed_delivery(tmp_path: Path, entry: Outgoing) -> None:
    (tmp_path / "taken").write_text("a file")
    files = ReportFiles(tmp_path / "taken", 30 * DAY, 1000)

    with pytest.raises(DeliveryFailed, match="taken"):
        files.deliver(entry)


def test_report_has_arrived_even_where_an_old_one_cannot_be_removed(files: ReportFiles, folder: Path) -> None:
    in_the_way = folder / "reconciliation_20200101T000000Z.json"
    in_the_way.mkdir(parents=True)
    files.deliver(stamped("new"))

    assert names(folder) == [in_the_way.name, "reconciliation_20260226T000013Z.json"]
