"""One drill from an empty folder to an empty folder: sound, wrong, told, put right, over."""

import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from recon_exporter.clock import SystemClock
from recon_exporter.demo.programs import ProgramFailed
from recon_exporter.drills.pace import Pace
from recon_exporter.drills.sandbox import Missing, Sandbox, missing_programs
from recon_exporter.drills.scene import Drill, Scene
from recon_exporter.ports import Clock

POLL_SECONDS = 0.2
KEEP_SECONDS = 3.0
PATIENCE_SECONDS = 90.0
"""What one step may take beside the waits that are divided: programs start, cycles are made, a machine is busy."""

LONGEST_WAIT_SECONDS = 13 * 3600.0
"""More than the longest wait of a rule before it fires."""

LAST_OF_A_DAY, FIRST_OF_A_DAY = timedelta(minutes=5), timedelta(minutes=2)
"""No drill begins then: bots write a file for each UTC day, and begin to count anew."""

Tell = Callable[[str, str], None]
"""Is told each step: a word for it, and what happened."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How long one step may take, by which clock, and whether anybody still waits."""

    patience: float = PATIENCE_SECONDS
    clock: Clock = field(default_factory=SystemClock)
    is_cancelled: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads the alert's page: called between message and repair, and asked after the end until yes."""

    while_told: Callable[[Sandbox], None] = lambda _: None
    is_verified: Callable[[Sandbox], bool] = lambda _: True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a drill; the seconds count from the condition, and from the repair."""

    alert: str
    delivered_after: float | None = None
    resolved_after: float | None = None
    problem: str = ""

    @property
    def is_passed(self) -> bool:
        """Delivered, and after the repair resolved."""
        return self.delivered_after is not None and self.resolved_after is not None and not self.problem


class Late(Exception):
    """Something did not come in time, or nobody waits for it any longer."""


@dataclass(slots=True)
class Rehearsal:
    """A drill that is going on."""

    drill: Drill
    sandbox: Sandbox
    scene: Scene
    tell: Tell
    terms: Terms
    _kept_at: float = 0.0

    def begin(self) -> None:
        """Bring up a sound world and everybody who watches it."""
        if missing := missing_programs():
            raise Missing(missing)
        self._wait_for_one_day()
        self.sandbox.unpack()
        self.sandbox.configure(self.scene.prepare())
        self.sandbox.exporter.start()
        self._until(self._is_ready, "a first cycle of the exporter")
        self.tell("exporter", f"reconciles at {self.sandbox.exporter.url}")
        self.sandbox.start_watchers()
        self._until(lambda: bool(self.sandbox.ask("recon_build_info")), "the first scrape")
        self.scene.begun()
        self._until(lambda: not self.drill.stands(self.sandbox), f"a beginning without {self.drill.alert}")
        self.sandbox.mailbox.begin()
        self.tell("watchers", "Prometheus scrapes it, Alertmanager is told")

    def break_(self) -> float:
        """Make the condition and wait until a person is told; the seconds that it took."""
        began = time.monotonic()
        self.scene.happen()
        self.tell("happens", self.drill.happens)
        self._until(lambda: self.drill.is_delivered(self.sandbox), f"a message about {self.drill.alert}")
        took = time.monotonic() - began
        self.tell("told", f"{self.drill.heard(self.sandbox)} after {took:.1f} s")
        return took

    def mend(self) -> float:
        """Take the condition away and wait until it is over; the seconds that it took."""
        began = time.monotonic()
        self.scene.repair()
        self.tell("repaired", self.drill.repaired)
        self._until(lambda: self.drill.is_resolved(self.sandbox), f"the end of {self.drill.alert}")
        took = time.monotonic() - began
        self.tell("over", f"{self.drill.alert} ended after {took:.1f} s")
        return took

    def verify(self, reader: Reader) -> None:
        """Wait until the reader of the page sees what it says of the end."""
        self._until(lambda: reader.is_verified(self.sandbox), f"what the page of {self.drill.alert} says of its end")

    def _is_ready(self) -> bool:
        if not self.sandbox.exporter.is_running():
            raise Late(f"the exporter has ended:\n{self.sandbox.exporter.last_words()}")
        return self.sandbox.exporter.is_ready()

    def _wait_for_one_day(self) -> None:
        wait = until_one_day(self.terms.clock.now())
        if wait:
            self.tell("waits", f"{wait.total_seconds():.0f} s, for the next UTC day to have begun")
        ends_at = self.terms.clock.monotonic() + wait.total_seconds()
        while (left := ends_at - self.terms.clock.monotonic()) > 0:
            if self.terms.is_cancelled():
                raise Late("it was interrupted")
            self.terms.clock.wait(timedelta(seconds=min(1.0, left)))

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        patience = self.terms.patience + LONGEST_WAIT_SECONDS / self.sandbox.pace.scale
        ends_at = time.monotonic() + patience
        while not condition():
            now = time.monotonic()
            if self.terms.is_cancelled():
                raise Late("it was interrupted")
            if now > ends_at:
                raise Late(f"within {patience:.0f} s there was not {what}")
            if now - self._kept_at > KEEP_SECONDS:
                self._kept_at = now
                self.scene.keep()
            time.sleep(POLL_SECONDS)


def until_one_day(now: datetime) -> timedelta:
    """How long to wait so that what begins then has a day of its own around it."""
    midnight = datetime.combine(now.date(), datetime.min.time(), now.tzinfo)
    if now < midnight + FIRST_OF_A_DAY:
        return midnight + FIRST_OF_A_DAY - now
    next_midnight = midnight + timedelta(days=1)
    return next_midnight + FIRST_OF_A_DAY - now if now >= next_midnight - LAST_OF_A_DAY else timedelta()


def run(
    drill: Drill,
    pace: Pace,
    tell: Tell,
    folder: Path | None = None,
    reader: Reader | None = None,
    terms: Terms | None = None,
) -> Outcome:
    """Play the drill in ``folder``, or in one that is removed afterwards.

    Nothing is left running. What the reader of a time line would call a failure of the drill is an Outcome with its
    problem; what the reader of the page asserts is raised.
    """
    outcome, terms, reader = Outcome(drill.alert), terms or Terms(), reader or Reader()
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(TemporaryDirectory(prefix="recon-drill-")))
        place.mkdir(parents=True, exist_ok=True)
        sandbox = Sandbox(place.resolve(), pace, terms.clock, is_cancelled=terms.is_cancelled)
        stack.callback(sandbox.stop)
        try:
            scene = drill.scene(sandbox)
            stack.callback(scene.close)
            rehearsal = Rehearsal(drill, sandbox, scene, tell, terms)
            rehearsal.begin()
            outcome = replace(outcome, delivered_after=rehearsal.break_())
            reader.while_told(sandbox)
            outcome = replace(outcome, resolved_after=rehearsal.mend())
            rehearsal.verify(reader)
        except (Late, Missing, ProgramFailed, OSError, subprocess.SubprocessError) as error:
            outcome = replace(outcome, problem=str(error))
            tell("problem", str(error))
    return outcome
