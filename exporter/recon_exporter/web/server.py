"""The HTTP server: one thread with an event loop of its own, so that no cycle and no slow client holds up a scrape."""

import asyncio
import re
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from ipaddress import ip_address
from threading import Event, Thread

import structlog
from aiohttp import web

from recon_exporter.ports import Protection
from recon_exporter.web.answers import Answer, plain, send
from recon_exporter.web.authentication import Authentication
from recon_exporter.web.connections import ConnectionServer
from recon_exporter.web.doors import Door
from recon_exporter.web.lifecycle import Lifecycle
from recon_exporter.web.metrics import Metrics
from recon_exporter.web.pages import Pages
from recon_exporter.web.site import Site

LOG = structlog.get_logger(__name__)

_REQUESTS_AT_ONCE = 40
_GRACE_SECONDS = 1.0
_STOP_SECONDS = 5.0
_CHANGE_SECONDS = 5.0
_CHALLENGE = {"WWW_Authenticate": 'Basic realm="recon-exporter", charset="UTF-8"'}
HEALTHY = "/-/healthy"
"""Answered without a password to the machine itself: it gives nothing away, and supervisors have no password."""

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

    def __init__(self, listen_address: str, site: Site, protection: Protection | None = None) -> None:
        self._listen_address = listen_address
        self._site = site
        self._protection = protection or Protection()
        self._authentication = Authentication()
        self._routes = _routes(site)
        self._slots = asyncio.Semaphore(_REQUESTS_AT_ONCE)
        self._ready = Event()
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._door: Door | None = None
        self._bound = ""

    @property
    def address(self) -> str:
        """The address that is really served, after ``start``; a port 0 has become the port that was free."""
        return self._bound

    @property
    def url(self) -> str:
        """The same as the beginning of a URL."""
        return f"{'http' if self._protection.tls is None else 'https'}://{self._bound}"

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

    def protect(self, protection: Protection) -> None:
        """Serve under another protection from here on, and return once it is in force.

        Users and headers count for the next request of any connection. A new certificate is shown to new connections;
        those that came in without the encryption or the client certificate that is now asked for end with their answer.
        """
        if protection == self._protection:
            return
        if self._loop is None or self._thread is None:
            self._protection = protection
            return
        try:
            asyncio.run_coroutine_threadsafe(self._change(protection), self._loop).result(_CHANGE_SECONDS)
        except (OSError, TimeoutError):
            LOG.exception("protection not changed, the one before stays in force")

    async def _change(self, protection: Protection) -> None:
        if self._door is not None:
            await self._door.open(protection)
        self._protection = protection

    async def _serve(self, listening: socket.socket) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(max_workers=4, thread_name_prefix="web"))
        self._stopping = asyncio.Event()
        server = ConnectionServer(self._respond)
        runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=_GRACE_SECONDS)
        door = self._door = Door(server, listening)
        try:
            await runner.setup()
            await door.open(self._protection)
        finally:
            self._ready.set()
        await self._stopping.wait()
        await door.close()
        await runner.cleanup()
        await server.abort()

    async def _respond(self, request: web.BaseRequest) -> web.StreamResponse:
        route = self._route(request.path)
        # Supervisors must get their answer while slow clients hold every slot.
        slot = nullcontext() if route is not None and route.kind == "health" else self._slots
        # Passwords are checked outside of the slots: those who guess wait for one another, and not scrapes for them.
        is_admitted = await self._admits(request)
        async with slot:
            answer = await self._answer(route, request) if is_admitted else plain(401, "unauthorized", **_CHALLENGE)
            self._site.telemetry.request_answered(route.kind if route else "other", answer.status)
            is_last = self._door is None or not self._door.may_stay(request)
            return await send(request, answer, self._protection.headers, is_last=is_last)

    async def _admits(self, request: web.BaseRequest) -> bool:
        if request.path == HEALTHY and _is_local(request.remote):
            return True
        return await self._authentication.admits(request.headers.get("Authorization"), self._protection.users)

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


def _is_local(remote: str | None) -> bool:
    """Whether a client's address is one of the loopback interface."""
    try:
        address = ip_address(remote or "")
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _routes(site: Site) -> Mapping[str, _Route]:
    lifecycle, pages = Lifecycle(site), Pages(site)
    return {
        "/metrics": _Route("metrics", Metrics(site).answer),
        HEALTHY: _Route("health", lifecycle.healthy),
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
