"""Accounts at the local exchanges that ccxt reads."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from support.alpaca import OPEN
from support.ccxt import KEYS, SERVERS, WALLETS, Exchange, running_exchange
from support.stages import Entry, Held

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    import pytest

    from recon_exporter.demo.exchange import Language, Request
    from recon_exporter.ports import PositionVenue

SYMBOLS = {
    "bitget": ("BTC/USDT:USDT", "ETH/USDT:USDT", "BTC/USDC:USDC"),
    "binance": ("BTC/USDT:USDT", "ETH/USDT:USDT", "SOL/USDT:USDT", "BTC/USDC:USDC"),
    "bybit": ("BTC/USDT:USDT", "ETH/USDT:USDT", "SOL/USDT:USDT"),
}
SIZES = {"total", "positionAmt", "size"}
"""What exchanges call the size of a position."""


class Damaging:
    """A language in whose positions the first size cannot be read."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the language has
        return getattr(self._language, name)

    def answer(self, request: Request, view: Any) -> object:  # noqa: ANN401  # handed on
        """The document, damaged where it lists positions."""
        answer = self._language.answer(request, view)
        if "osition" in request.path:
            _damage(getattr(answer, "document", answer))
        return answer


def _damage(document: Any) -> bool:  # noqa: ANN401  # any JSON
    """Whether a size was found."""
    if isinstance(document, list):
        return any(_damage(row) for row in document)
    if not isinstance(document, dict):
        return False
    found = SIZES & document.keys()
    for name in found:
        document[name] = "1o"
    return bool(found) or any(_damage(value) for value in document.values())


@dataclass
class CcxtStage:
    exchange: Exchange
    adapter: PositionVenue
    symbols: Sequence[str]
    bot: str = "bot1"
    now: datetime = OPEN
    digits: int = 3

    def hold(self, rows: Sequence[Held]) -> None:
        """A new account under the same key, in which each row was bought or sold."""
        unified = {"unified": True} if self.exchange.name == "bybit" else {}
        account = self.exchange.server.exchange.open_account(KEYS, "bot1", **unified)
        account.deposit("USDT", 1_000_000, WALLETS[self.exchange.name])
        for row in rows:
            account.trade(row.symbol, row.quantity, row.entry or "1", fee=0)

    def vanish(self) -> None:
        self.exchange.server.stop()

    def damage(self) -> Sequence[str]:
        answering = self.exchange.server._answering
        answering._language = Damaging(answering._language)
        # ccxt itself stumbles over it: what it was is not known any more.
        return (self.exchange.name, "positions" if self.exchange.name == "bitget" else "fetchPositions")


@contextmanager
def opened(name: str, _: pytest.FixtureRequest) -> Iterator[CcxtStage]:
    for exchange in running_exchange(name):
        yield CcxtStage(exchange, exchange.venue(), SYMBOLS[name])


VENUES: tuple[Entry[PositionVenue], ...] = tuple(Entry(f"ccxt {name}", partial(opened, name)) for name in SERVERS)
