"""The load of a running service: bots that write rows, fills and events as time goes by."""

from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection as Pipe

from benchmarks.events import bot_name, other_event
from benchmarks.fleet import Fleet
from recon_exporter.clock import SystemClock
from recon_exporter.demo.hbot_writer import fill_event, fill_row

STEPS_PER_SECOND = 10
FILLS_PER_STEP = 10
OTHERS_PER_STEP = 90
STEPS_PER_MINUTE = 60 * STEPS_PER_SECOND
STEPS_PER_SNAPSHOT = 120 * STEPS_PER_SECOND


@dataclass(frozen=True, slots=True)
class Told:
    """The n-th fill event of a bot today, and when it had been written."""

    bot: str
    number: int
    at: float


@dataclass(slots=True)
class Load:
    """A hundred fills and nine hundred other events a second, a row of each bot a minute, now and then a snapshot."""

    fleet: Fleet
    clock: SystemClock = field(default_factory=SystemClock)
    step: int = 0
    told: list[Told] = field(default_factory=list)

    def write_until_stopped(self, stop: Pipe) -> list[Told]:
        """Write what is due until something comes through the pipe; what is behind is caught up with."""
        began = self.clock.monotonic()
        while not stop.poll(max(0.0, began + self.step / STEPS_PER_SECOND - self.clock.monotonic())):
            self._write_step(self.clock.now())
            self.step += 1
        return self.told

    def _write_step(self, now: datetime) -> None:
        self.fleet.now = now
        names = [bot_name((self.step * FILLS_PER_STEP + place) % self.fleet.bots) for place in range(FILLS_PER_STEP)]
        fills = [(bot, fill_row(now, f"live-{self.step}-{place}")) for place, bot in enumerate(names)]
        others = [
            other_event(number, f"other-{self.step}-{number}", bot_name(number % self.fleet.bots), now)
            for number in range(OTHERS_PER_STEP)
        ]
        for bot, fill in fills:
            self.fleet.files.append_fills(bot, [fill])
            self.fleet.fill_counts[bot] += 1
        filled = [fill_event(bot, fill, event_id=f"{fill['order_id']}") for bot, fill in fills]
        self.fleet.files.append_events(now.date(), [*others, *filled])
        at = self.clock.now().timestamp()
        self.told += [Told(bot, self.fleet.fill_counts[bot], at) for bot in names]
        for number in range(self.step % STEPS_PER_MINUTE, self.fleet.bots, STEPS_PER_MINUTE):
            self.fleet.append_minute(bot_name(number))
        if self.step % STEPS_PER_SNAPSHOT == 0:
            self.fleet.replace_snapshot()


def written_until_stopped(fleet: Fleet, stop: Pipe) -> None:
    """The load in a process of its own; answers through the pipe with what was written when."""
    stop.send(Load(fleet).write_until_stopped(stop))
