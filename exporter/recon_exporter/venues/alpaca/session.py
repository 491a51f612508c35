"""What ccxt sends its requests through: it reads and never writes, follows nobody elsewhere, and waits so long only."""

import io
from http import HTTPMethod
from typing import Any

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError, ReadTimeoutError

from recon_exporter.ports import Clock

LARGEST_ANSWER = 64 * 2**20
PIECE = 2**16


class NotAReading(RuntimeError):
    """A request that could change something at the venue was stopped before it was sent."""


class ReadingSession(requests.Session):
    """Lets GET alone through; ``until`` is the moment of the monotonic clock at which an answer must be complete."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        # No proxy and no password file of the environment is meant for this account.
        self.trust_env = False
        self.until = 0.0
        self.status: int | None = None
        self.answer_headers: CaseInsensitiveDict[str] = CaseInsensitiveDict()
        self._clock = clock

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:  # noqa: ANN401  # inherited
        """Send it and read the whole answer; raises requests.Timeout at ``until``."""
        if method != HTTPMethod.GET:
            raise NotAReading(f"{method!r} is no request that only reads")
        self.status, self.answer_headers = None, CaseInsensitiveDict()
        # A redirect would carry the key, which stands in headers of Alpaca's own, to another host.
        options |= {"allow_redirects": False, "stream": True, "timeout": max(0.01, self._left())}
        with super().request(method, url, *args, **options) as response:
            body = self._body(response)
            self.status, self.answer_headers = response.status_code, response.headers
            return _read(response, body)

    def _left(self) -> float:
        return self.until - self._clock.monotonic()

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
