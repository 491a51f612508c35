"""Rates into US dollars, as the venue's own statement tells them."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from recon_exporter.domain.positions import PositionStatement
from recon_exporter.domain.symbols import DOLLARS
from recon_exporter.domain.terms import Terms


def with_rates_of(venue: PositionStatement, terms: Terms) -> Terms:
    """The terms with a rate for every currency that the venue marks against dollars; rates that were given stand."""
    return replace(terms, dollar_rates={**_rates(venue, terms), **terms.dollar_rates})


def _rates(venue: PositionStatement, terms: Terms) -> Mapping[str, Decimal]:
    rates: dict[str, Decimal] = {}
    for position in venue.positions:
        base, slash, quote = terms.symbols.canonical(position.symbol).partition("/")
        if slash and quote in DOLLARS and position.mark_price:
            rates[base] = position.mark_price
    return rates
