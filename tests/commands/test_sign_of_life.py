"""When signs of life are missing, through restarts, crashes and clocks that are set."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter.commands.deadman import NotTold, Watch, is_sign
from recon_exporter.commands.sign_of_life import GRACE, Memory, remember, remembered

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 3, 6, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
AFTER = 5 * MINUTE


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def wait(self, span: timedelta) -> None:
        self.at += span


class World:
    """A watch that can be started anew, and what people were told."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.path = folder / "deadman.json"
        self.told: list[str] = []
        self.is_reachable = True
        self.restart()

    def restart(self) -> None:
        self.watch = Watch(self.path, AFTER, [self._tell], self.clock)

    def _tell(self, text: str) -> None:
        if not self.is_reachable:
            raise NotTold("no network")
        self.told.append(text.partition(" ")[0])

    def live(self, span: timedelta, *, signs: bool) -> None:
        """Let the time pass, with a sign of life a minute or without."""
        ends = self.clock.at + span
        while self.clock.at < ends:
            self.clock.wait(10 * timedelta(seconds=1))
            if signs and self.clock.at.second == 0:
                self.watch.seen()
            asyncio.run(self.watch.look())


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_nobody_is_told_of_signs_that_come(world: World) -> None:
    world.live(30 * MINUTE, signs=True)

    assert world.told == []


def test_silence_is_told_once_and_the_return_once(world: World) -> None:
    world.live(3 * MINUTE, signs=True)
    world.live(AFTER - MINUTE, signs=False)
    assert world.told == []
    world.live(60 * MINUTE, signs=False)
    assert world.told == ["NO"]
    world.live(10 * MINUTE, signs=True)
    assert world.told == ["NO", "The"]


def test_a_sign_that_never_came_is_missed_too(world: World) -> None:
    world.live(AFTER, signs=False)

    assert world.told == ["NO"]
    assert "watching since 2026-03-06 12:00:00 UTC" in world.watch.memory.text(world.clock.at, missing=True)


def test_what_was_told_is_remembered_through_a_restart(world: World) -> None:
    world.live(3 * MINUTE, signs=True)
    world.live(10 * MINUTE, signs=False)
    world.restart()
    world.live(10 * MINUTE, signs=False)
    assert world.told == ["NO"]
    world.restart()
    world.live(2 * MINUTE, signs=True)
    assert world.told == ["NO", "The"]


def test_silence_goes_on_through_a_restart(world: World) -> None:
    world.live(3 * MINUTE, signs=True)
    world.live(4 * MINUTE, signs=False)
    world.restart()
    world.live(GRACE, signs=False)

    assert world.told == ["NO"]


def test_a_watch_that_was_away_gives_the_next_sign_time(world: World) -> None:
    world.live(3 * MINUTE, signs=True)
    world.clock.wait(60 * MINUTE)
    world.restart()
    world.live(30 * MINUTE, signs=True)

    assert world.told == []


def test_a_watch_that_crashes_again_and_again_alarms_all_the_same(world: World) -> None:
    world.live(3 * MINUTE, signs=True)
    for _ in range(12):
        world.live(MINUTE / 2, signs=False)
        world.restart()

    assert world.told == ["NO"]


def test_what_nobody_heard_is_told_again_and_then_once(world: World) -> None:
    world.is_reachable = False
    world.live(10 * MINUTE, signs=False)
    assert world.told == []
    world.is_reachable = True
    world.live(10 * MINUTE, signs=False)
    assert world.told == ["NO"]


def test_a_clock_that_was_set_back_does_not_silence_the_watch(world: World) -> None:
    world.live(3 * MINUTE, signs=True)
    world.clock.at -= 24 * 60 * MINUTE
    world.live(2 * AFTER, signs=False)

    assert world.told == ["NO"]


def test_a_disk_that_is_full_does_not_hide_a_sign(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    world.live(3 * MINUTE, signs=True)
    monkeypatch.setattr("recon_exporter.commands.deadman.remember", full)
    world.live(30 * MINUTE, signs=True)
    assert world.told == []
    world.live(30 * MINUTE, signs=False)
    assert world.told == ["NO"]


def test_memory_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "deadman.json"
    for memory in (Memory(None, START), Memory(START, START - MINUTE, told=True)):
        remember(path, memory)
        assert remembered(path, START) == memory


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"last_seen": 1, "waiting_since": 1, "told": 0}'])
def test_a_memory_that_cannot_be_understood_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "deadman.json"
    path.write_text(text)

    with pytest.raises(ValueError, match="holds no memory of a watch"):
        remembered(path, START)


@pytest.mark.parametrize(
    ("alerts", "expected"),
    [
        ([{"status": "firing", "labels": {"alertname": "Watchdog"}}], True),
        ([{"status": "resolved", "labels": {"alertname": "Watchdog"}}], False),
        ([{"status": "firing", "labels": {"alertname": "Other"}}], False),
        ([], False),
        ("Watchdog", False),
        ([{"status": "firing", "labels": []}], False),
    ],
)
def test_only_a_firing_watchdog_is_a_sign(alerts: object, *, expected: bool) -> None:
    assert is_sign(json.dumps({"alerts": alerts}).encode()) is expected
    assert not is_sign(b"Watchdog")
