"""A local exchange on HTTP: one thread with an event loop, on loopback, for as many accounts as there are."""

import asyncio
import socket
import struct
import threading
from datetime import timedelta
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl

from aiohttp import web

from recon_exporter.demo.exchange.answering import Answering, Manner
from recon_exporter.demo.exchange.exchange import Exchange
from recon_exporter.demo.exchange.faults import Fault
from recon_exporter.demo.exchange.language import Language, Request
from recon_exporter.demo.exchange.limits import Journal, Limit, Limiter

_STOP_SECONDS = 5.0
_BACKLOG = 1024
_LINGER_NOT = struct.pack("ii", 1, 0)
EVERYTHING = "/"


class ExchangeServer:
    """Answers from ``start`` to ``stop``, or within a ``with``; every answer takes ``latency`` at least."""

    def __init__(
        self,
        exchange: Exchange,
        language: Language,
        *,
        port: int = 0,
        latency: timedelta = timedelta(0),
        limit: Limit | None = None,
    ) -> None:
        self.exchange = exchange
        self._answering = Answering(exchange, language, Limiter(limit))
        self._latency = latency
        self._listening = socket.create_server(("127.0.0.1", port), backlog=_BACKLOG)
        self._port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="exchange", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._ready = threading.Event()

    @property
    def url(self) -> str:
        """Where it listens: the base URL for clients."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def journal(self) -> Journal:
        """Who has asked what."""
        return self._answering.journal

    def fail(
        self,
        fault: Fault,
        path: str = EVERYTHING,
        *,
        account: str | None = None,
        times: int | None = None,
        span: timedelta = timedelta(seconds=1),
    ) -> None:
        """Let a fault begin: for paths that begin so, of all or of one account by its name, so often or until the end.

        ``span`` is how slow a slow answer is, and how far a skewed clock is ahead.
        """
        if fault is Fault.FROZEN:
            self._answering.frozen = self.exchange.snapshot()
        self._answering.faults.begin(fault, path, times, account, span)

    def recover(self) -> None:
        """Let every fault end."""
        self._answering.faults.end()

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """Answer no more; what hangs is dropped."""
        if self._loop is None or self._stopping is None:
            self._listening.close()
        elif self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(_STOP_SECONDS)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        server = web.Server(self._respond, handler_cancellation=True, access_log=None)
        runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=0.1)
        try:
            await runner.setup()
            await web.SockSite(runner, self._listening, backlog=_BACKLOG).start()
        finally:
            self._ready.set()
        await self._stopping.wait()
        await runner.cleanup()

    async def _respond(self, request: web.BaseRequest) -> web.StreamResponse:
        clock = asyncio.get_running_loop().time
        due = clock() + self._latency.total_seconds()
        reply = self._answering.reply(await _read(request))
        left = due + reply.delay.total_seconds() - clock()
        if left > 0:
            await asyncio.sleep(left)
        if reply.manner is Manner.NEVER:
            await asyncio.Event().wait()
        if reply.manner is Manner.RESET:
            _reset(request)
        headers = {**reply.headers, "Content-Type": reply.content_type}
        return web.Response(status=reply.status, body=reply.body, headers=headers)


def _reset(request: web.BaseRequest) -> None:
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        request.transport.abort()


async def _read(request: web.BaseRequest) -> Request:
    path, _, query = request.raw_path.partition("?")
    return Request(
        method=request.method,
        path=path,
        query=query,
        parameters=dict(parse_qsl(query, keep_blank_values=True)),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.read() if request.can_read_body else b"",
        address=request.remote or "",
    )
