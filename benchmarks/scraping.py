"""A client that costs little, so that what is measured is the server."""

import socket
import time
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

FIRST_BUFFER = 1 << 20
END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length:"


class Connection:
    """One connection that is kept open from request to request."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._socket = socket.create_connection((address.hostname or "", address.port or 80), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray(FIRST_BUFFER)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def get(self, path: str, *, compressed: bool) -> memoryview:
        """The body as it came, to be looked at before the next request."""
        encoding = "gzip" if compressed else "identity"
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept-Encoding: {encoding}\r\n\r\n".encode())
        filled = self._receive(0)
        while (head := self._buffer.find(END_OF_HEAD, 0, filled)) < 0:
            filled = self._receive(filled)
        begin = head + len(END_OF_HEAD)
        end = begin + _length(path, bytes(self._buffer[:head]))
        if end > len(self._buffer):
            self._buffer.extend(bytes(end - len(self._buffer)))
        while filled < end:
            filled = self._receive(filled)
        return memoryview(self._buffer)[begin:end].toreadonly()

    def seconds(self, path: str, *, compressed: bool) -> float:
        """How long the answer takes to be here."""
        started = time.perf_counter()
        self.get(path, compressed=compressed)
        return time.perf_counter() - started

    def _receive(self, filled: int) -> int:
        with memoryview(self._buffer) as buffer:
            count = self._socket.recv_into(buffer[filled:])
        if count == 0:
            raise ConnectionError("the server closed the connection")
        return filled + count


def _length(path: str, head: bytes) -> int:
    status, *fields = head.lower().split(b"\r\n")
    if b" 200 " not in status:
        raise RuntimeError(f"{path}: {status.decode()}")
    return next(int(field.removeprefix(LENGTH)) for field in fields if field.startswith(LENGTH))
