"""Spot: exchanges tell balances, bots keep positions, and a shared account may hold more than the bot."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.domain.positions import BalanceStatement, Basis, PositionStatement
from recon_exporter.domain.spot_holdings import by_asset, with_spot_as_positions
from recon_exporter.domain.statement import Balance, Position

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)


def book(**quantities: str) -> PositionStatement:
    """Symbols are written with ``_`` for a slash and ``__`` for a colon."""
    named = {name.replace("__", ":").replace("_", "/"): quantity for name, quantity in quantities.items()}
    positions = tuple(Position(symbol, Decimal(quantity), None) for symbol, quantity in sorted(named.items()))
    return PositionStatement("bot", "x", NOW, positions, has_write_times=False, proof="listed")


def balances(**totals: str) -> BalanceStatement:
    held = {asset: Balance(Decimal(total), None) for asset, total in totals.items()}
    return BalanceStatement("bot", "x", NOW, Basis.WALLET, held, {}, "told")


def told(venue: PositionStatement) -> dict[str, Decimal]:
    return {one.symbol: one.quantity for one in venue.positions}


def test_balance_of_a_traded_asset_is_a_position() -> None:
    found = with_spot_as_positions(
        book(ETH_USDT__USDT="2"), balances(BTC="0.4", USDT="900"), book(BTC_USDT="0.5"), is_shared=False
    )

    assert told(found) == {"BTC/USDT": Decimal("0.4"), "ETH/USDT:USDT": Decimal(2)}


def test_what_a_shared_account_holds_beyond_the_ledger_is_not_the_bots() -> None:
    assert told(with_spot_as_positions(book(), balances(BTC="3"), book(BTC_USDT="0.5"), is_shared=True)) == {
        "BTC/USDT": Decimal("0.5")
    }


def test_shared_account_that_holds_less_than_the_ledger_says_so() -> None:
    assert told(with_spot_as_positions(book(), balances(BTC="0.3"), book(BTC_USDT="0.5"), is_shared=True)) == {
        "BTC/USDT": Decimal("0.3")
    }


@pytest.mark.parametrize("is_shared", [True, False])
def test_asset_that_the_account_does_not_hold_is_missing(*, is_shared: bool) -> None:
    found = with_spot_as_positions(book(), balances(USDT="1"), book(BTC_USDT="0.5"), is_shared=is_shared)

    assert told(found) == {}


def test_account_of_the_bot_alone_tells_assets_that_the_ledger_has_no_pair_of() -> None:
    found = with_spot_as_positions(book(), balances(BTC="1", DOGE="7", USDT="5"), book(BTC_USDT="1"), is_shared=False)

    assert told(found) == {"BTC/USDT": Decimal(1), "DOGE/USDT": Decimal(7)}


def test_account_for_spot_alone_tells_what_a_ledger_that_lost_all_its_pairs_does_not_know() -> None:
    held = balances(BTC="1", USDT="5", USDC="2")
    dollars = frozenset({"USD", "USDC", "USDT"})

    assert told(with_spot_as_positions(book(), held, book(), is_shared=False, priced_in=dollars)) == {
        "BTC/USDT": Decimal(1)
    }
    assert told(with_spot_as_positions(book(), held, book(), is_shared=False)) == {}


def test_several_pairs_of_one_asset_are_one_position() -> None:
    ledger = by_asset(book(BTC_EUR="1", BTC_USDT="2", ETH_BTC="-3", ETH_USDT__USDT="4"))

    assert told(ledger) == {"BTC/EUR": Decimal(3), "ETH/BTC": Decimal(-3), "ETH/USDT:USDT": Decimal(4)}
    assert told(with_spot_as_positions(book(), balances(BTC="3"), ledger, is_shared=False))["BTC/EUR"] == Decimal(3)


@given(st.dictionaries(st.sampled_from(["BTC", "ETH", "SOL"]), st.integers(1, 9), min_size=1))
def test_account_that_holds_what_the_ledger_has_agrees(held: dict[str, int]) -> None:
    ledger = book(**{f"{asset}_USDT": str(total) for asset, total in held.items()})
    totals = balances(**{asset: str(total) for asset, total in held.items()})

    for is_shared in (True, False):
        assert told(with_spot_as_positions(book(), totals, ledger, is_shared=is_shared)) == told(ledger)
