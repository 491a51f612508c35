"""The values that the sections ``ledger`` and ``venue`` have of their own, and how their ``type`` picks a section."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import Discriminator, PlainValidator, SecretStr, ValidationInfo, WithJsonSchema

from recon_exporter.reading.book_rows import COLUMNS
from recon_exporter.reading.statement_files import ENDINGS
from recon_exporter.settings.end_of_day import OptionalZone
from recon_exporter.settings.scalars import Text, read_interval, read_number, read_path, read_text, refused
from recon_exporter.settings.section import TAG, Section, builtin, left_out
from recon_exporter.settings.urls import read_base_url, read_ledger_url

BOT = "{bot}"
"""Stands for the name of each bot in the paths of a fleet."""

_COLUMN_NAMES = frozenset({*(name for names in COLUMNS.values() for name in names)}) | {
    f"{kind}.{name}" for kind, names in COLUMNS.items() for name in names
}
_QUERY = re.compile(r"\s*(?:SELECT|WITH)\b", re.IGNORECASE)
_CURRENCY = re.compile(r"[A-Z0-9]{2,10}")


def read_query(value: object) -> str:
    text = read_text(value)
    if not _QUERY.match(text):
        raise refused("a query that begins with SELECT or WITH")
    return text


def read_column(value: object) -> str:
    if value not in _COLUMN_NAMES:
        known = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in COLUMNS.items())
        raise refused(f"a column of {known}")
    return str(value)


def read_currency(value: object) -> str:
    text = read_text(value)
    if not _CURRENCY.fullmatch(text):
        raise refused("a currency such as USD")
    return text


def read_signed(value: object) -> Decimal:
    """A finite Decimal of either sign, from the digits as written."""
    negative = isinstance(value, str) and value.startswith("-")
    number = read_number(value[1:] if negative and isinstance(value, str) else value)
    return number.copy_negate() if negative else number


def read_moment(value: object) -> datetime:
    """A time with its zone."""
    try:
        at = datetime.fromisoformat(read_text(value))
    except ValueError:
        raise refused('a time with its zone such as "2026-03-06T00:00:00Z"') from None
    if at.tzinfo is None:
        raise refused('a time with its zone such as "2026-03-06T00:00:00Z"')
    return at.astimezone(UTC)


def read_exchange(value: object) -> str:
    """The name of an exchange that ccxt knows."""
    import ccxt  # noqa: PLC0415  # takes its time, and only who names an exchange needs it

    if value not in ccxt.exchanges:
        raise refused("an exchange by its ccxt name such as bitget, binance or bybit")
    return str(value)


def read_statement_path(value: object, info: ValidationInfo) -> Path:
    path = read_path(value, info)
    if path.suffix.lower() not in ENDINGS:
        raise refused(f"the path of a file that ends with {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}")
    return path


def read_fleet_path(value: object, info: ValidationInfo) -> Path:
    """One path for each bot: with one for all of them, each would be compared with everybody's positions."""
    if BOT not in read_text(value):
        raise refused(f"a path with {BOT} in it, which stands for the name of each bot")
    return read_statement_path(value, info)


_TEXT = {"type": "string", "minLength": 1}
_ADDRESS = {"type": "string", "format": "uri"}
_SPAN = {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^[0-9]+[smhd]?$"}]}

LedgerUrl = Annotated[SecretStr | None, PlainValidator(read_ledger_url), WithJsonSchema(_ADDRESS)]
LedgerUrls = tuple[Annotated[SecretStr, PlainValidator(read_ledger_url), WithJsonSchema(_ADDRESS)], ...]
OptionalBaseUrl = Annotated[str | None, PlainValidator(read_base_url), WithJsonSchema(_ADDRESS)]
OptionalFile = Annotated[Path | None, PlainValidator(read_path), WithJsonSchema(_TEXT)]
Query = Annotated[str, PlainValidator(read_query), WithJsonSchema(_TEXT)]
OptionalQuery = Annotated[str | None, PlainValidator(read_query), WithJsonSchema(_TEXT)]
StatementPath = Annotated[Path, PlainValidator(read_statement_path), WithJsonSchema(_TEXT)]
OptionalStatementPath = Annotated[Path | None, PlainValidator(read_statement_path), WithJsonSchema(_TEXT)]
FleetPath = Annotated[Path, PlainValidator(read_fleet_path), WithJsonSchema(_TEXT)]
OptionalFleetPath = Annotated[Path | None, PlainValidator(read_fleet_path), WithJsonSchema(_TEXT)]
OptionalCurrency = Annotated[str | None, PlainValidator(read_currency), WithJsonSchema({"type": "string"})]
OptionalInterval = Annotated[timedelta | None, PlainValidator(read_interval), WithJsonSchema(_SPAN)]
SignedNumber = Annotated[Decimal, PlainValidator(read_signed), WithJsonSchema({"type": ["number", "string"]})]
Moment = Annotated[datetime, PlainValidator(read_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
Exchange = Annotated[str, PlainValidator(read_exchange), WithJsonSchema(_TEXT)]
OptionalText = Annotated[str | None, PlainValidator(read_text), WithJsonSchema(_TEXT)]
Column = Annotated[str, PlainValidator(read_column)]


class Statements(Section):
    """How statements in files are read; older ones than ``max_age`` give no verdict."""

    columns: dict[Column, Text] = builtin({})
    timezone: OptionalZone = left_out()
    max_age: OptionalInterval = left_out()


def by_type(*built: str) -> Discriminator:
    """Picks the section by its type; what has another one, or none, is told so by the section of the others."""

    def pick(value: object) -> str:
        written = value.get("type") if isinstance(value, dict) else None
        return f"{TAG}{written}" if written in built else TAG

    return Discriminator(pick)
