"""The serve lock: at most one ``serve`` works on a state. It ends with its process, however that ends."""

import fcntl
import json
import os
import socket
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Self

from recon_exporter.domain.document import time_text
from recon_exporter.errors import StateError
from recon_exporter.ports import Clock


class ServeLock(ABC):
    """Held from ``acquire`` to ``release``, or inside ``with``."""

    @abstractmethod
    def acquire(self) -> None:
        """Raises StateError naming the holder where another process has the lock, else the place and what is wrong."""

    @abstractmethod
    def release(self) -> None:
        """Give the lock up; nothing where it is not held."""

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()


class FileLock(ServeLock):
    """A lock that the operating system holds on a file beside the state's; what the file says only names the holder.

    The file stays: removing it could free a held lock.
    """

    def __init__(self, file: Path, clock: Clock) -> None:
        self._file = file
        self._clock = clock
        self._descriptor: int | None = None

    def acquire(self) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StateError(f"{self._file}: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._sign(descriptor)
        except BlockingIOError:
            holder = _holder(descriptor)
            os.close(descriptor)
            raise StateError(f"{self._file}: another serve works on this state: {holder}") from None
        except OSError as error:
            os.close(descriptor)
            raise StateError(f"{self._file}: {error.strerror}") from error
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _sign(self, descriptor: int) -> None:
        holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": time_text(self._clock.now())}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(holder).encode(), 0)


def _holder(descriptor: int) -> str:
    try:
        holder = json.loads(os.pread(descriptor, 4096, 0))
        return f"process {holder['pid']} on {holder['host']} since {holder['since']}"
    except (ValueError, KeyError, TypeError):
        return "its holder has not signed yet"
