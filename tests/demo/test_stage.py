"""The stage writes a past that ends now, and tears and mends files as the incident says."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter.demo.hbot_writer import MINUTE_COLUMNS, HbotFiles, minute_row
from recon_exporter.demo.stage import Stage, mend, tear
from support.parts import FixedClock

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 2, 22, 12, 0, tzinfo=UTC)


def prepared(root: Path, at: datetime) -> HbotFiles:
    files = HbotFiles(root)
    Stage(files, FixedClock(at), lambda _incident, *, begins: None, 1).prepare()  # noqa: ARG005
    return files


def times(files: HbotFiles, bot: str) -> list[datetime]:
    with (files.folder(bot) / "minute.csv").open() as file:
        return [datetime.fromisoformat(row["ts"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize("at", [NOON, NOON.replace(hour=0, second=20), NOON.replace(hour=23, minute=59)])
def test_the_past_ends_now_and_covers_today(tmp_path: Path, at: datetime) -> None:
    files = prepared(tmp_path, at)

    for bot in ("bot1", "bot2", "bot3", "bot4"):
        written = times(files, bot)
        assert written == sorted(written)
        assert written[-1] == at
        assert written[0] == min(at.replace(hour=0, minute=0, second=0), at - timedelta(hours=1))


def test_events_lie_in_the_file_of_their_day(tmp_path: Path) -> None:
    files = prepared(tmp_path, NOON.replace(hour=0, minute=30))

    for day in ("20260221", "20260222"):
        events = [json.loads(line) for line in (files.event_store / f"events_{day}.jsonl").read_text().splitlines()]
        assert {event["ts_utc"][:10].replace("-", "") for event in events} == {day}


def test_the_snapshot_holds_all_bots_with_the_statuses_of_the_account_map(tmp_path: Path) -> None:
    snapshot = json.loads(prepared(tmp_path, NOON).snapshot.read_text())

    statuses = {bot: entry["account_probe_status"] for bot, entry in snapshot["bots"].items()}
    assert statuses == {"bot1": "ok", "bot2": "disabled", "bot3": "paper_only", "bot4": "ok"}


def test_a_torn_row_spoils_the_next_and_mending_takes_both_away(tmp_path: Path) -> None:
    files = HbotFiles(tmp_path)
    first, torn, spoilt, last = (minute_row(NOON + timedelta(minutes=number)) for number in range(4))
    file = files.append_minutes("bot1", [first])
    whole = file.read_text()
    tear(file, torn)
    assert not file.read_text().endswith("\n")
    files.append_minutes("bot1", [spoilt, last])

    columns = [len(line.split(",")) for line in file.read_text().splitlines()]
    assert [count == len(MINUTE_COLUMNS) for count in columns] == [True, True, False, True]
    mend(file)

    assert file.read_text().startswith(whole)
    assert times(files, "bot1") == [NOON, NOON + timedelta(minutes=3)]
