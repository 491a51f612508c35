"""The report files of runs: listed by their names alone, and read only where a name has the expected form."""

import heapq
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

CYCLE = "reconciliation"
EOD = "eod"
LISTED_FILES = 200
READ_AT_MOST = 16 * 1024 * 1024

_NAME = re.compile(r"(?P<kind>reconciliation|eod)_(?P<second>\d{8}T\d{6})Z(?:_(?P<number>[1-9]\d{0,6}))?", re.ASCII)
_SUFFIX = ".json"


@dataclass(frozen=True, slots=True)
class RunFile:
    """One stamped report; ``name`` is that of its file without the ending."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RunListing:
    """The newest files of a folder, newest first, and how many older ones there are."""

    folder: Path
    files: tuple[RunFile, ...]
    left_out: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RunText:
    """What one file holds; ``body`` is None where it is larger than is ever shown."""

    name: str
    path: Path
    body: bytes | None

    @property
    def is_eod(self) -> bool:
        """Whether it tells of an end-of-day run and not of a cycle."""
        return self.name.startswith(EOD)


class RunFiles:
    """The folder of cycles, and beside it that of end-of-day runs."""

    def __init__(self, reports: Path) -> None:
        self._folders = {CYCLE: reports, EOD: reports.parent / EOD}

    def newest(self, kind: str) -> RunListing:
        """The newest files of one kind. A folder that is not there yet has none; another failure is told."""
        folder = self._folders[kind]
        try:
            keys = list(_keys(folder, kind))
        except FileNotFoundError:
            return RunListing(folder, (), 0)
        except OSError as error:
            return RunListing(folder, (), 0, f"{folder}: {error.strerror or error}")
        files = tuple(RunFile(name, at) for (at, _), name in heapq.nlargest(LISTED_FILES, keys))
        return RunListing(folder, files, len(keys) - len(files))

    def read(self, name: str) -> RunText | None:
        """The file of this name; None where the name has not the form of a report's or nothing of the kind is there."""
        match = _NAME.fullmatch(name)
        if match is None:
            return None
        path = self._folders[match["kind"]] / f"{name}{_SUFFIX}"
        with suppress(OSError), open(path, "rb", opener=_open) as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                body = file.read(READ_AT_MOST + 1)
                return RunText(name, path, body if len(body) <= READ_AT_MOST else None)
        return None


def _open(path: str, flags: int) -> int:
    """Neither follow a link out of the folder nor wait for what is no file."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _keys(folder: Path, kind: str) -> Iterator[tuple[tuple[datetime, int], str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            stem, dot, ending = entry.name.partition(".")
            match = _NAME.fullmatch(stem)
            if match is not None and match["kind"] == kind and dot + ending == _SUFFIX:
                # The names of days that no calendar has are nobody's reports.
                with suppress(ValueError):
                    yield (_moment(match["second"]), int(match["number"] or 1)), stem


def _moment(second: str) -> datetime:
    return datetime.strptime(second, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
