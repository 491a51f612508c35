"""Lines of a CSV table, read by its header. A line that cannot be read whole is bad, and says why."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache


class BadLine(ValueError):
    """A line from which nothing may be taken; ``str()`` says why. ``column`` is None where it is lost as a whole."""

    def __init__(self, problem: str, column: str | None = None) -> None:
        super().__init__(problem)
        self.column = column


@dataclass(frozen=True, slots=True)
class Header:
    """The column names of a table, in its order."""

    names: tuple[str, ...]

    def position(self, name: str) -> int | None:
        """The position of the column, None where it is absent."""
        return self.names.index(name) if name in self.names else None


@lru_cache(maxsize=256)
def parse_header(line: bytes, needed: tuple[str, ...]) -> Header:
    """The header; raises BadLine where it is none, where a needed column is absent, or where one is there twice."""
    names = tuple(name.strip() for name in _split(line.removeprefix(b"\xef\xbb\xbf")))
    for name in needed:
        if name not in names:
            raise BadLine(f"the header has no column {name}")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadLine(f"the header has the column {twice[0]!r} twice")
    return Header(names)


def cells(line: bytes, header: Header) -> Sequence[str]:
    """The cells of a line; raises BadLine where they are not as many as the header has columns."""
    found = _split(line)
    if len(found) != len(header.names):
        raise BadLine(f"{len(found)} columns, the header has {len(header.names)}")
    return found


def _split(line: bytes) -> list[str]:
    if b"\0" in line:
        raise BadLine("a NUL byte")
    try:
        text = line.removesuffix(b"\r").decode()
    except UnicodeDecodeError:
        raise BadLine("bytes that are no UTF-8") from None
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error as error:
        raise BadLine(f"quotes: {error}") from None
