"""HTTP: keys checked, faults made, answers written."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from recon_exporter.demo.alpaca_server.faults import Fault
from recon_exporter.demo.alpaca_server.routes import answer
from recon_exporter.demo.alpaca_server.selections import MOST_ACTIVITIES, Refusal

if TYPE_CHECKING:
    from recon_exporter.demo.alpaca_server.server import AlpacaServer

NOT_AUTHORIZED, TOO_MANY = 40110000, 42910000
A_MINUTE = 200
DRIP_SECONDS = 0.05
_PAGE = b"<!DOCTYPE html><html><body>Sign in to continue</body></html>"
_JSON = {"Content-Type": "application/json; charset=UTF-8"}
_REFUSALS = {
    Fault.RATE_LIMITED: (HTTPStatus.TOO_MANY_REQUESTS, TOO_MANY, "rate limit exceeded"),
    Fault.UNAVAILABLE: (HTTPStatus.SERVICE_UNAVAILABLE, None, "service unavailable"),
    Fault.REFUSED: (HTTPStatus.UNAUTHORIZED, NOT_AUTHORIZED, "request is not authorized"),
    Fault.FORBIDDEN: (HTTPStatus.FORBIDDEN, None, "forbidden."),
}


class Handler(BaseHTTPRequestHandler):
    """Answers one connection of ``alpaca``."""

    alpaca: "AlpacaServer"
    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        parameters = dict(parse_qsl(split.query))
        faults = frozenset(self.alpaca.faults.take(split.path))
        self.alpaca.remember(split.path, parameters)
        if Fault.DROPPED in faults:
            self.close_connection = True
            return
        try:
            document = self._document(split.path, parameters, faults)
        except Refusal as refusal:
            self._refuse(refusal)
            return
        self._send(document, faults)

    def _document(self, path: str, parameters: Mapping[str, str], faults: frozenset[Fault]) -> object:
        for fault in faults & _REFUSALS.keys():
            raise Refusal(*_REFUSALS[fault])
        key, secret = self.headers.get("APCA-API-KEY-ID"), self.headers.get("APCA-API-SECRET-KEY")
        if key is None or secret is None:
            raise Refusal(*_REFUSALS[Fault.FORBIDDEN])
        view = self.alpaca.view(key, secret, frozen=Fault.FROZEN in faults)
        if view is None:
            raise Refusal(*_REFUSALS[Fault.REFUSED])
        if Fault.FIRST_PAGE_ONLY in faults:
            parameters = {name: value for name, value in parameters.items() if name != "page_token"}
        return _damaged(answer(view, path, parameters), faults)

    def _refuse(self, refusal: Refusal) -> None:
        told = {"message": refusal.message} | ({} if refusal.code is None else {"code": refusal.code})
        limits = {}
        if refusal.status == HTTPStatus.TOO_MANY_REQUESTS:
            reset = int(self.alpaca.now().timestamp()) + 1
            limits = {"Limit": A_MINUTE, "Remaining": 0, "Reset": reset}
        headers = {f"X-RateLimit-{name}": str(value) for name, value in limits.items()}
        self._write(refusal.status, json.dumps(told).encode(), _JSON | headers)

    def _send(self, document: object, faults: frozenset[Fault]) -> None:
        body = json.dumps(document).encode()
        if Fault.REDIRECTED in faults:
            self._write(HTTPStatus.FOUND, b"", {"Location": f"{self.alpaca.url}/elsewhere"})
        elif Fault.HTML in faults:
            self._write(HTTPStatus.OK, _PAGE, {"Content-Type": "text/html"})
        elif Fault.TRUNCATED in faults:
            self._write(HTTPStatus.OK, body[: len(body) // 2], _JSON)
        elif Fault.SLOW in faults:
            self._drip(body)
        else:
            self._write(HTTPStatus.OK, body, _JSON)

    def _write(self, status: HTTPStatus, body: bytes, headers: Mapping[str, str]) -> None:
        self._head(status, len(body), headers)
        self.wfile.write(body)

    def _head(self, status: HTTPStatus, length: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def _drip(self, body: bytes) -> None:
        self._head(HTTPStatus.OK, len(body), _JSON)
        for position in range(len(body)):
            if self.alpaca.stopping.wait(DRIP_SECONDS):
                break
            try:
                self.wfile.write(body[position : position + 1])
            except OSError:
                break
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # inherited
        del format, args


def handler_for(alpaca: "AlpacaServer") -> type[Handler]:
    """The class whose connections are this server's."""
    return type("BoundHandler", (Handler,), {"alpaca": alpaca})


def _damaged(document: object, faults: frozenset[Fault]) -> object:
    if not isinstance(document, list):
        return document
    if Fault.EMPTY in faults:
        return []
    if Fault.HALF_BOOK in faults:
        return document[: len(document) // 2]
    return document[:MOST_ACTIVITIES] if Fault.FIRST_PAGE_ONLY in faults else document
