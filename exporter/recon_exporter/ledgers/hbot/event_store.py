"""The event store: ``events_<YYYYMMDD>.jsonl``, one pass for all bots.

A file holds what arrived on its UTC day, so what happened late yesterday may stand in today's file and the reverse.
Read are today's file and what is new in yesterday's: on a cold pass its end, from two hours before midnight on.
"""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.statement import Unavailable
from recon_exporter.errors import SourceError
from recon_exporter.ledgers.hbot.events import SIGN, BadEvent, times_of
from recon_exporter.ledgers.hbot.fill_files import Rewritten
from recon_exporter.ledgers.hbot.fills import FillPass
from recon_exporter.ledgers.hbot.matching import MARGIN, midnight
from recon_exporter.ledgers.hbot.moment import Moment
from recon_exporter.reading.append_only import AppendOnlyFile, Block
from recon_exporter.reading.backwards import find_back
from recon_exporter.reading.json_lines import last_lines, sift

LOOKED_BACK = 16
"""How many lines from the end are asked for their time; those of fills are asked all."""

NO_OBJECT = BadEvent("the line is no JSON object")


def read_store(folder: Path, fold: FillPass, moment: Moment, oldest: timedelta) -> Unavailable | None:
    """Add what is new in the store; says why where it cannot be read to its end, or shows no life for ``oldest``.

    Raises Rewritten where a file does not continue what was read of it before.
    """
    yesterday, today = (_path(folder, day) for day in (moment.day - timedelta(days=1), moment.day))
    was_there = today.name in fold.files
    fold.files = {name: of for name, of in fold.files.items() if name in (yesterday.name, today.name)}
    try:
        _read(yesterday, fold, moment.day - timedelta(days=1), _end_of_yesterday(moment))
        is_there = _read(today, fold, moment.day, _beginning)
    except SourceError as error:
        return Unavailable(Reason.SOURCE_MALFORMED, str(error))
    except OSError as error:
        return Unavailable(Reason.SOURCE_UNREADABLE, str(error))
    newest_at = fold.newest_event_at
    is_alive = newest_at is not None and moment.now - newest_at <= oldest
    # A new day's file begins with its first event: until then yesterday's life is proof enough.
    if not is_there and (was_there or not is_alive):
        return Unavailable(Reason.SOURCE_MISSING, f"{today} is not there")
    if not is_alive:
        told = "no event with a time" if newest_at is None else f"no event after {newest_at.isoformat()}"
        return Unavailable(Reason.SOURCE_STALE, f"{folder} holds {told}")
    return None


def _path(folder: Path, day: date) -> Path:
    return folder / f"events_{day:%Y%m%d}.jsonl"


def _read(path: Path, fold: FillPass, day: date, begin: Callable[[AppendOnlyFile], int]) -> bool:
    """Whether the file is there; all of it that is new has been added then."""
    known = fold.files.get(path.name)
    try:
        if known is not None and known.is_current(str(path)):
            return True
        file = AppendOnlyFile(str(path))
    except FileNotFoundError:
        return False
    with file:
        if known is not None and not file.continues(known):
            raise Rewritten(str(path))
        block = None
        try:
            for block in file.blocks(begin(file) if known is None else known.offset):
                _add(block, path.name, day, fold)
        finally:
            fold.files[path.name] = file.checkpoint()
        for line in last_lines(block, LOOKED_BACK) if block else ():
            fold.saw_event(*times_of(line))
    return True


def _beginning(_file: AppendOnlyFile) -> int:
    return 0


def _end_of_yesterday(moment: Moment) -> Callable[[AppendOnlyFile], int]:
    horizon = midnight(moment.day) - 2 * MARGIN

    def is_far_enough(line: bytes) -> bool:
        times = times_of(line)
        return bool(times) and max(times) < horizon

    return lambda file: find_back(file, is_far_enough) or 0


def _add(block: Block, name: str, day: date, fold: FillPass) -> None:
    sifted = sift(block, SIGN)
    lost = dict(sifted.bad)
    for offset, line in sorted((*sifted.wanted, *sifted.bad)) if lost else sifted.wanted:
        place = f"{name}:byte {offset}"
        if offset in lost:
            fold.add_bad_event(line, place, day, NO_OBJECT)
        else:
            fold.add_event_line(line, place, day)
