"""Halts and marks of end-of-day runs, as rows; each function works inside the caller's transaction."""

from collections.abc import Iterable
from types import MappingProxyType

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, select

from recon_exporter.domain.breaks import Halt
from recon_exporter.ports import EodMark, EodMemory
from recon_exporter.state.breaks import opened_counts, read_breaks, resolution_seconds
from recon_exporter.state.kept import document_of, read_document
from recon_exporter.state.tables import EOD_MARKS, HALTS
from recon_exporter.state.upsert import upsert

_HALT = TypeAdapter(Halt)
_MARK = TypeAdapter(EodMark)


def read(connection: Connection, revision: int) -> EodMemory:
    """Everything that runs need to know."""
    halts = [read_document(_HALT, row.document, "a halt", row.bot) for row in connection.execute(select(HALTS))]
    return EodMemory(
        revision=revision,
        breaks=read_breaks(connection, of_runs=True),
        cycle_breaks=read_breaks(connection, of_runs=False),
        halts=tuple(sorted(halts, key=lambda halt: (halt.bot, halt.reason))),
        marks=MappingProxyType(read_marks(connection)),
        opened_counts=MappingProxyType(opened_counts(connection)),
        resolution_seconds=resolution_seconds(connection),
    )


def read_marks(connection: Connection) -> dict[str, EodMark]:
    """The mark of every bot."""
    rows = connection.execute(select(EOD_MARKS))
    return {row.bot: read_document(_MARK, row.document, "the mark", row.bot) for row in rows}


def write_halts(connection: Connection, halts: Iterable[Halt], cleared: Iterable[str]) -> None:
    """Take out the halts of cleared bots, then put in the new and changed ones."""
    for bot in cleared:
        connection.execute(delete(HALTS).where(HALTS.c.bot == bot))
    named = {(halt.bot, halt.reason): halt for halt in halts}
    rows = [
        {"bot": bot, "reason": reason, "document": document_of(_HALT, halt)} for (bot, reason), halt in named.items()
    ]
    upsert(connection, HALTS, rows)


def write_mark(connection: Connection, mark: EodMark) -> None:
    """Replace the bot's mark."""
    upsert(connection, EOD_MARKS, [{"bot": mark.bot, "document": document_of(_MARK, mark)}])
