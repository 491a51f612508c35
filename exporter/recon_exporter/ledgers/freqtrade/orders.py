"""Orders and open trades of freqtrade → fills and positions. Amounts are in base units, also those of contracts."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Context, Decimal

from recon_exporter.domain.money import EXACT, ROUNDING, ZERO, ratio, total
from recon_exporter.domain.positions import Fee, Fill
from recon_exporter.domain.statement import Position
from recon_exporter.domain.symbols import quote_currency
from recon_exporter.reading.lots import PRICE
from recon_exporter.reading.refused import malformed
from recon_exporter.reading.stated import Row
from recon_exporter.reading.time_rules import TimeRules

SIDES = {"buy": 1, "sell": -1}
ESTIMATE = Context(prec=28)
DATES = ("order_filled_date", "order_update_date", "order_date")


def lots(trade: Sequence[Row]) -> Iterator[Position]:
    """What one open trade holds: its amount, and what of its open orders has been filled and is not in that yet."""
    first = trade[0]
    direction = _direction(first)
    amount = EXACT.multiply(first.number("amount"), direction)
    entries = [row for row in trade if row.value("order_id") is not None and _side(row) == direction]
    if any(row.value("ft_is_open") for row in entries) and not any(_is_filled(row) for row in entries):
        amount = ZERO  # before its first entry is closed the amount is that wished for, or zero
    open_orders = [row for row in trade if row.value("ft_is_open") and _filled(row)]
    # What an exit has sold leaves the price of entry as it is.
    exits = [EXACT.multiply(_filled(row), -direction) for row in open_orders if _side(row) != direction]
    held = total((amount, *exits))
    if held:
        yield _lot(first, held, first.optional_number("open_rate"))
    for row in open_orders:
        if _side(row) == direction:
            yield _lot(first, EXACT.multiply(_filled(row), direction), _price(row))


def fill(row: Row, times: TimeRules) -> Fill:
    """All executions of one order together."""
    quantity, price = row.number("filled"), _price(row)
    sign = _side(row)
    order_id = row.label("order_id")
    return Fill(
        fill_id=order_id,
        order_id=order_id,
        client_order_id=None,
        symbol=row.label("ft_pair"),
        quantity=EXACT.multiply(quantity, sign),
        price=price,
        fees=_fees(row, quantity, price),
        at=_at(row, times),
    )


def _lot(row: Row, quantity: Decimal, price: Decimal | None) -> Position:
    symbol = row.label("pair")
    currency = row.optional_label("stake_currency") or quote_currency(symbol)
    return Position(symbol, quantity, None, average_price=price, currency=currency)


def _direction(row: Row) -> int:
    """Older versions know no short trades."""
    return -1 if row.value("is_short") else 1


def _side(row: Row) -> int:
    """The sign of an order; a stop-loss, where no side is told, closes the trade."""
    side = row.optional_label("side") or row.label("ft_order_side")
    if side == "stoploss":
        return -_direction(row)
    if side not in SIDES:
        raise malformed(row.place("side"), side, " or ".join(SIDES))
    return SIDES[side]


def _filled(row: Row) -> Decimal:
    return row.optional_number("filled") or ZERO


def _is_filled(row: Row) -> bool:
    return not row.value("ft_is_open") and bool(_filled(row))


def _price(row: Row) -> Decimal:
    """The average of the order; versions that keep none have its cost, or its limit."""
    average = row.optional_number("average")
    if average:
        return average
    cost, filled = row.optional_number("cost"), _filled(row)
    if cost and filled:
        return PRICE.plus(ratio(cost, filled))
    return row.number("price")


def _at(row: Row, times: TimeRules) -> datetime:
    told = [at for column in DATES if (at := row.optional_moment(column, times)) is not None]
    if not told:
        raise malformed(row.place(DATES[0]), None, "a time")
    return told[0]


def _fees(row: Row, quantity: Decimal, price: Decimal) -> tuple[Fee, ...] | None:
    """What was taken from the base asset, else by the rate of its side where the exchange told in which asset.

    A rate without an asset is one that freqtrade assumed: then nothing is told. That in a third asset, such as one of
    an exchange's own, tells no amount of it.
    """
    pair = row.label("ft_pair")
    base = row.optional_label("base_currency") or pair.partition("/")[0]
    taken = row.optional_number("ft_fee_base")
    if taken:
        return (Fee(base, taken),)
    which = "open" if _side(row) == _direction(row) else "close"
    asset, rate = row.optional_label(f"fee_{which}_currency"), row.optional_number(f"fee_{which}")
    if asset is None or rate is None:
        return None
    if asset == base:
        return (Fee(asset, ESTIMATE.plus(ROUNDING.multiply(rate, quantity))),)
    if asset == quote_currency(pair):
        return (Fee(asset, ESTIMATE.plus(ROUNDING.multiply(ROUNDING.multiply(rate, quantity), price))),)
    return None
