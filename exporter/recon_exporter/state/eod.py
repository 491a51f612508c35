"""Breaks, halts and marks of end-of-day runs, as rows; each function works inside the caller's transaction."""

from collections.abc import Iterable
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError
from sqlalchemy import Connection, delete, func, or_, select

from recon_exporter.domain.breaks import Break, Halt
from recon_exporter.errors import StateError
from recon_exporter.ports import EodMark, EodMemory
from recon_exporter.state.tables import BREAKS, EOD_MARKS, HALTS
from recon_exporter.state.upsert import upsert

Kept = TypeVar("Kept")
Resolution = tuple[str, str, float]

_BREAK = TypeAdapter(Break)
_HALT = TypeAdapter(Halt)
_MARK = TypeAdapter(EodMark)

KEPT_RESOLVED = 10_000
"""How many resolved breaks a memory holds, the latest; the table keeps all."""


def read(connection: Connection, revision: int) -> EodMemory:
    """Everything that runs need to know."""
    halts = [_read(_HALT, row.document, "a halt", row.bot) for row in connection.execute(select(HALTS))]
    return EodMemory(
        revision=revision,
        breaks=_breaks(connection),
        halts=tuple(sorted(halts, key=lambda halt: (halt.bot, halt.reason))),
        marks=MappingProxyType(read_marks(connection)),
        opened_counts=MappingProxyType(_opened_counts(connection)),
        resolution_seconds=_resolution_seconds(connection),
    )


def read_marks(connection: Connection) -> dict[str, EodMark]:
    """The mark of every bot."""
    rows = connection.execute(select(EOD_MARKS))
    return {row.bot: _read(_MARK, row.document, "the mark", row.bot) for row in rows}


def resolution(one: Break) -> Resolution:
    """Bot, break type and time to resolve of a resolved break."""
    if one.resolved_at is None:
        raise ValueError(f"the break {one.identifier} is not resolved")
    return _lasted(one.discrepancy.bot, one.discrepancy.type.value, one.first_seen, one.resolved_at)


def write_breaks(connection: Connection, breaks: Iterable[Break]) -> None:
    """Replace the rows of these breaks."""
    rows = [
        {
            "identifier": one.identifier,
            "bot": one.discrepancy.bot,
            "break_type": one.discrepancy.type.value,
            "first_seen": one.first_seen,
            "resolved_at": one.resolved_at,
            "document": _document(_BREAK, one),
        }
        for one in {one.identifier: one for one in breaks}.values()
    ]
    upsert(connection, BREAKS, rows)


def write_halts(connection: Connection, halts: Iterable[Halt], cleared: Iterable[str]) -> None:
    """Take out the halts of cleared bots, then put in the new and changed ones."""
    for bot in cleared:
        connection.execute(delete(HALTS).where(HALTS.c.bot == bot))
    named = {(halt.bot, halt.reason): halt for halt in halts}
    rows = [{"bot": bot, "reason": reason, "document": _document(_HALT, halt)} for (bot, reason), halt in named.items()]
    upsert(connection, HALTS, rows)


def write_mark(connection: Connection, mark: EodMark) -> None:
    """Replace the bot's mark."""
    upsert(connection, EOD_MARKS, [{"bot": mark.bot, "document": _document(_MARK, mark)}])


def _breaks(connection: Connection) -> tuple[Break, ...]:
    """All that are unresolved and the latest of the resolved, by first sight."""
    resolved = (
        select(BREAKS.c.identifier)
        .where(BREAKS.c.resolved_at.is_not(None))
        .order_by(BREAKS.c.resolved_at.desc(), BREAKS.c.identifier)
        .limit(KEPT_RESOLVED)
    )
    query = select(BREAKS).where(or_(BREAKS.c.resolved_at.is_(None), BREAKS.c.identifier.in_(resolved)))
    breaks = [_read(_BREAK, row.document, "the break", row.identifier) for row in connection.execute(query)]
    return tuple(sorted(breaks, key=lambda one: (one.first_seen, one.identifier)))


def _opened_counts(connection: Connection) -> dict[tuple[str, str], int]:
    query = select(BREAKS.c.bot, BREAKS.c.break_type, func.count()).group_by(BREAKS.c.bot, BREAKS.c.break_type)
    return {(bot, break_type): count for bot, break_type, count in connection.execute(query)}


def _lasted(bot: str, break_type: str, first_seen: datetime, resolved_at: datetime) -> Resolution:
    return (bot, break_type, (resolved_at - first_seen).total_seconds())


def _resolution_seconds(connection: Connection) -> tuple[Resolution, ...]:
    """Of all that were ever resolved, for what is made of them only grows."""
    columns = (BREAKS.c.bot, BREAKS.c.break_type, BREAKS.c.first_seen, BREAKS.c.resolved_at)
    order = (BREAKS.c.resolved_at, BREAKS.c.first_seen, BREAKS.c.identifier)
    query = select(*columns).where(BREAKS.c.resolved_at.is_not(None)).order_by(*order)
    return tuple(_lasted(*row) for row in connection.execute(query))


def _document(adapter: TypeAdapter[Kept], value: Kept) -> str:
    try:
        return adapter.dump_json(value).decode()
    except PydanticSerializationError as error:
        raise StateError(f"{value!a} cannot be kept as text: {error}") from None


def _read(adapter: TypeAdapter[Kept], document: str, what: str, name: str) -> Kept:
    try:
        return adapter.validate_json(document)
    except ValidationError as error:
        raise StateError(f"{what} {name} cannot be read: {error.errors()[0]['msg']}") from None
