"""What a query gave: the names of its columns and all its rows, out of any database."""

from collections.abc import Sequence
from typing import NamedTuple


class Result(NamedTuple):
    """Names of the columns, and the rows with a value for each."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[object]]
