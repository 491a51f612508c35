"""Thirty days of a healthy fleet on a simulated clock, the shipped rules over all of it: nobody is told anything.

Midnights with late flushes, late events and counters that are reset late, restarts of exporter, bots and Prometheus,
missed scrapes, reloads, 429s and failures of the exchange that pass, weekends, and both changes of daylight saving
time within end-of-day schedules. Six nights pass in cycles of a minute, the days between in cycles of six hours;
RECON_MONTH_CYCLE=60s makes all of them cycles of a minute, in about two hours.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import stamina

from end_to_end.recorded_series import CLOSELY, ROUGHLY, Recording, fired
from end_to_end.simulated_fleet import MINUTE, VARIABLES, SimulatedFleet
from end_to_end.simulated_service import Service, SimulatedClock
from end_to_end.world import receiving
from recon_exporter.demo.exchange import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from end_to_end.world import Mailbox

BEGAN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DAYS = 30
FIRST_LOOKS = timedelta(minutes=15)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
QUIET = os.environ.get("RECON_MONTH_CYCLE", "6h")
QUIET_STEP = MINUTE if QUIET == "60s" else 60 * MINUTE
ROWS = MINUTE if QUIET == "60s" else 5 * MINUTE
NIGHT = (timedelta(minutes=-6), timedelta(minutes=36))
"""What is watched from minute to minute around a midnight."""

NIGHTS = (2, 5, 8, 13, 20, 29)
"""Days of March 2026 that begin in such a night: New York changes its clocks on the 8th, Berlin on the 29th."""

PRICELESS, RESTARTED_BOT, OUTAGE, LIMITED, SERVICE_DOWN, BLIND = 5, 8, 13, 13, 20, 29
DUE = ((0, 5), (0, 30), (1, 30), (20, 15), (21, 15))
"""Hours and minutes of UTC at which end-of-day runs are due, in summer or in winter."""

MONTH_WINDOW = 5 * 24 * 60
CLOSE = (-30, 60)
"""Minutes around a midnight, and around the noon of a restart, in which the rules are evaluated every minute."""


class Month:
    """The fleet, the exporter over it, and what Prometheus sees."""

    def __init__(self, folder: Path, webhook_url: str) -> None:
        self.clock = SimulatedClock(BEGAN)
        self.fleet = SimulatedFleet(folder, self.clock)
        self.recording = Recording(BEGAN)
        self.service = Service(folder, VARIABLES, self.clock)
        self._webhook_url = webhook_url
        self.at = BEGAN

    def begin(self) -> None:
        """The first cycles and runs of a new exporter; minute by minute, as they follow each other."""
        self.fleet.play(BEGAN)
        self.configure("60s")
        self.service.start()
        self.service.step()
        self.scrape()
        self.pass_until(BEGAN + FIRST_LOOKS, MINUTE)
        self.configure(QUIET)

    def configure(self, interval: str) -> None:
        """Cycles so often from now on; a minute's cycles have the snapshots of the shipped configuration."""
        snapshot = "120s" if interval == "60s" else interval
        self.fleet.configure(interval, snapshot, self._webhook_url)
        if self.service.is_running:
            self.service.reload()
            self._step(self.at + MINUTE, MINUTE)

    def scrape(self) -> None:
        self.recording.scraped(self.at, self.service.scrape())

    def pass_until(self, end: datetime, step: timedelta, rows: timedelta = MINUTE) -> None:
        """The world goes on, and Prometheus looks."""
        while self.at < end:
            self._step(min(self._next(step), end), rows)

    def _next(self, step: timedelta) -> datetime:
        """The next round time; end-of-day runs begin when they are due."""
        following = self.at + step - (self.at - BEGAN) % step
        due = (self.at.replace(hour=hour, minute=minute) for hour, minute in DUE)
        return min((following, *(at for at in due if at > self.at)))

    def _step(self, at: datetime, rows: timedelta) -> None:
        self.at = at
        self.clock.reach(at)
        self.fleet.play(at, rows)
        self.service.step()
        self.scrape()

    def restart(self) -> None:
        """The exporter is away for one scrape."""
        self.service.stop()
        self._step(self.at + MINUTE, MINUTE)
        self.service.start()
        self._step(self.at + MINUTE, MINUTE)


