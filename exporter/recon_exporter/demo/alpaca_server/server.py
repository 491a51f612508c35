"""The local Alpaca itself: an HTTP server on loopback that answers GET, for as many accounts as are opened."""

import hmac
import threading
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Self

from recon_exporter.demo.alpaca_server.brokerage import Amount, Brokerage
from recon_exporter.demo.alpaca_server.faults import Fault
from recon_exporter.demo.alpaca_server.handling import handler_for
from recon_exporter.demo.alpaca_server.routes import View
from recon_exporter.demo.exchange.faults import Faults
from recon_exporter.ports import Clock

REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that came: its path and its parameters."""

    path: str
    parameters: Mapping[str, str]


class AlpacaServer:
    """Answers from ``start`` to ``stop``, or within a ``with``; ``asked`` are the latest requests."""

    def __init__(self, clock: Clock, port: int = 0, holidays: Collection[date] = ()) -> None:
        self.asked: deque[Asked] = deque(maxlen=REMEMBERED)
        self.stopping = threading.Event()
        self.faults: Faults[Fault] = Faults()
        self._clock = clock
        self._holidays = frozenset(holidays)
        self._accounts: dict[str, tuple[str, Brokerage]] = {}
        self._frozen: dict[str, View] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler_for(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="alpaca", daemon=True)

    @property
    def url(self) -> str:
        """Where it listens: the base URL for clients."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def open_account(self, api_key: str, secret: str, cash: Amount = 100_000, currency: str = "USD") -> Brokerage:
        """A new account with this key; what is returned makes things happen to it."""
        brokerage = Brokerage(self._clock, f"PA{len(self._accounts) + 1:08}", cash, currency)
        self._accounts[api_key] = (secret, brokerage)
        return brokerage

    def fail(self, fault: Fault, path: str = "/v2/", times: int | None = None) -> None:
        """Let a fault begin: for requests whose path begins so, the next ``times`` of them or until ``recover``."""
        if fault is Fault.FROZEN:
            self._frozen = {key: self._view(brokerage) for key, (_, brokerage) in self._accounts.items()}
        self.faults.begin(fault, path, times)

    def recover(self) -> None:
        """Let every fault end."""
        self.faults.end()

    def view(self, api_key: str, secret: str, *, frozen: bool) -> View | None:
        """What is answered from, None where key and secret are not of one account."""
        known, brokerage = self._accounts.get(api_key, ("", None))
        if brokerage is None or not hmac.compare_digest(known, secret):
            return None
        return self._frozen[api_key] if frozen and api_key in self._frozen else self._view(brokerage)

    def now(self) -> datetime:
        """The server's time."""
        return self._clock.now()

    def remember(self, path: str, parameters: Mapping[str, str]) -> None:
        """A request came."""
        self.asked.append(Asked(path, parameters))

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self.stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _view(self, brokerage: Brokerage) -> View:
        return View(brokerage.books(), self._holidays)
