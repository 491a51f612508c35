"""What ccxt sends its requests through: it reads and never writes, follows nobody elsewhere, and waits so long only."""

import io
from collections.abc import Mapping
from http import HTTPMethod
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError, ReadTimeoutError

from recon_exporter.ports import Clock

LARGEST_ANSWER = 64 * 2**20
PIECE = 2**16
CONNECTIONS = 16


class NotAReading(RuntimeError):
    """A request that could change something at the venue was stopped before it was sent."""


def connections() -> HTTPAdapter:
    """Connections for all accounts at one exchange: as many as there are requests at a time, not accounts."""
    return HTTPAdapter(pool_connections=CONNECTIONS, pool_maxsize=CONNECTIONS)


class ReadingSession(requests.Session):
    """Lets through what reads; ``until`` is the monotonic clock's moment at which all of the question must be answered.

    What reads is GET, and POST only where ``reads_by_post``: some exchanges are asked for everything in that way.
    ``told`` is the last document that came.
    """

    def __init__(self, clock: Clock, adapter: HTTPAdapter, *, reads_by_post: bool = False) -> None:
        super().__init__()
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        # No proxy and no password file of the environment is meant for this account.
        self.trust_env = False
        self.until = 0.0
        self.reads_by_post = reads_by_post
        self.status: int | None = None
        self.answer_headers: CaseInsensitiveDict[str] = CaseInsensitiveDict()
        self.told: object = None
        self._answer_until = 0.0
        self._clock = clock

    def begin(self, until: float) -> None:
        """The next answer must be complete by then."""
        self._answer_until = until

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:  # noqa: ANN401  # inherited
        """Send it and read the whole answer; raises requests.Timeout at ``until``.

        Without what the session within adds: environment, cookies, hooks, redirects. None of it is wanted, a redirect
        least of all, which would carry the key to another host; and all of it is a quarter of what a request costs.
        """
        if method != HTTPMethod.GET and not (method == HTTPMethod.POST and self.reads_by_post):
            raise NotAReading(f"{method!r} is no request that only reads")
        self.status, self.answer_headers = None, CaseInsensitiveDict()
        prepared = self._prepared(method, url, *args, **options)
        adapter = self.get_adapter(str(prepared.url))
        verify, wait = options.get("verify", True), max(0.01, self._left())
        with adapter.send(
            prepared, stream=True, timeout=wait, verify=verify, proxies=options.get("proxies")
        ) as response:
            body = self._body(response)
            self.status, self.answer_headers = response.status_code, response.headers
            return _read(response, body)

    def _prepared(
        self,
        method: str | bytes,
        url: str | bytes,
        params: Any = None,  # noqa: ANN401  # as requests takes them, here and below
        data: Any = None,  # noqa: ANN401
        headers: Mapping[str, str | None] | None = None,
        **options: Any,  # noqa: ANN401
    ) -> requests.PreparedRequest:
        told = {name: value for name, value in {**self.headers, **(headers or {})}.items() if value is not None}
        prepared = requests.PreparedRequest()
        prepared.prepare(
            method=str(method), url=url, headers=told, files=options.get("files"), data=data or {}, params=params or {}
        )
        return prepared

    def _left(self) -> float:
        return min(self.until, self._answer_until) - self._clock.monotonic()

    def _body(self, response: requests.Response) -> bytes:
        """The body as it arrives, because the timeout of a socket begins anew with every byte."""
        pieces: list[bytes] = []
        size = 0
        try:
            while piece := response.raw.read1(PIECE, decode_content=True):
                size += len(piece)
                if size > LARGEST_ANSWER:
                    raise requests.RequestException("the answer is too large")
                if self._left() <= 0:
                    raise requests.Timeout("the answer is too slow")
                pieces.append(piece)
        except ReadTimeoutError:
            raise requests.Timeout("the answer has stopped") from None
        except HTTPError as error:
            raise requests.ConnectionError(type(error).__name__) from None
        return b"".join(pieces)


def _read(response: requests.Response, body: bytes) -> requests.Response:
    """The same response with its body in memory."""
    read = requests.Response()
    read.status_code, read.reason, read.url = response.status_code, response.reason, response.url
    read.headers, read.request = response.headers, response.request
    read.raw = io.BytesIO(body)
    return read
