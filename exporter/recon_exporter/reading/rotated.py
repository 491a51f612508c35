"""A table that is rotated away when its header changes, read with its predecessors as one file.

``<stem>.csv`` becomes ``<stem>.legacy_<YYYYmmddTHHMMSSZ>.csv`` in the same folder, and a new ``<stem>.csv`` begins.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from recon_exporter.reading.append_only import AppendOnlyFile, Block, Checkpoint
from recon_exporter.reading.backwards import find_back


@dataclass(frozen=True, slots=True)
class Part:
    """One of the files, from the first line that is wanted of it."""

    file: AppendOnlyFile
    begin: int

    def blocks(self) -> Iterator[Block]:
        """The wanted lines without the header; none while the header is not complete."""
        return iter(()) if self.file.header is None else self.file.blocks(max(self.begin, self.file.body))


class RotatedFile:
    """The table ``stem`` of a folder; what it opens is open until the end of its ``with``."""

    def __init__(self, folder: str, stem: str) -> None:
        self._folder = folder
        self._stem = stem
        self._opened: list[AppendOnlyFile] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for file in self._opened:
            file.close()

    def unread(self, checkpoint: Checkpoint) -> tuple[Part, ...] | None:
        """What came after the checkpoint, oldest first; None where no file continues it."""
        later: list[Part] = []
        for file in self._newest_first():
            if file.continues(checkpoint):
                return (Part(file, checkpoint.offset), *reversed(later))
            later.append(Part(file, 0))
        return None

    def recent(self, searching: Callable[[AppendOnlyFile], Callable[[bytes], bool]]) -> tuple[Part, ...]:
        """The lines from the last one that is far enough, oldest part first; empty where there is no file.

        ``searching`` gives for a file the question that ``find_back`` asks of its lines.
        """
        parts: list[Part] = []
        for file in self._newest_first():
            begin = find_back(file, searching(file))
            parts.append(Part(file, begin or 0))
            if begin is not None:
                break
        return tuple(reversed(parts))

    def _newest_first(self) -> Iterator[AppendOnlyFile]:
        with suppress(FileNotFoundError):  # in the middle of a rotation, or it never was
            yield self._open(path_of(self._folder, self._stem))
        prefix = f"{self._stem}.legacy_"
        with os.scandir(self._folder) as entries:
            paths = [entry.path for entry in entries if entry.name.startswith(prefix) and entry.name.endswith(".csv")]
        for path in sorted(paths, reverse=True):
            yield self._open(path)

    def _open(self, path: str) -> AppendOnlyFile:
        file = AppendOnlyFile(path)
        self._opened.append(file)
        return file


def path_of(folder: str, stem: str) -> str:
    """The path of the file that is being written."""
    return f"{folder}/{stem}.csv"
