"""The outbox: what has been decided to be delivered and has not arrived.

The entries of one lane of a sink leave in order. Whoever claims a lane leases all of its entries, so that two processes
never deliver into one lane at once; a failure makes them all wait, and something new to tell ends the wait.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, tuple_, update

from recon_exporter.ports import Outgoing
from recon_exporter.state.tables import OUTBOX

LEASE = timedelta(minutes=1)


def enqueue(connection: Connection, entries: Iterable[Outgoing], now: datetime) -> None:
    """Add entries; each replaces what waits under its sink and name, for only the newest still matters."""
    for entry in entries:
        same = (OUTBOX.c.sink == entry.sink) & (OUTBOX.c.name == entry.name)
        is_free = or_(OUTBOX.c.leased_until.is_(None), OUTBOX.c.leased_until <= now)
        connection.execute(delete(OUTBOX).where(same, is_free))
        row = {"sink": entry.sink, "name": entry.name, "at": entry.at, "body": entry.body, "lane": entry.lane}
        connection.execute(insert(OUTBOX).values(**row, attempts=entry.attempts, due_at=now))


def claim(connection: Connection, now: datetime, sinks: Sequence[str]) -> Sequence[Outgoing]:
    """The oldest entry of each lane that is due and not leased, with the lane leased to the caller."""
    lane = (OUTBOX.c.sink, OUTBOX.c.lane)
    query = (
        select(*lane, func.min(OUTBOX.c.due_at), func.max(OUTBOX.c.leased_until), func.min(OUTBOX.c.id))
        .where(OUTBOX.c.sink.in_(sinks))
        .group_by(*lane)
    )
    ready = {
        (sink, name): oldest
        for sink, name, due_at, leased_until, oldest in connection.execute(query)
        if due_at <= now and not _is_leased(leased_until, now)
    }
    if not ready:
        return ()
    connection.execute(update(OUTBOX).where(tuple_(*lane).in_(ready)).values(leased_until=now + LEASE))
    rows = connection.execute(select(OUTBOX).where(OUTBOX.c.id.in_(ready.values())).order_by(OUTBOX.c.id))
    return tuple(Outgoing(row.id, row.sink, row.name, row.at, row.body, row.attempts, row.lane) for row in rows)


def remove(connection: Connection, entry: Outgoing) -> None:
    """Take the entry out and end the lease of its lane."""
    connection.execute(delete(OUTBOX).where(OUTBOX.c.id == entry.identifier))
    connection.execute(update(OUTBOX).where(_lane_of(entry)).values(leased_until=None))


def postpone(connection: Connection, entry: Outgoing, until: datetime, why: str) -> None:
    """Count the attempt, and make all that was leased with the entry wait.

    What was told anew under its name meanwhile could not replace it while it was leased, and does so now.
    """
    same = (OUTBOX.c.sink == entry.sink) & (OUTBOX.c.name == entry.name)
    newest = select(func.max(OUTBOX.c.id)).where(same).scalar_subquery()
    connection.execute(delete(OUTBOX).where(OUTBOX.c.id == entry.identifier, OUTBOX.c.id < newest))
    failed = {"attempts": OUTBOX.c.attempts + 1, "last_error": why}
    connection.execute(update(OUTBOX).where(OUTBOX.c.id == entry.identifier).values(**failed))
    leased = _lane_of(entry) & OUTBOX.c.leased_until.is_not(None)
    connection.execute(update(OUTBOX).where(leased).values(due_at=until, leased_until=None))


def _lane_of(entry: Outgoing) -> ColumnElement[bool]:
    return (OUTBOX.c.sink == entry.sink) & (OUTBOX.c.lane == entry.lane)


def _is_leased(until: datetime | None, now: datetime) -> bool:
    # A clock that was set back must not leave a dead process's lease standing for long.
    return until is not None and now < until <= now + LEASE
