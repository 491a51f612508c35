"""Any value of any answer may be gone: each question still returns, and a position that is there is never flat."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from recon_exporter.domain.money import ZERO
from recon_exporter.domain.positions import BalanceStatement, FillStatement, PositionStatement
from recon_exporter.domain.probe import Probe
from recon_exporter.domain.statement import Unavailable
from support.alpaca import OPEN
from support.ccxt import PERPETUAL, QUICK, SERVERS, SPOT, Exchange, running_exchange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recon_exporter.demo.exchange import Language, Request

SINCE = OPEN.replace(hour=0)
DAMAGE: tuple[Any, ...] = (None, "", "x", [], {}, "missing")
ROUNDS = 80


class Damaging:
    """A language that loses one value of every private answer, at random."""

    def __init__(self, language: Language, seed: int) -> None:
        self._language = language
        self._random = random.Random(seed)  # noqa: S311  # no secret is made of it

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the language has
        return getattr(self._language, name)

    def answer(self, request: Request, view: Any) -> object:  # noqa: ANN401  # handed on
        """The document with one value less."""
        answer = self._language.answer(request, view)
        if view.book is not None:
            self._damage(getattr(answer, "document", answer))
        return answer

    def _damage(self, document: Any) -> None:  # noqa: ANN401  # any JSON
        places = list(_places(document))
        if places:
            within, key = self._random.choice(places)
            damage = self._random.choice(DAMAGE)
            if damage == "missing":
                del within[key]
            else:
                within[key] = damage


def _places(document: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401  # as above
    """Every value within, by what holds it and its key."""
    keys = list(document) if isinstance(document, dict) else range(len(document)) if isinstance(document, list) else ()
    for key in keys:
        yield document, key
        yield from _places(document[key])


@pytest.fixture(params=SERVERS)
def exchange(request: pytest.FixtureRequest) -> Iterator[Exchange]:
    for exchange in running_exchange(request.param):
        exchange.account.trade(PERPETUAL, "0.5", 50_000)
        exchange.account.trade(SPOT, "0.1", 50_000)
        exchange.server.exchange.price(PERPETUAL, 51_000)
        yield exchange


def test_whatever_is_lost_each_question_returns_and_what_is_held_is_never_flat(exchange: Exchange) -> None:
    venue = exchange.venue(limits=QUICK)
    assert not isinstance(venue.positions(OPEN), Unavailable)
    answering = exchange.server._answering
    sound = answering._language
    told: list[object] = []
    for seed in range(ROUNDS):
        answering._language = Damaging(sound, seed)
        positions, balances = venue.positions(OPEN), venue.balances(OPEN)
        told += [positions, balances, venue.fills(SINCE, OPEN), venue.probe(OPEN, "BTC-USDT")]
        if isinstance(positions, PositionStatement):
            assert [held.quantity != ZERO for held in positions.positions if held.symbol == PERPETUAL] == [True], seed
        if isinstance(balances, BalanceStatement):
            assert all(balance.total > ZERO for balance in balances.balances.values()), seed
            assert balances.balances, seed

    assert {type(one) for one in told} <= {PositionStatement, BalanceStatement, FillStatement, Probe, Unavailable}
    assert sum(isinstance(one, Unavailable) for one in told) > ROUNDS // 2
