"""The orders of one account that have come to their end."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.money import ZERO, product
from recon_exporter.domain.positions import Order
from recon_exporter.venues.ccxt.account import Ask
from recon_exporter.venues.ccxt.failures import VenueFailure
from recon_exporter.venues.ccxt.instruments import market_within, unit
from recon_exporter.venues.ccxt.paging import Budget
from recon_exporter.venues.ccxt.quirks.base import Page, Section
from recon_exporter.venues.ccxt.reading import Listing, Reading, must_be_whole, read_list
from recon_exporter.venues.ccxt.rows import Row, many

ENDED = (
    ("fetchCanceledAndClosedOrders",),
    ("fetchOrders",),
    ("fetchClosedOrders", "fetchCanceledOrders"),
    ("fetchClosedOrders",),
)
"""The questions for orders that have ended, the best first: a cancelled order may have filled before. An emulated one
drops rows of a page, and a page that was full does not look it."""
FINAL = frozenset({"closed", "canceled", "expired", "rejected"})


def read_orders(reading: Reading) -> tuple[Order, ...]:
    """Oldest first; raises VenueFailure or BadAnswer where they cannot be had."""
    budget = Budget(reading.pages)
    orders = (
        _order(reading, section, row)
        for section in reading.sections
        if section.has_trades
        for row in _ended(reading, section, budget)
        if row.maybe_text("status") in FINAL
    )
    found = {order.order_id: order for order in orders if order.submitted_at >= reading.since}
    return tuple(sorted(found.values(), key=lambda order: (order.submitted_at, order.order_id)))


def client_order_ids(reading: Reading) -> Mapping[str, str]:
    """The bot's own identifiers by those of the exchange, of orders submitted since and of open ones."""
    budget = Budget(reading.pages)
    found: dict[str, str] = {}
    for section in reading.sections:
        if section.has_trades:
            for row in (*_ended(reading, section, budget), *_open(reading, section)):
                known = row.maybe_text("clientOrderId")
                if known is not None:
                    found[row.text("id")] = known
    return found


def _ended(reading: Reading, section: Section, budget: Budget) -> Iterator[Row]:
    for question in _questions(reading.ask):
        listing = Listing(question, _page(reading, section, question), lambda row: row.text("id"))
        symbols = _symbols(reading, section, question)
        yield from must_be_whole(read_list(reading, section, listing, symbols, budget), reading, "orders")


def _open(reading: Reading, section: Section) -> Iterator[Row]:
    for symbol in _symbols(reading, section, "fetchOpenOrders"):
        told = reading.ask("fetchOpenOrders", symbol=symbol, params=dict(section.parameters))
        yield from many(told, f"fetchOpenOrders of {symbol or section.name}")


def _symbols(reading: Reading, section: Section, question: str) -> list[str | None]:
    if reading.quirk.wants_symbol(reading.ask, section, question):
        return list(reading.symbols_of(section))
    return [None]


def _questions(ask: Ask) -> tuple[str, ...]:
    for is_asked in (ask.has_itself, ask.has):
        for questions in ENDED:
            if all(is_asked(question) for question in questions):
                return questions
    raise VenueFailure(Reason.SOURCE_UNREADABLE, f"ccxt cannot ask {ask.exchange} for ended orders", "unsupported")


def _page(reading: Reading, section: Section, question: str) -> Callable[[str | None, Page], object]:
    def page(symbol: str | None, page: Page) -> object:
        parameters = {**section.parameters, "until": page.until}
        return reading.ask(question, symbol=symbol, since=page.since, limit=page.size, params=parameters)

    return page


def _order(reading: Reading, section: Section, row: Row) -> Order:
    market = market_within(reading.ask, section, row)
    sign = reading.quirk.direction(row).sign
    size = unit(market)

    def signed(key: str) -> Decimal:
        quantity = product(row.number(key).copy_abs(), size)
        return quantity if sign > 0 else quantity.copy_negate()

    average = row.maybe_number("average")
    return Order(
        order_id=row.text("id"),
        client_order_id=row.maybe_text("clientOrderId"),
        symbol=market.text("symbol"),
        quantity=signed("amount"),
        filled_quantity=signed("filled"),
        average_price=average if average != ZERO else None,
        status=row.text("status"),
        submitted_at=row.time("timestamp"),
        filled_at=_filled_at(row),
    )


def _filled_at(row: Row) -> datetime | None:
    """When it was last filled, where that is told and it was."""
    return row.maybe_time("lastTradeTimestamp") if row.maybe_number("filled") else None
