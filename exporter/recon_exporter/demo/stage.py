"""Plays the simulation on the wall clock: history first, then rows, fills, events and trades as they would come."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Protocol

from recon_exporter.demo.hbot_writer import MINUTE_COLUMNS, HbotFiles, append_text, table_text
from recon_exporter.demo.incidents import TIMELINE, Incident, going_on
from recon_exporter.demo.simulation import Scene, Step, advance, opening
from recon_exporter.ports import Clock
from recon_exporter.reading.files import replace_file

ROW = timedelta(minutes=1)
LIVE_ROW = timedelta(seconds=3)
HISTORY = timedelta(hours=1)
SEED = 20260222
JOIN_SECONDS = 3.0


class Announce(Protocol):
    """Is told when an incident begins or ends."""

    def __call__(self, incident: Incident, *, begins: bool) -> None: ...


class Exchange(Protocol):
    """Where the fleet's accounts are."""

    def open(self, scene: Scene, at: datetime) -> None:
        """Let the accounts hold what they hold before the first step."""

    def follow(self, step: Step) -> None:
        """Let happen what is traded within one step."""


class Stage:
    """Owns the fleet's files; ``prepare`` writes the past, then a thread of its own the present."""

    def __init__(self, files: HbotFiles, exchange: Exchange, clock: Clock, announce: Announce, speed: float) -> None:
        self._files = files
        self._exchange = exchange
        self._clock = clock
        self._announce = announce
        self._speed = speed
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stage", daemon=True)
        self._began = clock.now()
        self._scene = opening(SEED, self._began)

    def prepare(self) -> None:
        """Write the rows, fills and events of today, and at least of the last hour, up to now."""
        self._began = self._clock.now()
        first = min(self._began.replace(hour=0, minute=0, second=0, microsecond=0), self._began - HISTORY)
        self._scene = opening(SEED, first)
        self._exchange.open(self._scene, first)
        times = [first + ROW * number for number in range((self._began - first) // ROW)]
        steps = self._advance([*times, self._began])
        for step in steps:
            self._exchange.follow(step)
        write_past(self._files, steps)

    def start(self) -> None:
        """Go on from now; the time line begins."""
        self._began = self._clock.now()
        self._thread.start()

    def stop(self) -> None:
        """Write nothing more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(JOIN_SECONDS)

    def _run(self) -> None:
        while not self._stopping.wait(LIVE_ROW.total_seconds()):
            self._play(self._clock.now())

    def _play(self, at: datetime) -> None:
        before: Scene = self._scene
        active = going_on(TIMELINE, at - self._began, self._speed)
        for incident in sorted(active ^ before.going_on, key=lambda incident: incident.begins):
            self._announce(incident, begins=incident in active)
        self._scene, step = advance(before, at, active)
        self._exchange.follow(step)
        write_step(self._files, step)

    def _advance(self, times: Iterable[datetime]) -> list[Step]:
        steps = []
        for at in times:
            self._scene, step = advance(self._scene, at, frozenset())
            steps.append(step)
        return steps


def write_past(files: HbotFiles, steps: Sequence[Step]) -> None:
    """All that was written up to now, at once."""
    for bot in steps[-1].minutes:
        files.append_minutes(bot, [step.minutes[bot] for step in steps])
        files.append_fills(bot, chain.from_iterable(step.fills[bot] for step in steps))
    for day in sorted({step.at.date() for step in steps}):
        files.append_events(day, chain.from_iterable(step.events for step in steps if step.at.date() == day))


def write_step(files: HbotFiles, step: Step) -> None:
    """What is written at one moment; what a bot did comes before what it says of it."""
    files.append_events(step.at.date(), step.events)
    for bot in step.mended:
        mend(files.folder(bot) / "minute.csv")
    for bot, row in step.minutes.items():
        files.append_fills(bot, step.fills[bot])
        if bot in step.torn:
            tear(files.folder(bot) / "minute.csv", row)
        else:
            files.append_minutes(bot, [row])


def tear(file: Path, row: Mapping[str, object]) -> None:
    """Write a row but for its end, as a bot does that dies while writing; the next row will stick to it."""
    line = table_text([row], MINUTE_COLUMNS, header=False)
    append_text(file, line[: len(line) // 2])


def mend(file: Path) -> None:
    """Put a file in its place that lacks the lines that are no whole row."""
    lines = file.read_text().splitlines(keepends=True)
    commas = lines[0].count(",")
    replace_file(file, "".join(line for line in lines if line.count(",") == commas))
