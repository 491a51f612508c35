"""What a difference is worth in US dollars; unknown where no price, currency or rate is told, never zero."""

from dataclasses import dataclass
from decimal import Decimal

from recon_exporter.domain.money import ONE, ROUNDING
from recon_exporter.domain.position_pair import Pair
from recon_exporter.domain.symbols import DOLLARS, contract_size, quote_currency
from recon_exporter.domain.terms import Terms


@dataclass(frozen=True, slots=True)
class Exposure:
    """``value`` in dollars, or None and ``why`` it is unknown."""

    value: Decimal | None
    why: str = ""


def of_quantity(quantity: Decimal, pair: Pair, terms: Terms) -> Exposure:
    """So much of the instrument at the venue's mark price, else its average price, else the ledger's prices."""
    for position in pair.sides:
        for price in (position.mark_price, position.average_price):
            # A price of zero is what books write where they know none.
            if price:
                return of_price(price, quantity, pair, terms)
    return Exposure(None, "no price is told")


def of_price(price: Decimal, quantity: Decimal, pair: Pair, terms: Terms) -> Exposure:
    """So much of the instrument at this price, in its currency's dollars."""
    currency = currency_of(pair, terms)
    if currency is None:
        return Exposure(None, "the currency of its price is not told")
    rate = ONE if currency in DOLLARS else terms.dollar_rates.get(currency)
    if rate is None or rate <= 0:
        return Exposure(None, f"no dollar rate of {currency} is known")
    units = ROUNDING.multiply(quantity.copy_abs(), contract_size(pair.symbol))
    return Exposure(ROUNDING.multiply(ROUNDING.multiply(units, price.copy_abs()), rate))


def currency_of(pair: Pair, terms: Terms) -> str | None:
    """What the prices of this instrument are in: as a side tells, else as the pair is quoted, else the bot's own."""
    told = next((position.currency for position in pair.sides if position.currency), None)
    currency = told or quote_currency(pair.symbol) or terms.currency
    return currency.upper() if currency else None
