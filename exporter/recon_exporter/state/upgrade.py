"""Making the tables of a new state, and bringing those of an older program up to date."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, insert, inspect, select, update

from recon_exporter.errors import StateError
from recon_exporter.state.tables import GENESIS, METADATA, STATE

VERSION = 3

Upgrade = Callable[[Connection], None]


def _add_breaks(connection: Connection) -> None:
    """From 1 to 2: what end-of-day runs keep, the head of the audit log, lanes. Version 1 was kept in SQLite only."""
    connection.exec_driver_sql(
        "CREATE TABLE breaks (identifier VARCHAR(16) NOT NULL PRIMARY KEY, bot TEXT NOT NULL, break_type TEXT NOT NULL,"
        " first_seen DATETIME NOT NULL, resolved_at DATETIME, document TEXT NOT NULL)"
    )
    connection.exec_driver_sql("CREATE INDEX breaks_by_resolution ON breaks (resolved_at)")
    connection.exec_driver_sql(
        "CREATE TABLE halts (bot TEXT NOT NULL, reason TEXT NOT NULL, document TEXT NOT NULL,"
        " PRIMARY KEY (bot, reason))"
    )
    connection.exec_driver_sql("CREATE TABLE eod_marks (bot TEXT NOT NULL PRIMARY KEY, document TEXT NOT NULL)")
    connection.exec_driver_sql("ALTER TABLE outbox ADD COLUMN lane TEXT NOT NULL DEFAULT ''")
    connection.exec_driver_sql("ALTER TABLE recon_state ADD COLUMN audit_sequence BIGINT NOT NULL DEFAULT 0")
    connection.exec_driver_sql(
        f"ALTER TABLE recon_state ADD COLUMN audit_digest VARCHAR(64) NOT NULL DEFAULT '{GENESIS}'"
    )
    connection.exec_driver_sql(
        "UPDATE recon_state SET audit_sequence = (SELECT max(sequence) FROM audit_log),"
        " audit_digest = (SELECT digest FROM audit_log ORDER BY sequence DESC LIMIT 1)"
        " WHERE EXISTS (SELECT 1 FROM audit_log)"
    )


def _tell_checks(connection: Connection) -> None:
    """From 2 to 3: which check found a break; until then there were those of end-of-day runs alone."""
    connection.exec_driver_sql("ALTER TABLE breaks ADD COLUMN check_name TEXT NOT NULL DEFAULT 'eod'")


UPGRADES: Mapping[int, Upgrade] = {1: _add_breaks, 2: _tell_checks}
"""By version: the step from it to the next. A step names its tables in SQL of its own, for METADATA moves on."""


def prepare(connection: Connection, version: int = VERSION, upgrades: Mapping[int, Upgrade] = UPGRADES) -> None:
    """Leave the tables at ``version``; to be called inside one writing transaction."""
    tables = inspect(connection).get_table_names(schema=connection.schema_for_object(STATE))
    if STATE.name not in tables:
        if tables:
            raise StateError(f"holds tables of another program ({', '.join(sorted(tables)[:3])}), none of ours")
        METADATA.create_all(connection)
        row = {"id": 1, "schema_version": version, "revision": 0, "audit_sequence": 0, "audit_digest": GENESIS}
        connection.execute(insert(STATE).values(row))
        return
    found = connection.execute(select(STATE.c.schema_version)).scalar_one()
    if found > version:
        raise StateError(
            f"has schema version {found}, this program knows versions up to {version}: install a newer one"
        )
    for step in range(found, version):
        upgrades[step](connection)
    if found < version:
        connection.execute(update(STATE).values(schema_version=version))