@contextmanager
def beginning(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[tuple[Month, Mailbox]]:
    """The world as it is at the beginning of the month."""
    patch.chdir(folder)
    Service.install(patch)
    # Between attempts nobody waits: the clock is not the machine's.
    stamina.set_testing(True, attempts=4, cap=True)  # the library's own signature
    try:
        with receiving() as (mailbox, url):
            month = Month(folder, f"{url}/webhook")
            with month.fleet:
                month.begin()
                yield month, mailbox
                month.service.stop()
    finally:
        stamina.set_testing(False)  # likewise


def night(month: Month, midnight: datetime, trouble: Callable[[Month], None]) -> None:
    """From minute to minute, with whatever happens in this night."""
    month.pass_until(midnight + NIGHT[0], QUIET_STEP, ROWS)
    month.configure("60s")
    month.pass_until(midnight - MINUTE, MINUTE)
    trouble(month)
    month.pass_until(midnight + NIGHT[1], MINUTE)
    month.fleet.bitget.recover()
    month.configure(QUIET)


def nothing(month: Month) -> None:
    """An ordinary night."""


def without_prices(month: Month) -> None:
    """The bots put off the change of the day for 22 minutes."""
    month.fleet.hbot.priceless_until = month.at + 23 * MINUTE


def bot_restarts(month: Month) -> None:
    """A bot writes nothing for two minutes, across midnight."""
    month.fleet.hbot.silent["bot1"] = month.at + 2 * MINUTE


def exchange_fails(month: Month) -> None:
    """The exchange does not answer for two minutes, limits requests, and drops connections."""
    month.fleet.bitget.fail(Fault.UNAVAILABLE)
    month.pass_until(month.at + 2 * MINUTE, MINUTE)
    month.fleet.bitget.recover()
    for fault, times in ((Fault.RATE_LIMITED, 12), (Fault.DROPPED, 3), (Fault.TRUNCATED, 2)):
        month.fleet.bitget.fail(fault, times=times)
        month.pass_until(month.at + 3 * MINUTE, MINUTE)


def exporter_restarts(month: Month) -> None:
    """The exporter is not there at midnight."""
    month.restart()


def nobody_looks(month: Month) -> None:
    """Prometheus misses a scrape, and is restarted."""
    month.pass_until(month.at + 2 * MINUTE, MINUTE)
    month.recording.scraped(month.at, None)
    month.pass_until(month.at + 2 * MINUTE, MINUTE)
    for minutes in range(3):
        month.recording.not_scraped(month.at + minutes * MINUTE)


TROUBLES = {
    PRICELESS: without_prices,
    RESTARTED_BOT: bot_restarts,
    OUTAGE: exchange_fails,
    SERVICE_DOWN: exporter_restarts,
    BLIND: nobody_looks,
}


NOONS = (3, 6)
"""Days after which there is a restart; after the second one the exchange fails besides."""


def by_day(month: Month, day: int) -> None:
    """What happens about noon: every third day a restart, every second one answers of the exchange that fail."""
    if day % 3 == 0:
        month.restart()
    if day % 2 == 0:
        fault = (Fault.RATE_LIMITED, Fault.UNAVAILABLE, Fault.DROPPED)[day // 2 % 3]
        month.fleet.bitget.fail(fault, times=3)


@pytest.mark.needs_program("promtool")
def test_thirty_healthy_days_tell_nobody_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with beginning(tmp_path, monkeypatch) as (month, mailbox):
        for day in range(1, DAYS + 1):
            midnight = BEGAN + day * DAY - 12 * HOUR
            if midnight.day in NIGHTS:
                night(month, midnight, TROUBLES.get(midnight.day, nothing))
            month.pass_until(BEGAN + day * DAY, QUIET_STEP, ROWS)
            by_day(month, day)
        month.pass_until(BEGAN + DAYS * DAY + HOUR, QUIET_STEP, ROWS)
    recording = month.recording
    assert not mailbox.items, "the exporter's own webhook"

    alerts = set()
    pace = CLOSELY if QUIET == "60s" else ROUGHLY
    for first in range(0, recording.last, MONTH_WINDOW):
        alerts |= fired(recording, tmp_path, first, min(first + MONTH_WINDOW, recording.last), pace)
    middles = [BEGAN.replace(day=day, hour=0) for day in NIGHTS] + [BEGAN + day * DAY for day in NOONS]
    for middle in map(recording.minute, middles):
        alerts |= fired(recording, tmp_path, middle + CLOSE[0], middle + CLOSE[1], CLOSELY, lead=HOUR)
    assert alerts == set()
