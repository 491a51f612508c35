"""A small HTTP receiver on loopback that takes what webhooks bring: the demonstration's pager and chat."""

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LARGEST_BODY = 16 * 2**20

Received = Callable[[str, Mapping[str, Any]], None]
"""Called with the path and the JSON document of each POST, in threads of the receiver."""


class Receiver:
    """Answers 200 to every POST with a JSON object, 400 to what is none, and 500 on paths that are ``broken``."""

    def __init__(self, received: Received) -> None:
        self.broken: frozenset[str] = frozenset()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                document = _document(self.rfile.read(min(int(self.headers.get("Content-Length", 0)), LARGEST_BODY)))
                if document is None:
                    self.send_error(400, "expected a JSON object")
                    return
                if self.path in receiver.broken:
                    self.send_error(500)
                    return
                received(self.path, document)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # inherited
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="receiver", daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


def _document(body: bytes) -> Mapping[str, Any] | None:
    try:
        document = json.loads(body)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
