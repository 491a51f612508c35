"""Breaks as rows, those of end-of-day runs and those of cycles; each function works inside the caller's transaction."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, func, or_, select

from recon_exporter.domain.breaks import EOD, Break
from recon_exporter.state.kept import document_of, read_document
from recon_exporter.state.tables import BREAKS
from recon_exporter.state.upsert import upsert

Resolution = tuple[str, str, float]

_BREAK = TypeAdapter(Break)

KEPT_RESOLVED = 10_000
"""How many resolved breaks a memory holds, the latest; the table keeps all."""


def write_breaks(connection: Connection, breaks: Iterable[Break]) -> None:
    """Replace the rows of these breaks."""
    rows = [
        {
            "identifier": one.identifier,
            "bot": one.discrepancy.bot,
            "check_name": one.discrepancy.check,
            "break_type": one.discrepancy.type.value,
            "first_seen": one.first_seen,
            "resolved_at": one.resolved_at,
            "document": document_of(_BREAK, one),
        }
        for one in {one.identifier: one for one in breaks}.values()
    ]
    upsert(connection, BREAKS, rows)


def read_breaks(connection: Connection, *, of_runs: bool) -> tuple[Break, ...]:
    """All that are unresolved and the latest of the resolved, by first sight: of end-of-day runs, or of cycles."""
    ours = BREAKS.c.check_name == EOD if of_runs else BREAKS.c.check_name != EOD
    resolved = (
        select(BREAKS.c.identifier)
        .where(BREAKS.c.resolved_at.is_not(None), ours)
        .order_by(BREAKS.c.resolved_at.desc(), BREAKS.c.identifier)
        .limit(KEPT_RESOLVED)
    )
    query = select(BREAKS).where(ours, or_(BREAKS.c.resolved_at.is_(None), BREAKS.c.identifier.in_(resolved)))
    breaks = [read_document(_BREAK, row.document, "the break", row.identifier) for row in connection.execute(query)]
    return tuple(sorted(breaks, key=lambda one: (one.first_seen, one.identifier)))


def opened_counts(connection: Connection) -> dict[tuple[str, str], int]:
    """By bot and break type, of all that were ever opened."""
    query = select(BREAKS.c.bot, BREAKS.c.break_type, func.count()).group_by(BREAKS.c.bot, BREAKS.c.break_type)
    return {(bot, break_type): count for bot, break_type, count in connection.execute(query)}


def resolution(one: Break) -> Resolution:
    """Bot, break type and time to resolve of a resolved break."""
    if one.resolved_at is None:
        raise ValueError(f"the break {one.identifier} is not resolved")
    return _lasted(one.discrepancy.bot, one.discrepancy.type.value, one.first_seen, one.resolved_at)


def resolution_seconds(connection: Connection) -> tuple[Resolution, ...]:
    """Of all that were ever resolved, for what is made of them only grows."""
    columns = (BREAKS.c.bot, BREAKS.c.break_type, BREAKS.c.first_seen, BREAKS.c.resolved_at)
    order = (BREAKS.c.resolved_at, BREAKS.c.first_seen, BREAKS.c.identifier)
    query = select(*columns).where(BREAKS.c.resolved_at.is_not(None)).order_by(*order)
    return tuple(_lasted(*row) for row in connection.execute(query))


def _lasted(bot: str, break_type: str, first_seen: datetime, resolved_at: datetime) -> Resolution:
    return (bot, break_type, (resolved_at - first_seen).total_seconds())
