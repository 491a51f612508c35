"""Which symbols are a bot's."""

from __future__ import annotations

import pytest

from recon_exporter.domain.scope import Scope
from recon_exporter.domain.symbols import Symbols

SYMBOLS = Symbols.of({"XBTUSD": "BTC/USD"})


@pytest.mark.parametrize("spelling", ["BTC/USD", "BTCUSD", "btc-usd", "XBTUSD"])
def test_instrument_is_the_same_in_every_spelling(spelling: str) -> None:
    assert Scope.of(SYMBOLS, [spelling], []).holds("BTC_USD")
    assert Scope.of(SYMBOLS, ["BTC/USD"], []).holds(spelling)
    assert not Scope.of(SYMBOLS, None, ["BTC/USD"]).holds(spelling)


def test_contract_is_another_instrument_than_the_pair() -> None:
    scope = Scope.of(SYMBOLS, ["BTC/USDT"], [])

    assert not scope.holds("BTC/USDT:USDT")
    assert not scope.holds("ETH/USDT")


def test_what_is_not_left_out_is_held_where_nothing_is_named() -> None:
    assert Scope.of(SYMBOLS, None, ["TSLA"]).holds("AAPL")


def test_asset_on_spot_is_held_under_whatever_pair_the_venue_tells_it() -> None:
    scope = Scope.of(SYMBOLS, ["BTC/USDC"], ["ETH/USDT"], is_by_asset=True)

    assert scope.holds_position("BTC/USDT")
    assert not scope.holds("BTC/USDT")
    assert [scope.holds_position(one) for one in ("BTC/USDT:USDT", "ETH/USDT", "SOL/USDT")] == [False] * 3


def test_position_of_another_pair_is_another_where_the_venue_tells_pairs() -> None:
    assert not Scope.of(SYMBOLS, ["BTC/USDC"], []).holds_position("BTC/USDT")
