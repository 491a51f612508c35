"""The connections of clients: how many there may be, on which terms they stay, and how they end."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from recon_exporter.web.answers import HEADERS
from recon_exporter.web.terms import Terms

LOG = structlog.get_logger(__name__)

CONNECTIONS_AT_ONCE = 512
_IDLE_SECONDS = 75.0


class Connection(web.RequestHandler):
    """One connection; errors found before a request can be read are answered as briefly as any other."""

    terms: Terms

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


class ConnectionServer(web.Server):
    """Makes the connections, and ends those that do not end by themselves."""

    def __init__(self, handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]) -> None:
        super().__init__(handler, handler_cancellation=True, keepalive_timeout=_IDLE_SECONDS, access_log=None)
        self._open: dict[web.RequestHandler, asyncio.Transport] = {}

    def connection(self, terms: Terms) -> Connection:
        """What speaks with a client that was let in on these terms."""
        made = Connection(self, loop=self._loop, **self._kwargs)
        made.terms = terms
        return made

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        self._open[handler] = transport
        if isinstance(handler, Connection) and not handler.terms.admit(transport):
            LOG.debug("client certificate refused", why="none of its names is allowed")
            transport.abort()
        elif len(self._open) > CONNECTIONS_AT_ONCE:
            transport.abort()

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        super().connection_lost(handler, exc)
        self._open.pop(handler, None)

    async def abort(self) -> None:
        """Drop what clients have not taken yet; a closed transport would wait for them for ever."""
        for transport in tuple(self._open.values()):
            transport.abort()
        await asyncio.sleep(0)
