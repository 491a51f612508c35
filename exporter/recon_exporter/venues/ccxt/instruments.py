"""What a market says of its quantities: base units of a contract, and the smallest step."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from recon_exporter.domain.money import ONE, product
from recon_exporter.venues.ccxt.quirks.terms import Asking, Section
from recon_exporter.venues.ccxt.rows import BadAnswer, Row

DECIMAL_PLACES = 2
TICK_SIZE = 4
"""ccxt's ways to tell a precision; the third, a number of digits, tells no step."""


def market_of(markets: Mapping[str, Mapping[str, Any]], row: Row) -> Row:
    """The market of a row's symbol."""
    symbol = row.text("symbol")
    market = markets.get(symbol)
    if market is None:
        raise BadAnswer(f"{row.place}.symbol", symbol, "a market that the exchange lists")
    return Row(market, f"market {symbol}")


def market_within(ask: Asking, section: Section, row: Row) -> Row:
    """The same, of a section: where two markets have one name at the exchange, ccxt may take the other one."""
    market = market_of(ask.markets, row)
    if section.holds(market.told):
        return market
    told = ask.market(section, row.info.text("symbol"))
    return Row(told, f"market {told['symbol']}")


def unit(market: Row, told: Decimal | None = None) -> Decimal:
    """What one unit of an amount stands for: base units of a contract, ``told`` where the row itself says it.

    Inverse contracts are worth a sum of quote currency and no quantity of base: they are counted as contracts.
    """
    if not market.told.get("contract") or market.told.get("inverse"):
        return ONE
    return told if told is not None else market.number("contractSize")


def step(market: Row, precision_mode: int) -> Decimal | None:
    """The smallest difference in quantity, in the units of quantities; None where the exchange tells digits only."""
    precision = market.told.get("precision")
    told = Row(precision, f"{market.place}.precision").maybe_number("amount") if isinstance(precision, dict) else None
    if told is None:
        return None
    if precision_mode == TICK_SIZE:
        return product(told, unit(market))
    return product(ONE.scaleb(-int(told)), unit(market)) if precision_mode == DECIMAL_PLACES else None
