"""Statements as files in CSV, JSON or Parquet, told apart by the endings of their names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from recon_exporter.domain.finding import Reason
from recon_exporter.reading.book_rows import COLUMNS
from recon_exporter.reading.csv_statement import read_csv
from recon_exporter.reading.json_statement import read_json
from recon_exporter.reading.parquet_statement import read_parquet
from recon_exporter.reading.refused import Refused
from recon_exporter.reading.stated import AS_OF, ColumnNames, StatedTable
from recon_exporter.reading.whole_file import WholeFile, opened


@dataclass(frozen=True, slots=True)
class StatementFiles:
    """Where the statements of one side are; fills and balances where there are such."""

    positions: Path
    fills: Path | None = None
    balances: Path | None = None


def read_statement(path: Path, kind: str, names: ColumnNames) -> StatedTable:
    """The table of positions, fills or balances in the file; raises Refused."""
    read = _READERS.get(path.suffix.lower())
    if read is None:
        raise Refused(Reason.SOURCE_UNREADABLE, f"{path}: expected a name that ends with {' or '.join(ENDINGS)}")
    with opened(path) as file:
        return read(file, kind, names)


def _csv(file: WholeFile, kind: str, names: ColumnNames) -> StatedTable:
    return read_csv(file, names.theirs(kind, AS_OF))


def _json(file: WholeFile, kind: str, names: ColumnNames) -> StatedTable:
    return read_json(file, kind, names.theirs(kind, AS_OF))


def _parquet(file: WholeFile, kind: str, names: ColumnNames) -> StatedTable:
    return read_parquet(file, [names.theirs(kind, column) for column in COLUMNS[kind]])


_READERS: Mapping[str, Callable[[WholeFile, str, ColumnNames], StatedTable]] = {
    ".csv": _csv,
    ".json": _json,
    ".parquet": _parquet,
}
ENDINGS = tuple(_READERS)
