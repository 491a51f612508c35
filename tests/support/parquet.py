"""Parquet files for tests, written by DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def write_parquet(path: Path, types: Mapping[str, str], rows: Sequence[Sequence[object]]) -> None:
    """A file with these columns, of DuckDB's types; values are cast from their texts."""
    columns = ", ".join(f'"{name}" {type_}' for name, type_ in types.items())
    with duckdb.connect() as engine:
        engine.execute(f"CREATE TABLE stated ({columns})")
        places = ", ".join("?" * len(types))
        for row in rows:
            engine.execute(f"INSERT INTO stated VALUES ({places})", list(row))  # noqa: S608 - placeholders
        engine.execute(f"COPY stated TO '{path}' (FORMAT parquet)")
