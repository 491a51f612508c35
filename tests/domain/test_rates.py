"""Exposure in other currencies, through the rates that the venue tells."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from recon_exporter.domain.comparison import compare
from recon_exporter.domain.rates import with_rates_of
from support.positions import NOW, make_position, make_statement, make_terms

BTC = make_position("BTC/USD", "1", "60000", mark="64000")
ETH = make_position("ETH/BTC", "2", "0.05", currency=None)


def exposure(*venue_positions: object) -> Decimal | None:
    ledger = make_statement(BTC, ETH)
    venue = make_statement(*venue_positions, source="alpaca")  # type: ignore[arg-type]
    found = compare(ledger, venue, with_rates_of(venue, make_terms()), NOW).discrepancies
    return next(one.exposure for one in found if one.symbol == "ETH/BTC")


def test_position_in_another_currency_is_worth_what_the_venue_marks_that_currency_at() -> None:
    assert exposure(BTC) == Decimal("6400.00")


def test_without_a_mark_at_the_venue_the_exposure_is_unknown_and_not_zero() -> None:
    assert exposure() is None
    assert exposure(replace(BTC, mark_price=None)) is None


def test_rate_that_was_given_stands() -> None:
    terms = replace(make_terms(), dollar_rates={"BTC": Decimal(1)})

    assert with_rates_of(make_statement(BTC, source="alpaca"), terms).dollar_rates == {"BTC": Decimal(1)}
