"""The sections ``ledger`` and ``venue``: where the two books of a bot are, told apart by their ``type``."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Discriminator, PlainValidator, SecretStr, Tag, ValidationInfo, WithJsonSchema, model_validator
from pydantic.json_schema import SkipJsonSchema

from recon_exporter.reading.book_rows import COLUMNS
from recon_exporter.reading.statement_files import ENDINGS
from recon_exporter.settings.end_of_day import OptionalZone
from recon_exporter.settings.scalars import Flag, Interval, Prefix, Text, read_interval, read_path, read_text, refused
from recon_exporter.settings.section import TAG, Section, builtin, left_out
from recon_exporter.settings.unbuilt import OtherLedger, OtherVenue
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
Column = Annotated[str, PlainValidator(read_column)]


class SqlLedger(Section):
    """The book of a bot in a database; ``columns`` holds our name: theirs, ``currency`` what its prices are in.

    ``url_file`` names a file that holds the address. ``timezone`` is that of times which tell no offset.
    """

    type: Literal["sql"]
    url: LedgerUrl = left_out()
    url_file: OptionalFile = left_out()
    positions: Query
    fills: OptionalQuery = left_out()
    balances: OptionalQuery = left_out()
    heartbeat: OptionalQuery = left_out()
    heartbeat_max_age: Interval = builtin("10m")
    columns: dict[Column, Text] = builtin({})
    timezone: OptionalZone = left_out()
    currency: OptionalCurrency = left_out()

    @model_validator(mode="after")
    def _has_an_address(self) -> Self:
        if self.url is None and self.url_file is None:
            raise refused("url or url_file")
        return self


class Statements(Section):
    """How statements in files are read; older ones than ``max_age`` give no verdict."""

    columns: dict[Column, Text] = builtin({})
    timezone: OptionalZone = left_out()
    max_age: OptionalInterval = left_out()


class FileLedger(Statements):
    """The book of a bot in files; ``currency`` is what its prices are in."""

    type: Literal["file"]
    positions: StatementPath
    fills: OptionalStatementPath = left_out()
    balances: OptionalStatementPath = left_out()
    currency: OptionalCurrency = left_out()


class FileVenue(Statements):
    """The statements of a venue, such as those of a broker at the end of the day."""

    type: Literal["file"]
    positions: StatementPath
    fills: OptionalStatementPath = left_out()
    balances: OptionalStatementPath = left_out()


class FleetFileVenue(Statements):
    """The statements of a venue for each bot of a fleet, whose name stands for ``{bot}`` in the paths."""

    type: Literal["file"]
    positions: FleetPath
    fills: OptionalFleetPath = left_out()
    balances: OptionalFleetPath = left_out()


class FleetAlpacaVenue(Section):
    """The account of each bot of a fleet at Alpaca; the account map has the prefixes of their credentials."""

    type: Literal["alpaca"]
    paper: Flag = False
    base_url: OptionalBaseUrl = left_out()


class AlpacaVenue(FleetAlpacaVenue):
    """One account at Alpaca: <PREFIX>_ALPACA_API_KEY and <PREFIX>_ALPACA_SECRET open it, or the same with _FILE."""

    credential_prefix: Prefix


def _by_type(*built: str) -> Discriminator:
    """Picks the section by its type; what has another one, or none, is told so by the section of the others."""

    def pick(value: object) -> str:
        written = value.get("type") if isinstance(value, dict) else None
        return f"{TAG}{written}" if written in built else TAG

    return Discriminator(pick)


Ledger = Annotated[
    Annotated[SqlLedger, Tag(f"{TAG}sql")]
    | Annotated[FileLedger, Tag(f"{TAG}file")]
    | Annotated[SkipJsonSchema[OtherLedger], Tag(TAG)],
    _by_type("sql", "file"),
]
Venue = Annotated[
    Annotated[AlpacaVenue, Tag(f"{TAG}alpaca")]
    | Annotated[FileVenue, Tag(f"{TAG}file")]
    | Annotated[SkipJsonSchema[OtherVenue], Tag(TAG)],
    _by_type("alpaca", "file"),
]
FleetVenue = Annotated[
    Annotated[FleetAlpacaVenue, Tag(f"{TAG}alpaca")]
    | Annotated[FleetFileVenue, Tag(f"{TAG}file")]
    | Annotated[SkipJsonSchema[OtherVenue], Tag(TAG)],
    _by_type("alpaca", "file"),
]
