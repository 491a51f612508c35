"""A table of positions → the statement of one side."""

from datetime import datetime

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import PositionStatement
from recon_exporter.reading.book_rows import POSITIONS, StatedPositions, Terms, read_positions
from recon_exporter.reading.refused import Refused
from recon_exporter.reading.stated import AS_OF, StatedTable


def statement_of(
    owner: tuple[str, str], table: StatedTable, terms: Terms, now: datetime, untold: datetime
) -> PositionStatement:
    """The statement of ``owner``, bot and adapter; raises Refused, also for what is stale or of the future.

    ``untold`` is the moment described by a statement that does not tell it.
    """
    stated = read_positions(table, terms)
    for position in stated.positions:
        if position.written_at is not None:
            place = f"{table.name}: {position.symbol} ({position.leg}), updated_at"
            terms.times.present(position.written_at, now, place)
    told = _told_time(table, stated, terms)
    bot, source = owner
    return PositionStatement(
        bot=bot,
        source=source,
        as_of=terms.times.timely(untold if told is None else told, now, table.name),
        positions=stated.positions,
        has_write_times=stated.has_write_times,
        proof=table.proof,
    )


def _told_time(table: StatedTable, stated: StatedPositions, terms: Terms) -> datetime | None:
    """The statement's own time; raises Refused where it must tell it and does not."""
    name = terms.names.theirs(POSITIONS, AS_OF)
    if table.as_of is not None:
        return terms.times.moment(table.as_of, f"{table.name}: {name}")
    if stated.as_of is None and (terms.times.needs_time or name != AS_OF):
        raise Refused(Reason.INPUT_MISSING, f"{table.name}: nothing tells the time of the statement ({name})")
    return stated.as_of
