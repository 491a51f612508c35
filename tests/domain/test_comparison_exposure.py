"""What a break is worth in dollars, and that no price is never nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from support.positions import compared, make_position, make_terms

if TYPE_CHECKING:
    from recon_exporter.domain.statement import Position
    from recon_exporter.domain.terms import Terms

OPTION = "AAPL240119C00100000"


def exposure(
    ledger: Position | None = None, venue: Position | None = None, terms: Terms | None = None
) -> tuple[Decimal | None, str]:
    """What the one break is worth, and what is said of it."""
    ours, theirs = ([side] if side else [] for side in (ledger, venue))
    (found,) = compared(ours, theirs, terms).discrepancies
    return (found.exposure, found.detail.partition("; ")[2])


def test_missing_position_is_worth_the_venues_mark_before_any_average() -> None:
    assert exposure(venue=make_position("AAPL", "-10", "150", mark="200"))[0] == Decimal(2000)
    assert exposure(venue=make_position("AAPL", "10", "150"))[0] == Decimal(1500)
    assert exposure(make_position("AAPL", "10", "90"))[0] == Decimal(900)
    assert exposure(make_position("AAPL", "10", "90", mark="95"))[0] == Decimal(950)


def test_quantity_mismatch_is_worth_its_difference() -> None:
    ledger, venue = make_position("AAPL", "10", "100"), make_position("AAPL", "7", "100", mark="120")

    assert exposure(ledger, venue)[0] == Decimal(360)


def test_price_mismatch_is_worth_its_difference_times_the_larger_quantity() -> None:
    assert exposure(make_position("AAPL", "10", "100"), make_position("AAPL", "10", "90"))[0] == Decimal(100)


@pytest.mark.parametrize("price", [None, "0"])
def test_position_without_price_has_an_unknown_exposure(price: str | None) -> None:
    assert exposure(make_position("AAPL", "10", price)) == (None, "exposure unknown: no price is told")


def test_price_without_currency_has_an_unknown_exposure() -> None:
    unknown = exposure(make_position("AAPL", "10", currency=None))

    assert unknown == (None, "exposure unknown: the currency of its price is not told")


def test_currency_is_that_of_the_position_then_of_the_pair_then_of_the_bot() -> None:
    terms = make_terms(currency="EUR", dollar_rates={"EUR": "2", "GBP": "3", "USD": "99"})

    assert exposure(make_position("BTC/USD", "1", "10", currency="gbp"), terms=terms)[0] == Decimal(30)
    assert exposure(make_position("BTC/USD", "1", "10", currency=None), terms=terms)[0] == Decimal(10)
    assert exposure(make_position("SAP", "1", "10", currency=None), terms=terms)[0] == Decimal(20)


@pytest.mark.parametrize("currency", ["USD", "USDT", "USDC"])
def test_dollar_coins_count_as_dollars(currency: str) -> None:
    assert exposure(make_position("X", "3", "5", currency=currency))[0] == Decimal(15)


def test_currency_without_rate_has_an_unknown_exposure() -> None:
    unknown = exposure(make_position("SAP", "1", currency="EUR"))

    assert unknown == (None, "exposure unknown: no dollar rate of EUR is known")


def test_option_is_worth_a_hundred_shares_a_contract() -> None:
    assert exposure(make_position(OPTION, "-2", "1.5"))[0] == Decimal(300)


def test_largest_amounts_are_worth_something_rounded() -> None:
    side = make_position("X", "123456789012345678901234567890", "1.23456789012345678901234567891", currency="EUR")
    worth = exposure(side, terms=make_terms(dollar_rates={"EUR": "1.23456789012345678901234567891"}))[0]

    assert worth is not None
    assert worth.adjusted() == 29
