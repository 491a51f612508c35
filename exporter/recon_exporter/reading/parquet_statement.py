"""A statement in Parquet, read by DuckDB, the extra ``duckdb``, within a limit of memory.

Every cell comes as its exact text: decimals keep their digits, floats the shortest text that denotes them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from recon_exporter.domain.finding import Reason
from recon_exporter.reading.refused import Refused, malformed
from recon_exporter.reading.stated import StatedTable
from recon_exporter.reading.whole_file import WholeFile

if TYPE_CHECKING:
    import duckdb

MEMORY_LIMIT = "256MB"
ZONED = "TIMESTAMP WITH TIME ZONE"


def read_parquet(file: WholeFile, wanted: Sequence[str]) -> StatedTable:
    """The wanted columns of the table, as far as it has them; raises Refused."""
    # By its descriptor it is the very file that was opened, and its name is not taken for a pattern.
    path = f"/dev/fd/{file.descriptor}"
    with _engine(file) as engine:
        described = engine.execute("DESCRIBE SELECT * FROM read_parquet(?)", [path]).fetchall()
        types = {name: type_ for name, type_, *_ in described if name in wanted}
        # Without a column of its own, rows are still counted: the columns that are missing will be named.
        cells = ", ".join(_as_text(name, type_) for name, type_ in types.items()) or "NULL"
        rows = engine.execute(f"SELECT {cells} FROM read_parquet(?)", [path]).fetchall()  # noqa: S608 - quoted names
    return StatedTable(
        name=str(file.path),
        columns=tuple(types),
        rows=rows,
        row_name=lambda row: f"row {row + 1}",
        proof=f"{file.path} is whole and has {len(rows)} rows",
        modified_at=file.modified_at,
    )


@contextmanager
def _engine(file: WholeFile) -> Iterator["duckdb.DuckDBPyConnection"]:
    try:
        import duckdb  # noqa: PLC0415 - an extra, and slow to load
    except ImportError:
        advice = "Parquet needs the extra duckdb: pip install 'recon-exporter[duckdb]'"
        raise Refused(Reason.SOURCE_UNREADABLE, f"{file.path}: {advice}") from None
    try:
        with duckdb.connect(config=_configuration()) as engine:
            yield engine
    except duckdb.OutOfMemoryException as error:
        raise Refused(Reason.SOURCE_UNREADABLE, f"{file.path}: {_told(error)}") from None
    except duckdb.Error as error:
        raise malformed(str(file.path), _told(error), "Parquet") from None


def _configuration() -> dict[str, str | bool | int | float | list[str]]:
    """One thread, no spilling to disk, nothing fetched from anywhere."""
    return {
        "memory_limit": MEMORY_LIMIT,
        "threads": 1,
        "temp_directory": "",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }


def _as_text(name: str, type_: str) -> str:
    """The text of a column, a moment as microseconds since 1970."""
    quoted = '"' + name.replace('"', '""') + '"'
    return f"CAST(epoch_us({quoted}) AS VARCHAR)" if type_ == ZONED else f"CAST({quoted} AS VARCHAR)"


def _told(error: Exception) -> str:
    return str(error).partition("\n")[0]
