"""fills.csv of one variant: the rows that are new, or on a cold pass those since an hour before midnight.

The file holds the fills of all days and connectors, has 17 columns or 21, and is rotated only when its header changes.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.money import InvalidAmount
from recon_exporter.domain.statement import Unavailable
from recon_exporter.errors import SourceError
from recon_exporter.ledgers.hbot.damage import shown
from recon_exporter.ledgers.hbot.fills import FillPass
from recon_exporter.ledgers.hbot.matching import MARGIN, BotFills, midnight
from recon_exporter.ledgers.hbot.moment import Moment
from recon_exporter.ledgers.hbot.quantity import quantity
from recon_exporter.reading.append_only import AppendOnlyFile, Checkpoint
from recon_exporter.reading.rotated import Part, RotatedFile, path_of
from recon_exporter.reading.tables import BadLine, Header, cells, parse_header
from recon_exporter.reading.times import InvalidTime, iso_time

STEM = "fills"
TIME, ORDER, QUANTITY = "ts", "order_id", "amount_base"


class Rewritten(Exception):
    """A file is another than the one that was read before: what it told cannot be taken back singly."""


class FillReader:
    """Reads the lines of one table."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._time, self._order, self._quantity = (header.names.index(name) for name in (TIME, ORDER, QUANTITY))

    def fill(self, line: bytes) -> tuple[str, Decimal, datetime]:
        """Order, quantity and time; raises BadLine."""
        found = cells(line, self._header)
        try:
            at = iso_time(found[self._time])
            filled = quantity(found[self._quantity])
        except InvalidTime as error:
            raise BadLine(str(error), TIME) from None
        except InvalidAmount as error:
            raise BadLine(str(error), QUANTITY) from None
        if not found[self._order].strip():
            raise BadLine("the order is not named", ORDER)
        return found[self._order], filled, at

    def time(self, line: bytes) -> datetime | None:
        """The time of a line that may be bad otherwise, None where even that cannot be read."""
        try:
            return iso_time(line.split(b",", self._time + 1)[self._time].strip().decode())
        except (IndexError, ValueError):
            return None


def read_fills(folder: str, path: str, bot: str, fold: FillPass, moment: Moment) -> Unavailable | None:
    """Add what is new in the fills.csv of the variant ``path``; says why where it cannot be read to its end.

    Raises Rewritten where the file does not continue what was read of it before.
    """
    known = fold.look(bot).files.get(path)
    try:
        if known is not None and known.is_current(path_of(folder, STEM)):
            return None
    except OSError:
        pass  # in the middle of a rotation, or gone: the folder will tell
    fills = fold.look(bot).copy()
    try:
        checkpoint = _read(folder, known, fold, fills, moment)
    except BadLine as error:
        return Unavailable(Reason.SOURCE_MALFORMED, f"{path}/{STEM}.csv: {error}")
    except (OSError, SourceError) as error:
        return Unavailable(Reason.SOURCE_UNREADABLE, f"{path}/{STEM}.csv: {error}")
    if checkpoint is None:
        return Unavailable(Reason.SOURCE_MISSING, f"{path} has no {STEM}.csv")
    fills.files[path] = checkpoint
    fold.put(bot, fills)
    return None


def _read(folder: str, known: Checkpoint | None, fold: FillPass, fills: BotFills, moment: Moment) -> Checkpoint | None:
    """Add the rows to ``fills``; None where there is no file."""
    with RotatedFile(folder, STEM) as file:
        parts = file.recent(_back_before(moment)) if known is None else file.unread(known)
        if parts is None:
            raise Rewritten(path_of(folder, STEM))
        for part, reader in [(part, _reader(part.file)) for part in parts]:
            _add(part, reader, fold, fills)
        return parts[-1].file.checkpoint() if parts else None


def _add(part: Part, reader: FillReader, fold: FillPass, fills: BotFills) -> None:
    for block in part.blocks():
        for offset, line in block.lines():
            if not line.strip():
                continue
            try:
                fold.add_ledger_fill(fills, *reader.fill(line))
            except BadLine as error:
                place = f"{part.file.name}:byte {offset}"
                fold.add_bad_row(fills, reader.time(line), error.column, place, f"{error}: {shown(line)}")


def _back_before(moment: Moment) -> Callable[[AppendOnlyFile], Callable[[bytes], bool]]:
    """Back to the last row older than what is followed, with room for rows that are not quite in order."""
    horizon = midnight(moment.day) - 2 * MARGIN

    def searching(file: AppendOnlyFile) -> Callable[[bytes], bool]:
        reader = _reader(file)

        def is_far_enough(line: bytes) -> bool:
            try:
                return reader.fill(line)[2] < horizon
            except BadLine:
                return False

        return is_far_enough

    return searching


def _reader(file: AppendOnlyFile) -> FillReader:
    if file.header is None:
        raise BadLine("there is no header")
    return FillReader(parse_header(file.header, (TIME, ORDER, QUANTITY)))
