"""Memory as rows of tables, of which only those that changed are written."""

import json
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, delete, select

from recon_exporter.domain.document import time_text
from recon_exporter.domain.memory import Memory
from recon_exporter.state.codec import carried_of, carried_text, notice_of, notice_text
from recon_exporter.state.tables import CARRIED_FINDINGS, FIRST_SEEN, FORGOTTEN_BOTS, REMEMBERED, SEEN_BOTS
from recon_exporter.state.upsert import upsert

Key = tuple[str, ...]
Rows = Mapping[Table, Mapping[Key, Any]]
"""By table and primary key the one value that the rest of the row is."""

_TABLES = (SEEN_BOTS, FORGOTTEN_BOTS, FIRST_SEEN, CARRIED_FINDINGS, REMEMBERED)
_NOTICE = ("notice",)
_STAMP = ("stamp",)


def rows_of(memory: Memory) -> Rows:
    """The rows in which the memory is kept."""
    remembered: dict[Key, str] = {_NOTICE: notice_text(memory.notice)} if memory.notice else {}
    if memory.stamped_at:
        stamp = {"at": time_text(memory.stamped_at), "fingerprint": memory.stamped_fingerprint}
        remembered[_STAMP] = json.dumps(stamp)
    return {
        SEEN_BOTS: {(bot,): at for bot, at in memory.seen.items()},
        FORGOTTEN_BOTS: {(bot,): at for bot, at in memory.forgotten.items()},
        FIRST_SEEN: {_texts(identity): at for identity, at in memory.first_seen.items()},
        CARRIED_FINDINGS: {
            (*_texts(one.finding.identity), _day(one.finding.step_at)): carried_text(one) for one in memory.carried
        },
        REMEMBERED: remembered,
    }


def memory_of(rows: Rows, revision: int) -> Memory:
    """The memory that is kept in the rows."""
    remembered = rows[REMEMBERED]
    stamp = json.loads(remembered[_STAMP]) if _STAMP in remembered else None
    first_seen = {(bot, check, code, severity): at for (bot, check, code, severity), at in rows[FIRST_SEEN].items()}
    return Memory(
        revision=revision,
        seen=MappingProxyType({bot: at for (bot,), at in rows[SEEN_BOTS].items()}),
        forgotten=MappingProxyType({bot: at for (bot,), at in rows[FORGOTTEN_BOTS].items()}),
        first_seen=MappingProxyType(first_seen),
        carried=tuple(carried_of(rows[CARRIED_FINDINGS][key]) for key in sorted(rows[CARRIED_FINDINGS])),
        notice=notice_of(remembered[_NOTICE]) if _NOTICE in remembered else None,
        stamped_at=datetime.fromisoformat(stamp["at"]) if stamp else None,
        stamped_fingerprint=stamp["fingerprint"] if stamp else "",
    )


def read_rows(connection: Connection) -> Rows:
    """All rows of the memory."""
    return {table: read_table(connection, table) for table in _TABLES}


def read_table(connection: Connection, table: Table) -> Mapping[Key, Any]:
    """The rows of a table whose columns are its primary key and one value."""
    query = select(table).order_by(*table.primary_key.columns)
    return {tuple(key): value for *key, value in connection.execute(query)}


def write_changes(connection: Connection, before: Rows, after: Rows) -> None:
    """Bring the tables from ``before`` to ``after``."""
    for table in _TABLES:
        old, new = before[table], after[table]
        gone = {key: None for key in old if key not in new}
        write_table(connection, table, gone | {key: value for key, value in new.items() if old.get(key) != value})


def write_table(connection: Connection, table: Table, changes: Mapping[Key, Any]) -> None:
    """Put these rows in the place of those with their keys; the value None only deletes."""
    *columns, value_column = table.columns
    names = [column.name for column in columns]
    gone = [key for key, value in changes.items() if value is None]
    if gone:
        matches = and_(*(column == bindparam(f"key_{column.name}") for column in columns))
        keys = [{f"key_{name}": part for name, part in zip(names, key, strict=True)} for key in gone]
        connection.execute(delete(table).where(matches), keys)
    rows = [
        {**dict(zip(names, key, strict=True)), value_column.name: value}
        for key, value in changes.items()
        if value is not None
    ]
    upsert(connection, table, rows)


def _texts(identity: tuple[str, str, str, str]) -> Key:
    return tuple(str(part) for part in identity)


def _day(step_at: datetime | None) -> str:
    return step_at.date().isoformat() if step_at else ""
