"""A file that is one document: opened once, and what it held then, or why that cannot be had."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from recon_exporter.domain.finding import Reason
from recon_exporter.reading.refused import Refused

LARGEST = 1 << 29
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class WholeFile:
    """An open file that is not empty: its content, and when it was last written to."""

    path: Path
    descriptor: int
    size: int
    modified_at: datetime

    def content(self) -> bytes:
        """All bytes; raises OSError."""
        pieces, offset = [], 0
        while piece := os.pread(self.descriptor, self.size - offset, offset):
            pieces.append(piece)
            offset += len(piece)
        return b"".join(pieces)


@contextmanager
def opened(path: Path) -> Iterator[WholeFile]:
    """The file; raises Refused where it is missing, empty, no file, too large, or written to while it is open."""
    try:
        # Without waiting: opening a pipe that nobody writes would never end.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            status = os.fstat(descriptor)
            yield _checked(path, descriptor, status)
            if _version(os.fstat(descriptor)) != _version(status):
                raise Refused(Reason.MOVED_WHILE_READ, f"{path} was written to while it was read")
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        raise Refused(Reason.SOURCE_MISSING, f"{path} is not there") from None
    except OSError as error:
        raise Refused(Reason.SOURCE_UNREADABLE, f"{path}: {error.strerror}") from None


def _checked(path: Path, descriptor: int, status: os.stat_result) -> WholeFile:
    if not stat.S_ISREG(status.st_mode):
        raise Refused(Reason.SOURCE_UNREADABLE, f"{path} is no regular file")
    if status.st_size > LARGEST:
        raise Refused(Reason.SOURCE_UNREADABLE, f"{path} has {status.st_size} bytes, more than {LARGEST}")
    if status.st_size == 0:
        raise Refused(Reason.SOURCE_MALFORMED, f"{path} is empty, without even a header: that proves nothing")
    modified_at = _EPOCH + timedelta(microseconds=status.st_mtime_ns // 1000)
    return WholeFile(path, descriptor, status.st_size, modified_at)


def _version(status: os.stat_result) -> tuple[int, int]:
    return (status.st_size, status.st_mtime_ns)
