"""Drills in the background, some of them at a time, and the table of what came of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from threading import Event

from recon_exporter import __version__
from recon_exporter.drills.pace import Pace
from recon_exporter.drills.running import PATIENCE_SECONDS, Outcome, Tell, Terms, run
from recon_exporter.drills.scene import Drill

HEADER = """\
# Drills

Every alert has a drill: `recon-exporter drill ALERT` makes its condition in a throw-away sandbox with the real
exporter, Prometheus and Alertmanager, waits until a person is told, takes the condition away and waits until it is
over. There is one for each alert, and more ways to some (`--type`); the alert must arrive with the severity shown.

This page was written by `recon-exporter drill --all`{paced}: version {version} on {day}, {minutes:.1f} minutes for all.

| alert | severity | what happens | how it is put right | told after | over after |
| --- | --- | --- | --- | --- | --- |
"""


def run_all(
    drills: Iterable[Drill], pace: Pace, tell: Callable[[str], Tell], at_once: int, patience: float = PATIENCE_SECONDS
) -> tuple[Outcome, ...]:
    """Play all of these, ``at_once`` at a time, each told by its own name. Ctrl-C ends those that run, and the rest."""
    return _in_background([(drill, tell(drill.alert), None) for drill in drills], pace, at_once, patience)


def run_one(drill: Drill, pace: Pace, tell: Tell, folder: Path | None, patience: float = PATIENCE_SECONDS) -> Outcome:
    """Play this one, in ``folder`` where one is given. Ctrl-C ends it."""
    return _in_background([(drill, tell, folder)], pace, 1, patience)[0]


def _in_background(
    plans: Iterable[tuple[Drill, Tell, Path | None]], pace: Pace, at_once: int, patience: float
) -> tuple[Outcome, ...]:
    """No interrupt comes between the start of a program and the note of whom to end: it is the main thread's."""
    stopped = Event()
    terms = Terms(patience, is_cancelled=stopped.is_set)
    with ThreadPoolExecutor(at_once, thread_name_prefix="drill") as workers:
        going_on = [workers.submit(run, drill, pace, tell, folder, terms=terms) for drill, tell, folder in plans]
        try:
            return tuple(one.result() for one in going_on)
        except BaseException:
            stopped.set()
            workers.shutdown(wait=False, cancel_futures=True)
            raise


def table(outcomes: Sequence[Outcome]) -> str:
    """A line for each drill, then how many passed."""
    width = max(len(outcome.alert) for outcome in outcomes)
    lines = [
        f"{outcome.alert:<{width}}  {_seconds(outcome.delivered_after):>8}  {_seconds(outcome.resolved_after):>8}  "
        f"{'passed' if outcome.is_passed else 'FAILED  ' + outcome.problem}"
        for outcome in outcomes
    ]
    passed = sum(outcome.is_passed for outcome in outcomes)
    return "\n".join([f"{'alert':<{width}}  {'told':>8}  {'over':>8}", *lines, "", f"{passed} of {len(lines)} passed"])


def page(drills: Mapping[str, Drill], outcomes: Sequence[Outcome], pace: Pace, day: date, took: timedelta) -> str:
    """The table in Markdown, with what was played, on which day, and how long all of it took."""
    paced = "" if pace.scale == 1 else f", with waits divided by {pace.scale:g}"
    minutes = took / timedelta(minutes=1)
    header = HEADER.format(paced=paced, version=__version__, day=day, minutes=minutes)
    return header + "".join(_row(drills[outcome.alert], outcome) for outcome in outcomes)


def _row(drill: Drill, outcome: Outcome) -> str:
    link = f"[{drill.alert}](../runbooks/{drill.alert}.md)"
    told, over = _seconds(outcome.delivered_after), _seconds(outcome.resolved_after)
    return f"| {link} | {drill.severity} | {drill.happens} | {drill.repaired} | {told} | {over} |\n"


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.0f} s"
