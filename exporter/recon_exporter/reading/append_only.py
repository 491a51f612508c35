"""A file that others append to, read on from where an earlier reading ended.

1. A reading ends where the file ended when it was opened, and at a line end: an unterminated last line waits.
2. A checkpoint continues only the very content it was taken of: same device and inode, not shorter, not written again
   in place (its size is the same and its time of change is not), and the digest of the first 2 KiB together with the
   2 KiB before the offset is what it was. The digest is taken of what was read, not read again.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from types import TracebackType
from typing import NamedTuple, Self

from recon_exporter.errors import SourceError
from recon_exporter.reading.files import open_regular

GUARDED = 2048
BLOCK = 1 << 18
"""Bytes read at once: what is searched several times should stay in the cache of one core."""

LONGEST_LINE = 1 << 24


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a file has been read; ``offset`` stands on a line boundary."""

    device: int
    inode: int
    size: int
    modified_ns: int
    offset: int
    guard: str

    def is_current(self, path: str) -> bool:
        """Whether nothing has happened since to the file at this path; raises OSError."""
        status = os.stat(path)  # noqa: PTH116 - asked for every file of a fleet in every cycle
        return (
            self.size == status.st_size
            and self.modified_ns == status.st_mtime_ns
            and self.inode == status.st_ino
            and self.device == status.st_dev
        )


class Block(NamedTuple):
    """Whole lines, the last newline included, and where in the file they begin."""

    offset: int
    data: bytes

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Each line without its newline, with its offset in the file."""
        offset = self.offset
        for line in self.data[:-1].split(b"\n"):
            yield offset, line
            offset += len(line) + 1


class AppendOnlyFile:
    """One opening of the file: it shows what stood there at that moment, also after it was renamed or unlinked."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._descriptor, self._status = open_regular(path)
        try:
            self._head = os.pread(self._descriptor, GUARDED, 0)
            self.header = self._first_line()
        except BaseException:
            os.close(self._descriptor)
            raise
        self._offset, self._tail, self._is_finished = 0, b"", False
        self._digest: blake2b | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back; nothing can be read any more."""
        os.close(self._descriptor)

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return self.path.rpartition("/")[2]

    @property
    def size(self) -> int:
        """How long the file was when it was opened."""
        return self._status.st_size

    @property
    def body(self) -> int:
        """The offset of the line after the header; 0 while there is no complete header."""
        return 0 if self.header is None else len(self.header) + 1

    def read(self, begin: int, end: int) -> bytes:
        """The bytes from ``begin`` up to ``end``, fewer where the file has been cut since."""
        return os.pread(self._descriptor, end - begin, begin)

    def continues(self, checkpoint: Checkpoint) -> bool:
        """Whether this is the file of the checkpoint, unchanged up to its offset."""
        status = self._status
        if (checkpoint.device, checkpoint.inode) != (status.st_dev, status.st_ino) or checkpoint.offset > self.size:
            return False
        if checkpoint.size == self.size and checkpoint.modified_ns != status.st_mtime_ns:
            return False
        self._go_to(checkpoint.offset)
        return self.checkpoint().guard == checkpoint.guard

    def blocks(self, begin: int) -> Iterator[Block]:
        """All whole lines from ``begin``, which is on a line boundary; raises SourceError for an endless line."""
        self._go_to(begin)
        wanted = BLOCK
        while self._offset < self.size:
            data = self.read(self._offset, min(self._offset + wanted, self.size))
            whole = data.rfind(b"\n") + 1
            if whole:
                block = Block(self._offset, data[:whole])
                yield block
                self._offset += whole
                self._tail = (self._tail + block.data[-GUARDED:])[-GUARDED:]
                wanted = BLOCK
            elif len(data) < wanted:
                break
            else:
                wanted = self.longer(wanted)
        self._is_finished = True

    def checkpoint(self) -> Checkpoint:
        """How far the blocks have been taken: the one in hand counts once the next is asked for.

        While they have not all been taken the file counts as one that has grown since.
        """
        status = self._status
        size = status.st_size if self._is_finished else self._offset
        return Checkpoint(status.st_dev, status.st_ino, size, status.st_mtime_ns, self._offset, self._guard())

    def longer(self, wanted: int) -> int:
        """Twice as many bytes, for a line that did not fit."""
        if wanted >= LONGEST_LINE:
            raise SourceError(f"{self.path}: a line is longer than {LONGEST_LINE} bytes")
        return 2 * wanted

    def _guard(self) -> str:
        """The digest of head and tail; that of a whole head is worked out once."""
        if self._offset < GUARDED:
            guard = blake2b(self._head[: self._offset], digest_size=16)
        else:
            self._digest = self._digest or blake2b(self._head, digest_size=16)
            guard = self._digest.copy()
        guard.update(self._tail)
        return guard.hexdigest()

    def _go_to(self, offset: int) -> None:
        if offset != self._offset:
            self._offset, self._tail = offset, self.read(max(0, offset - GUARDED), offset)

    def _first_line(self) -> bytes | None:
        wanted, data = GUARDED, self._head
        while b"\n" not in data:
            if len(data) < wanted:
                return None
            wanted = self.longer(wanted)
            data = self.read(0, wanted)
        return data.partition(b"\n")[0]
