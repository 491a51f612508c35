"""One drill from an empty folder to an empty folder: sound, wrong, told, put right, over."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from recon_exporter.demo.programs import ProgramFailed
from recon_exporter.drills.pace import Pace
from recon_exporter.drills.sandbox import Missing, Sandbox
from recon_exporter.drills.scene import RECEIVERS, Drill, Scene

POLL_SECONDS = 0.2
KEEP_SECONDS = 3.0
PATIENCE_SECONDS = 90.0
"""What one step may take beside the waits that are divided: programs start, cycles are made, a machine is busy."""

LONGEST_WAIT_SECONDS = 13 * 3600.0
"""More than the longest wait of a rule before it fires."""

Tell = Callable[[str, str], None]
"""Is told each step: a word for it, and what happened."""


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
    is_cancelled: Callable[[], bool]
    _kept_at: float = 0.0

    def begin(self) -> None:
        """Bring up a sound world and everybody who watches it."""
        self.sandbox.unpack()
        self.sandbox.configure(self.scene.prepare())
        self.sandbox.exporter.start()
        self._until(self._is_ready, "a first cycle of the exporter")
        self.tell("exporter", f"reconciles at {self.sandbox.exporter.url}")
        self.sandbox.start_watchers()
        self._until(lambda: bool(self.sandbox.ask("recon_build_info")), "the first scrape")
        self.scene.begun()
        self.tell("watchers", "Prometheus scrapes it, Alertmanager is told")

    def break_(self) -> float:
        """Make the condition and wait until a person is told; the seconds that it took."""
        began = time.monotonic()
        self.scene.happen()
        self.tell("happens", self.drill.happens)
        self._until(lambda: self.drill.is_delivered(self.sandbox), f"a message about {self.drill.alert}")
        took = time.monotonic() - began
        self.tell("told", f"{self._summary()} after {took:.1f} s")
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

    def _is_ready(self) -> bool:
        if not self.sandbox.exporter.is_running():
            raise Late(f"the exporter has ended:\n{self.sandbox.exporter.last_words()}")
        return self.sandbox.exporter.is_ready()

    def _summary(self) -> str:
        told = (told for told in self.sandbox.mailbox.told() if told.is_about(self.drill.awaited))
        one = next((told for told in told if told.path == RECEIVERS[self.drill.severity]), None)
        return self.drill.alert if one is None else f"{one.path[1:]}: {one.annotations.get('summary', '')}"

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        patience = PATIENCE_SECONDS + LONGEST_WAIT_SECONDS / self.sandbox.pace.scale
        ends_at = time.monotonic() + patience
        while not condition():
            now = time.monotonic()
            if self.is_cancelled():
                raise Late("it was interrupted")
            if now > ends_at:
                raise Late(f"within {patience:.0f} s there was not {what}")
            if now - self._kept_at > KEEP_SECONDS:
                self._kept_at = now
                self.scene.keep()
            time.sleep(POLL_SECONDS)


def run(
    drill: Drill,
    pace: Pace,
    tell: Tell,
    folder: Path | None = None,
    while_told: Callable[[Sandbox], None] | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Play the drill in ``folder``, or in one that is removed afterwards.

    ``while_told`` is called between the message and the repair. Nothing is left running. What the reader of a time
    line would call a failure of the drill is an Outcome with its problem; what ``while_told`` raises is raised.
    """
    outcome = Outcome(drill.alert)
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(TemporaryDirectory(prefix="recon-drill-")))
        place.mkdir(parents=True, exist_ok=True)
        sandbox = Sandbox(place.resolve(), pace)
        stack.callback(sandbox.stop)
        try:
            scene = drill.scene(sandbox)
            stack.callback(scene.close)
            rehearsal = Rehearsal(drill, sandbox, scene, tell, is_cancelled)
            rehearsal.begin()
            outcome = replace(outcome, delivered_after=rehearsal.break_())
            if while_told is not None:
                while_told(sandbox)
            outcome = replace(outcome, resolved_after=rehearsal.mend())
        except (Late, Missing, ProgramFailed) as error:
            outcome = replace(outcome, problem=str(error))
            tell("problem", str(error))
    return outcome
