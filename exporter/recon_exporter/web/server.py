"""The HTTP server: one thread with an event loop of its own, so that no cycle and no slow client holds up a scrape."""

import asyncio
import re
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from threading import Event, Thread

import structlog
from aiohttp import web

from recon_exporter.web.answers import HEADERS, Answer, plain, send
from recon_exporter.web.lifecycle import Lifecycle
from recon_exporter.web.metrics import Metrics
from recon_exporter.web.pages import Pages
from recon_exporter.web.site import Site

LOG = structlog.get_logger(__name__)

_REQUESTS_AT_ONCE = 40
_CONNECTIONS_AT_ONCE = 512
_IDLE_SECONDS = 75.0
_GRACE_SECONDS = 1.0
_STOP_SECONDS = 5.0

# A computing cycle holds the interpreter for this long before the server gets its turn, and an answer needs many turns:
# at the usual 5 ms the slowest of a hundred scrapes takes 200 ms, at this value 20 ms.
_SWITCH_SECONDS = 0.0002

_LAST_PORT = 65535
_FOLDERS = ("/breaks/", "/runs/", "/runbooks/")
"""Whatever lies below them is answered by their own route."""
_ADDRESS = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.%\w]+)\]|(?P<host>[^\[\]:/]*)):(?P<port>\d{1,5})")


@dataclass(frozen=True, slots=True)
class _Route:
    kind: str
    handler: Callable[[web.BaseRequest], Awaitable[Answer]]
    methods: tuple[str, ...] = ("GET", "HEAD")


class WebServer:
    """Serves a site at one address, from ``start`` to ``stop``."""

    def __init__(self, listen_address: str, site: Site) -> None:
        self._listen_address = listen_address
        self._site = site
        self._routes = _routes(site)
        self._slots = asyncio.Semaphore(_REQUESTS_AT_ONCE)
        self._ready = Event()
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._bound = ""

    @property
    def address(self) -> str:
        """The address that is really served, after ``start``; a port 0 has become the port that was free."""
        return self._bound

    @property
    def url(self) -> str:
        """The same as the beginning of a URL."""
        return f"http://{self._bound}"

    def start(self) -> None:
        """Bind and serve; raises OSError where the address cannot be had, ValueError where it is none."""
        sys.setswitchinterval(_SWITCH_SECONDS)
        listening = bind(self._listen_address)
        host, port = listening.getsockname()[:2]
        self._bound = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._thread = Thread(target=asyncio.run, args=(self._serve(listening),), name="web", daemon=True)
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """End within a few seconds, whatever clients do; may be called more than once."""
        thread, self._thread = self._thread, None
        if thread is None or self._loop is None or self._stopping is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        thread.join(_STOP_SECONDS)

    async def _serve(self, listening: socket.socket) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(max_workers=4, thread_name_prefix="web"))
        self._stopping = asyncio.Event()
        server = _Server(self._respond)
        runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=_GRACE_SECONDS)
        try:
            await runner.setup()
            await web.SockSite(runner, listening).start()
        finally:
            self._ready.set()
        await self._stopping.wait()
        await runner.cleanup()
        await server.abort()

    async def _respond(self, request: web.BaseRequest) -> web.StreamResponse:
        route = self._route(request.path)
        # Supervisors must get their answer while slow clients hold every slot.
        slot = nullcontext() if route is not None and route.kind == "health" else self._slots
        async with slot:
            answer = await self._answer(route, request)
            self._site.telemetry.request_answered(route.kind if route else "other", answer.status)
            return await send(request, answer)

    async def _answer(self, route: _Route | None, request: web.BaseRequest) -> Answer:
        if route is None:
            return plain(404, "not found")
        if request.method not in route.methods:
            return plain(405, "method not allowed", Allow=", ".join(route.methods))
        try:
            return await route.handler(request)
        except Exception:  # one request's failure is its own; what it was about stays in the log
            LOG.exception("request failed", path=request.path)
            return plain(500, "internal error, see the log")

    def _route(self, path: str) -> _Route | None:
        if path in self._routes:
            return self._routes[path]
        folder = next((folder for folder in _FOLDERS if path.startswith(folder)), None)
        return self._routes[folder] if folder is not None else None


class _Protocol(web.RequestHandler):
    """One connection; errors found before a request can be read are answered as briefly as any other."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002  # the library's words are not repeated to the client
    ) -> web.StreamResponse:
        LOG.debug("bad request", remote=request.remote, status=status, error=type(exc).__name__)
        response = web.Response(status=status, text="bad request\n", headers=HEADERS)
        response.force_close()
        return response


class _Server(web.Server):
    """Makes the connections, and ends those that do not end by themselves."""

    def __init__(self, handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]) -> None:
        super().__init__(handler, handler_cancellation=True, keepalive_timeout=_IDLE_SECONDS, access_log=None)
        self._open: dict[web.RequestHandler, asyncio.Transport] = {}

    def __call__(self) -> web.RequestHandler:
        return _Protocol(self, loop=self._loop, **self._kwargs)

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        self._open[handler] = transport
        if len(self._open) > _CONNECTIONS_AT_ONCE:
            transport.abort()

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        super().connection_lost(handler, exc)
        self._open.pop(handler, None)

    async def abort(self) -> None:
        """Drop what clients have not taken yet; a closed transport would wait for them for ever."""
        for transport in tuple(self._open.values()):
            transport.abort()
        await asyncio.sleep(0)


def bind(listen_address: str) -> socket.socket:
    """A listening socket for ``host:port``, ``[v6]:port``, or ``:port`` for every interface."""
    found = _ADDRESS.fullmatch(listen_address)
    if found is None or int(found["port"]) > _LAST_PORT:
        raise ValueError(f"{listen_address!r} is no address to listen at: expected host:port")
    host, port = found["six"] or found["host"], int(found["port"])
    if not host:
        everywhere = socket.has_dualstack_ipv6()
        family = socket.AF_INET6 if everywhere else socket.AF_INET
        return socket.create_server(("", port), family=family, dualstack_ipv6=everywhere, backlog=128)
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
    return socket.create_server((host, port), family=family, backlog=128)


def _routes(site: Site) -> Mapping[str, _Route]:
    lifecycle, pages = Lifecycle(site), Pages(site)
    return {
        "/metrics": _Route("metrics", Metrics(site).answer),
        "/-/healthy": _Route("health", lifecycle.healthy),
        "/-/ready": _Route("health", lifecycle.ready),
        "/-/reload": _Route("reload", lifecycle.reload, ("POST",)),
        "/": _Route("page", pages.status),
        "/config": _Route("page", pages.configuration),
        "/breaks": _Route("page", pages.breaks),
        "/breaks/": _Route("page", pages.one_break),
        "/runs": _Route("page", pages.runs),
        "/runs/": _Route("page", pages.one_run),
        "/runbooks": _Route("page", pages.to_runbooks),
        "/runbooks/": _Route("page", pages.runbook),
    }
