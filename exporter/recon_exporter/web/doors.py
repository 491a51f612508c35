"""Where connections come in: one listening socket, whose TLS may change while it is served."""

import asyncio
from functools import partial
from socket import socket

from aiohttp import web

from recon_exporter.ports import Protection
from recon_exporter.web.connections import Connection, ConnectionServer
from recon_exporter.web.terms import Terms, terms_of

HANDSHAKE_SECONDS = 10.0
"""How long a client may take to begin: one that says nothing holds a connection for this long, and nobody up."""

GOODBYE_SECONDS = 5.0
_BACKLOG = 128


class Door:
    """Accepts the connections of one socket; opened again it does so with another TLS, and loses none in between."""

    def __init__(self, server: ConnectionServer, listening: socket) -> None:
        self._server = server
        self._listening = listening
        self._accepting: asyncio.Server | None = None
        self._terms: Terms | None = None

    async def open(self, protection: Protection) -> None:
        """Accept on these terms from here on; raises OSError, and goes on as before, where the system has no room."""
        terms, before = terms_of(protection), self._accepting
        handshake, goodbye = (None, None) if protection.tls is None else (HANDSHAKE_SECONDS, GOODBYE_SECONDS)
        self._accepting = await asyncio.get_running_loop().create_server(
            partial(self._server.connection, terms),
            sock=self._listening.dup(),
            ssl=protection.tls,
            backlog=_BACKLOG,
            ssl_handshake_timeout=handshake,
            ssl_shutdown_timeout=goodbye,
        )
        self._terms = terms
        if before is not None:
            await _close(before)

    def may_stay(self, request: web.BaseRequest) -> bool:
        """Whether the connection of a request came in on the terms that are in force."""
        return isinstance(request.protocol, Connection) and request.protocol.terms == self._terms

    async def close(self) -> None:
        """Accept nothing more."""
        if self._accepting is not None:
            await _close(self._accepting)
        self._listening.close()


async def _close(accepting: asyncio.Server) -> None:
    loop = asyncio.get_running_loop()
    for listening in accepting.sockets:
        loop.remove_reader(listening.fileno())
    # A connection accepted just now still has to be attached, which a closed server would refuse.
    await asyncio.sleep(0)
    accepting.close()
