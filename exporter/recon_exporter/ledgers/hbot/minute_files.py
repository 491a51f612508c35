"""minute.csv of one variant, with what was rotated away of it: what is new, or on a cold start what is recent."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

from recon_exporter.ledgers.hbot.damage import shown
from recon_exporter.ledgers.hbot.minute_rows import TIME, RowReader
from recon_exporter.ledgers.hbot.minutes import GAPS, MinuteFold, MinuteProgress, MinuteReading
from recon_exporter.ledgers.hbot.moment import Moment
from recon_exporter.reading.append_only import AppendOnlyFile
from recon_exporter.reading.rotated import Part, RotatedFile, path_of
from recon_exporter.reading.tables import BadLine, parse_header

STEM = "minute"


def read_minutes(folder: str, known: MinuteProgress | None, moment: Moment) -> MinuteReading | None:
    """What is new since ``known``; None where the folder has no such file.

    Where the file is another than before, or was written to only before yesterday, it is read anew: today's rows and
    as many before them as tell the cadence. Raises BadLine for a header that is none, OSError, and SourceError.
    """
    if known is not None and _is_current(folder, known):
        progress = known.of_day(moment.day)
        return MinuteReading(progress, progress.examined)
    with RotatedFile(folder, STEM) as file:
        parts = file.unread(known.checkpoint) if known is not None and _is_recent(known, moment.day) else None
        fold = MinuteFold(known, moment.day, moment.latest, is_anew=parts is None)
        if parts is None:
            parts = file.recent(_back_before(moment))
        if not parts:
            return None
        for part in parts:
            _add(part, fold)
        return fold.reading(parts[-1].file.checkpoint())


def _is_current(folder: str, known: MinuteProgress) -> bool:
    try:
        return known.checkpoint.is_current(path_of(folder, STEM))
    except FileNotFoundError:
        return False


def _is_recent(known: MinuteProgress, day: date) -> bool:
    return known.newest is None or known.newest.at.date() >= day - timedelta(days=1)


def _back_before(moment: Moment) -> Callable[[AppendOnlyFile], Callable[[bytes], bool]]:
    """Back to the last row of an earlier day, and over as many rows as tell the cadence."""
    seen = 0

    def searching(file: AppendOnlyFile) -> Callable[[bytes], bool]:
        reader = reader_of(file)

        def is_far_enough(line: bytes) -> bool:
            nonlocal seen
            at = reader.time(line)
            if at is None or at > moment.latest or (seen > GAPS and at.date() >= moment.day):
                return False
            try:
                reader.row(line, "")
            except BadLine:
                return False
            seen += 1
            return seen > GAPS and at.date() < moment.day

        return is_far_enough

    return searching


def _add(part: Part, fold: MinuteFold) -> None:
    reader = reader_of(part.file)
    for block in part.blocks():
        for offset, line in block.lines():
            if not line.strip():
                continue
            place = f"{part.file.name}:byte {offset}"
            try:
                fold.add_row(reader.row(line, place))
            except BadLine as error:
                fold.add_bad_line(reader.time(line), place, f"{error}: {shown(line)}")


def reader_of(file: AppendOnlyFile) -> RowReader:
    """What reads the lines of this file."""
    return _reader_of(file.header or TIME.encode())


@lru_cache(maxsize=256)
def _reader_of(header: bytes) -> RowReader:
    """The bots of a fleet have few headers between them."""
    return RowReader(parse_header(header, (TIME,)))
