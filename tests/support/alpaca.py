"""An account at the local Alpaca, and the adapter that reads it: no pauses between questions, short waits."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from recon_exporter.demo.alpaca_server import AlpacaServer
from recon_exporter.venues.alpaca import Access, AlpacaVenue, Limits
from support.parts import FixedClock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from recon_exporter.demo.alpaca_server import Brokerage

KEY, SECRET = "PKTESTKEY0000000001", "s3cr3t/of+this=account"
OPEN = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)
"""A Friday, half an hour before the exchange closes."""

QUICK = Limits(spacing=timedelta(0), wait=timedelta(milliseconds=5), attempts=2)


class StandingClock(FixedClock):
    """The time stands still until a test moves it, and durations are real."""

    def monotonic(self) -> float:
        return time.monotonic()

    def wait(self, span: timedelta) -> None:
        time.sleep(span.total_seconds())


@dataclass(frozen=True)
class Desk:
    """The local Alpaca with one account."""

    clock: StandingClock
    server: AlpacaServer
    account: Brokerage

    def venue(self, limits: Limits = QUICK) -> AlpacaVenue:
        """The adapter, with the account's own key."""
        access = Access(KEY, SECRET, paper=True, base_url=self.server.url)
        return AlpacaVenue("swing-us", access, self.clock, limits)


def running_desk() -> Iterator[Desk]:
    """For a fixture: it ends with the test."""
    clock = StandingClock(OPEN)
    with AlpacaServer(clock) as server:
        yield Desk(clock, server, server.open_account(KEY, SECRET))


SOUND: dict[str, Any] = {
    "/v2/clock": {
        "timestamp": "2026-11-20T15:30:00.000000000-05:00",
        "is_open": True,
        "next_open": "2026-11-23T09:30:00-05:00",
        "next_close": "2026-11-20T16:00:00-05:00",
    },
    "/v2/account": {"currency": "USD", "long_market_value": "1000", "short_market_value": "0"},
    "/v2/positions": [
        {
            "symbol": "AAPL",
            "asset_class": "us_equity",
            "qty": "10",
            "side": "long",
            "avg_entry_price": "100.0",
            "current_price": "100",
            "market_value": "1000",
        }
    ],
    "/v2/orders": [],
    "/v2/account/activities/FILL": [],
    "/v2/account/activities": [],
}
"""Answers by path that make a sound account, with as much of them as the adapter needs."""


@contextmanager
def answering(answers: Mapping[str, object]) -> Iterator[str]:
    """A server whose answers are these, with its base URL.

    A text is answered as it stands, anything else as JSON; a function is called with the parameters.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            answer = answers[asked.path]
            if callable(answer):
                answer = answer(dict(parse_qsl(asked.query)))
            body = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # inherited
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def venue_at(url: str, limits: Limits = QUICK) -> AlpacaVenue:
    """The adapter, whose requests go to this URL."""
    return AlpacaVenue("swing-us", Access(KEY, SECRET, paper=True, base_url=url), StandingClock(OPEN), limits)
