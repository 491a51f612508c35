"""An answer to a request, as a value, and how it is sent."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from aiohttp import web

TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
JSON = "application/json"

HEADERS: Mapping[str, str] = {
    "Server": "recon-exporter",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}

NOTHING: Mapping[str, str] = MappingProxyType({})

_CHUNK = 1024 * 1024
_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send; the parts of the body are sent one after the other without being copied together."""

    status: int
    content_type: str
    parts: tuple[bytes, ...]
    headers: Mapping[str, str] = field(default_factory=dict)


def plain(status: int, *lines: str, **headers: str) -> Answer:
    """Lines of text; underscores in the names of headers stand for hyphens."""
    body = "".join(f"{line}\n" for line in lines).encode()
    return Answer(status, TEXT, (body,), {name.replace("_", "-"): value for name, value in headers.items()})


async def send(
    request: web.BaseRequest, answer: Answer, configured: Mapping[str, str] = NOTHING, *, is_last: bool = False
) -> web.StreamResponse:
    """Send the answer, with headers that were configured, and close the connection behind the last one.

    A client that does not take it within half a minute loses its connection.
    """
    headers = {**HEADERS, **answer.headers, **configured, "Content-Type": answer.content_type}
    response = web.StreamResponse(status=answer.status, headers=headers)
    if is_last:
        response.force_close()
    response.content_length = sum(len(part) for part in answer.parts)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await response.prepare(request)
            if request.method != "HEAD":
                await _write(response, answer.parts)
            await response.write_eof()
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
    return response


async def _write(response: web.StreamResponse, parts: tuple[bytes, ...]) -> None:
    for part in parts:
        view = memoryview(part)
        for start in range(0, len(part), _CHUNK):
            await response.write(view[start : start + _CHUNK])
