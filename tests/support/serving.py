"""A running web server in the hands of a test, and a client that sends what it is told to."""

from __future__ import annotations

import http.client
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from support.evidence import NOW

if TYPE_CHECKING:
    import ssl
    from datetime import datetime

    from recon_exporter.sinks.page import PageSink
    from recon_exporter.telemetry import Telemetry
    from recon_exporter.web import Health, WebServer

PATIENCE_SECONDS = 10.0


@dataclass
class SteppedClock:
    """A clock that moves only when told to."""

    at: datetime = NOW
    ticks: float = 1000.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.ticks

    def wait(self, span: timedelta) -> None:
        self.step(span.total_seconds())

    def step(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.ticks += seconds


@dataclass(frozen=True)
class Response:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Served:
    """A running server and everything that stands behind it."""

    server: WebServer
    sink: PageSink
    telemetry: Telemetry
    health: Health
    clock: SteppedClock
    sockets: list[socket.socket] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    """How requests are sent; plainly where there is none."""

    @property
    def place(self) -> tuple[str, int]:
        host, _, port = self.server.address.rpartition(":")
        return host, int(port)

    def ask(self, path: str, method: str = "GET", **headers: str) -> Response:
        """One request; underscores in the names of headers stand for hyphens."""
        connection = self.client()
        try:
            connection.request(method, path, headers={name.replace("_", "-"): text for name, text in headers.items()})
            answer = connection.getresponse()
            return Response(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def client(self) -> http.client.HTTPConnection:
        """A connection for several requests; it opens itself with the first."""
        if self.tls is None:
            return http.client.HTTPConnection(*self.place, timeout=PATIENCE_SECONDS)
        return http.client.HTTPSConnection(*self.place, timeout=PATIENCE_SECONDS, context=self.tls)

    def encrypt(self, connection: socket.socket) -> ssl.SSLSocket:
        """The bare connection after its handshake."""
        assert self.tls is not None
        encrypted = self.tls.wrap_socket(connection, server_hostname=self.place[0])
        self.sockets.append(encrypted)
        return encrypted

    def connect(self, sending: bytes = b"") -> socket.socket:
        """A bare connection with a small window, that has sent these bytes and read nothing."""
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(PATIENCE_SECONDS)
        self.sockets.append(connection)
        connection.connect(self.place)
        connection.sendall(sending)
        return connection

    def drain(self, connection: socket.socket) -> bytes:
        """Everything until the server closes or drops the connection."""
        received = b""
        with suppress(ConnectionResetError):
            while chunk := connection.recv(1 << 20):
                received += chunk
        return received
