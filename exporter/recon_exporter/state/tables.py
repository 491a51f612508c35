"""The tables of the state, in SQL that SQLite and PostgreSQL share."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

METADATA = MetaData()

GENESIS = "0" * 64
"""The digest before the first entry of the audit log."""


class UtcTime(TypeDecorator[datetime]):
    """An aware time; SQLite keeps no zone, so it is UTC there and gets its zone back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite numbers rows by itself only in a column of exactly this type.
_Sequence = BigInteger().with_variant(Integer, "sqlite")

STATE = Table(
    "recon_state",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("schema_version", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("audit_sequence", BigInteger, nullable=False),
    Column("audit_digest", String(64), nullable=False),
)
"""One row, id 1: the version of these tables, how many recordings there were, and the last entry of the audit log."""

SEEN_BOTS = Table("seen_bots", METADATA, Column("bot", Text, primary_key=True), Column("at", UtcTime, nullable=False))

FORGOTTEN_BOTS = Table(
    "forgotten_bots", METADATA, Column("bot", Text, primary_key=True), Column("at", UtcTime, nullable=False)
)

FIRST_SEEN = Table(
    "first_seen",
    METADATA,
    Column("bot", Text, primary_key=True),
    Column("check_name", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("severity", Text, primary_key=True),
    Column("at", UtcTime, nullable=False),
)

CARRIED_FINDINGS = Table(
    "carried_findings",
    METADATA,
    Column("bot", Text, primary_key=True),
    Column("check_name", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("severity", Text, primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("document", Text, nullable=False),
)

REMEMBERED = Table(
    "remembered", METADATA, Column("name", Text, primary_key=True), Column("document", Text, nullable=False)
)
"""Single values: the latest notice, the latest stamped report."""

LEDGER_PROGRESS = Table(
    "ledger_progress",
    METADATA,
    Column("fleet", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("document", Text, nullable=False),
)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", _Sequence, primary_key=True, autoincrement=True),
    Column("sink", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("body", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("leased_until", UtcTime),
    Column("last_error", Text),
    Column("lane", Text, nullable=False),
    Index("outbox_by_sink", "sink", "id"),
    # A number is never given twice: whoever removes an entry late must not remove another's.
    sqlite_autoincrement=True,
)

AUDIT_LOG = Table(
    "audit_log",
    METADATA,
    Column("sequence", _Sequence, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
)
"""Only ever appended to; each row's digest covers the row and the digest before it."""

BREAKS = Table(
    "breaks",
    METADATA,
    Column("identifier", String(16), primary_key=True),
    Column("bot", Text, nullable=False),
    Column("break_type", Text, nullable=False),
    Column("check_name", Text, nullable=False, server_default="eod"),
    Column("first_seen", UtcTime, nullable=False),
    Column("resolved_at", UtcTime),
    Column("document", Text, nullable=False),
    Index("breaks_by_resolution", "resolved_at"),
)
"""Every break with its whole life, one row a life; resolved ones stay."""

HALTS = Table(
    "halts",
    METADATA,
    Column("bot", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("document", Text, nullable=False),
)
"""The halts that stand; a cleared one leaves, the audit log keeps that it was."""

EOD_MARKS = Table(
    "eod_marks", METADATA, Column("bot", Text, primary_key=True), Column("document", Text, nullable=False)
)
"""What is known of each bot's end-of-day runs."""
