"""The exporter by a clock that can be put forward, so that a UTC day ends while somebody watches.

`python -m recon_exporter.drills.another_day FILE serve --web.listen-address=ADDRESS` is `recon-exporter serve` by the
clock that FILE puts forward.
"""

import os
import sys
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from recon_exporter import logs
from recon_exporter.clock import SystemClock
from recon_exporter.ports import Clock
from recon_exporter.serving import Exporter
from recon_exporter.settings.overrides import Overrides
from recon_exporter.settings.store import ConfigurationStore
from recon_exporter.state import open_state, serve_lock

PROGRAM = (sys.executable, "-m", "recon_exporter.drills.another_day")
FIRST_ROW = timedelta(minutes=1)
"""How old a day is in which every bot has written a row."""


@dataclass(frozen=True, slots=True)
class MovableClock:
    """The machine's clock, put forward by the seconds that a file holds; by none while there is no file."""

    file: Path
    machine: Clock = field(default_factory=SystemClock)

    def now(self) -> datetime:
        """The time as it is now for everybody who reads this file."""
        return self.machine.now() + timedelta(seconds=float(self.file.read_text()) if self.file.exists() else 0)

    def wait(self, span: timedelta) -> None:
        """Do nothing for a while."""
        self.machine.wait(span)

    def monotonic(self) -> float:
        """Seconds that never go back and are never put forward."""
        return self.machine.monotonic()

    def begin_next_day(self) -> None:
        """Put the clock forward to the first minute of the next UTC day."""
        morning = datetime.combine(self.now().date() + timedelta(days=1), time.min, UTC) + FIRST_ROW
        written = self.file.with_suffix(".new")
        written.write_text(str((morning - self.machine.now()).total_seconds()))
        written.replace(self.file)


def serve(clock: MovableClock, address: str) -> None:
    """What `recon-exporter serve` does, by this clock."""
    store = ConfigurationStore(Overrides(listen_address=address), os.environ, Path.cwd(), clock)
    logs.configure(store.current.log.level, store.current.log.format)
    url = store.current.state.url.get_secret_value()
    with serve_lock(url, clock), closing(open_state(url)) as state:
        Exporter(store, state, clock, timer=clock.machine).run()


if __name__ == "__main__":
    serve(MovableClock(Path(sys.argv[1])), sys.argv[3].partition("=")[2])
