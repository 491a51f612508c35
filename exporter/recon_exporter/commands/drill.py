"""`recon-exporter drill`: an alert's condition made in a sandbox, and watched until somebody is told and it is over."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import typer

from recon_exporter.clock import SystemClock
from recon_exporter.drills.pace import Pace
from recon_exporter.drills.registry import DRILLS
from recon_exporter.drills.running import PATIENCE_SECONDS, Tell
from recon_exporter.drills.sandbox import missing_programs
from recon_exporter.drills.scene import Drill
from recon_exporter.drills.several import page, run_all, run_one, table
from recon_exporter.reading.files import replace_file

PASSED, FAILED, UNUSABLE = 0, 1, 2
ENDED_BY = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for; ``directory`` keeps what a single drill wrote, ``output`` is the page about all."""

    alert: str | None
    kind: str | None
    scale: float
    is_all: bool
    at_once: int
    directory: Path | None
    output: Path
    patience: float = PATIENCE_SECONDS


def run(wish: Wish) -> int:
    """0 delivered and resolved, 1 not, 2 where nothing can be drilled as asked."""
    problem = _problem(wish)
    if problem is not None:
        typer.echo(f"drill: {problem}", err=True)
        return UNUSABLE
    for number in ENDED_BY:
        signal.signal(number, _interrupt)
    try:
        return _all(wish) if wish.is_all else _one(chosen(wish.alert or "", wish.kind), wish)
    except KeyboardInterrupt:
        typer.echo("drill: interrupted; everything that it started has ended", err=True)
        return FAILED
    except OSError as error:
        typer.echo(f"drill: {error}", err=True)
        return UNUSABLE


def chosen(alert: str, kind: str | None) -> Drill:
    """The drill of this name, or its variant. Raises KeyError where there is none."""
    drill = DRILLS[alert]
    return drill if kind is None else drill.variants[kind]


def _problem(wish: Wish) -> str | None:
    if wish.is_all == (wish.alert is not None):
        return "expected the name of an alert, or --all"
    if wish.alert is None:
        return _problem_of_all(wish)
    if wish.alert not in DRILLS:
        return f"{wish.alert!r} is no alert of ours; there are {', '.join(sorted(DRILLS))}"
    return _type_problem(DRILLS[wish.alert], wish.kind) or _directory_problem(wish.directory)


def _problem_of_all(wish: Wish) -> str | None:
    """All drills take minutes, so what is to be written in the end is tried before."""
    if wish.kind is not None or wish.directory is not None:
        return f"--{'directory' if wish.kind is None else 'type'} is for a single drill"
    if problem := _made(wish.output.parent):
        return f"--output {wish.output}: {problem}"
    if wish.output.is_dir() or not os.access(wish.output.parent, os.W_OK):
        return f"--output {wish.output}: expected a file that can be written"
    return None


def _made(folder: Path) -> str | None:
    """Make the folder where it is not there; why that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return error.strerror
    return None


def _type_problem(drill: Drill, kind: str | None) -> str | None:
    if kind is None or kind in drill.variants:
        return None
    return f"--type {kind}: {drill.alert} has {', '.join(sorted(drill.variants)) or 'no types'}"


def _directory_problem(directory: Path | None) -> str | None:
    if directory is None:
        return None
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        return f"--directory {directory}: expected a folder that is empty or not there yet"
    problem = _made(directory)
    return problem and f"--directory {directory}: {problem}"


def _one(drill: Drill, wish: Wish) -> int:
    outcome = run_one(drill, Pace(wish.scale), _teller(), wish.directory, wish.patience)
    typer.echo(f"{drill.alert}: {'delivered and resolved' if outcome.is_passed else outcome.problem}")
    return PASSED if outcome.is_passed else FAILED


def _all(wish: Wish) -> int:
    if missing := missing_programs():
        typer.echo(f"drill: {missing}", err=True)
        return FAILED
    pace, drills = Pace(wish.scale), sorted(DRILLS.values(), key=lambda drill: drill.alert)
    clock = SystemClock()
    began = clock.now()
    outcomes = run_all(drills, pace, lambda alert: _teller(f"{alert}  "), wish.at_once, wish.patience)
    typer.echo(table(outcomes))
    replace_file(wish.output, page(DRILLS, outcomes, pace, began.date(), clock.now() - began))
    typer.echo(f"written to {wish.output}")
    return PASSED if all(outcome.is_passed for outcome in outcomes) else FAILED


def _teller(before: str = "") -> Tell:
    """Prints each step with the seconds since the beginning."""
    began = time.monotonic()

    def tell(subject: str, text: str) -> None:
        typer.echo(f"{time.monotonic() - began:7.1f} s  {before}{subject:<9} {text}")

    return tell


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Ends the drill once; while everything is being ended nothing interrupts that."""
    del number, frame
    for ignored in ENDED_BY:
        signal.signal(ignored, signal.SIG_IGN)
    raise KeyboardInterrupt
