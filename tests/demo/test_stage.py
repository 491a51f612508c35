"""The stage writes a past that ends now, and tears and mends files as the incident says."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter.demo.hbot_writer import MINUTE_COLUMNS, HbotFiles, minute_row
from recon_exporter.demo.stage import Stage, mend, tear
from support.parts import FixedClock

if TYPE_CHECKING:
    from pathlib import Path

    from recon_exporter.demo.simulation import Scene, Step

NOON = datetime(2026, 2, 22, 12, 0, tzinfo=UTC)


@dataclass
class Followed:
    """An exchange that remembers what it was told to do."""

    opened: list[tuple[Scene, datetime]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def open(self, scene: Scene, at: datetime) -> None:
        self.opened.append((scene, at))

    def follow(self, step: Step) -> None:
        self.steps.append(step)


def prepared(root: Path, at: datetime) -> HbotFiles:
    files = HbotFiles(root)
    stage(files, Followed(), at).prepare()
    return files


def stage(files: HbotFiles, followed: Followed, at: datetime) -> Stage:
    return Stage(files, followed, FixedClock(at), lambda _incident, *, begins: None, 1)  # noqa: ARG005


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


def test_everything_that_is_written_has_happened_at_the_exchange(tmp_path: Path) -> None:
    files, followed = HbotFiles(tmp_path), Followed()
    stage(files, followed, NOON).prepare()

    assert [at for _, at in followed.opened] == [NOON.replace(hour=0)]
    assert [step.at for step in followed.steps] == times(files, "bot1")
    with (files.folder("bot1") / "fills.csv").open() as file:
        written = [row["order_id"] for row in csv.DictReader(file)]
    assert [trade.order_id for step in followed.steps for trade in step.trades["bot1"]] == written


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
