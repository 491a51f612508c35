"""Opening files that others write, and replacing our own.

Replaced, a file is the old one or the new one to its readers, never half of either, also after a power failure.
"""

import contextlib
import errno
import os
import stat
from pathlib import Path

TEMPORARY_SUFFIX = ".recon-tmp"
"""Ends the names of files that are being written; what a killed process left of them may be removed."""


def open_regular(path: str) -> tuple[int, os.stat_result]:
    """A descriptor to read from, and what is behind it; raises OSError where that is anything but a file.

    It never waits, as opening a pipe that nobody writes would.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode):
        return descriptor, status
    os.close(descriptor)
    raise OSError(errno.EINVAL, "it is no regular file", path)


def read_regular(path: Path) -> bytes:
    """All of a file; raises OSError as ``open_regular`` does."""
    descriptor, _ = open_regular(str(path))
    with open(descriptor, "rb") as file:  # noqa: PTH123  # a descriptor has no path
        return file.read()


def replace_file(path: Path, text: str) -> None:
    """Write the file, and its folder where it is missing; raises OSError, and then an older file is as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}{TEMPORARY_SUFFIX}")
    try:
        _write(temporary, text.encode())
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
