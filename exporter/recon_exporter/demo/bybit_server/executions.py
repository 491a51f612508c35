"""Executions: trades, and between them funding and what the venue did, unless one kind is asked for."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import partial

from recon_exporter.demo.bybit_server.calls import Call, Paging, Told
from recon_exporter.demo.bybit_server.positions import mark
from recon_exporter.demo.bybit_server.texts import SIDES, Document, created_by, execution_type, identifier
from recon_exporter.demo.exchange import Kind, milliseconds
from recon_exporter.demo.exchange.markets import Market
from recon_exporter.demo.exchange.records import Booking, Cause, Execution
from recon_exporter.domain.money import ZERO, plain, ratio, total

_PAGING = Paging(usual=50, most=100)
_FUNDING = "Funding"
_NOTHING = ("tradeIv", "blockTradeId", "markIv", "indexPrice", "underlyingPrice", "marketUnit")


def executions(call: Call) -> Document:
    """``execution/list`` of a category, of every kind that is not ruled out by ``execType``."""
    asked = call.category()
    kind, symbols = call.word("execType"), call.symbols(asked)
    order_id, client_id = call.word("orderId"), call.word("orderLinkId")
    rows = [
        Told(execution.at, execution.trade_id, partial(_document, call, execution))
        for execution in call.book.executions
        if execution.market.symbol in symbols
        and kind in {None, execution_type(execution.kind, execution.market)}
        and order_id in {None, execution.order_id}
        and client_id in {None, execution.client_id}
    ]
    if kind in {None, _FUNDING} and order_id is None and client_id is None:
        rows.extend(_funding(call, symbols))
    return {"category": asked} | call.page(call.recent(rows, _PAGING), _PAGING)


def _funding(call: Call, symbols: frozenset[str]) -> Iterable[Told]:
    for booking in call.book.bookings:
        market = booking.market
        if booking.cause is Cause.FUNDING and market is not None and market.symbol in symbols:
            yield Told(booking.at, booking.booking_id, partial(_funding_document, call, booking, market))


def _document(call: Call, execution: Execution) -> Document:
    market = execution.market
    told = _common(market, execution.at, execution.trade_id) | {
        "orderId": execution.order_id,
        "orderLinkId": execution.client_id if execution.kind is Kind.TRADE else "",
        "side": SIDES[execution.side],
        "orderType": "Limit" if execution.maker else "Market",
        "orderPrice": plain(execution.price),
        "orderQty": plain(execution.quantity),
        "leavesQty": "0",
        "execFee": plain(execution.fee),
        "execPrice": plain(execution.price),
        "execQty": plain(execution.quantity),
        "execType": execution_type(execution.kind, market),
        "execValue": plain(market.turnover(execution.quantity, execution.price)),
        "feeRate": plain(market.maker_rate if execution.maker else market.taker_rate),
        "isMaker": execution.maker,
        "closedSize": plain(execution.closed),
        "markPrice": plain(mark(call, market, execution.price)),
    }
    if market.is_contract:
        return told | {"createType": created_by(execution.kind), "feeCurrency": ""}
    # What a spot fee was taken in is told here alone.
    return told | {"feeCurrency": execution.fee_asset, "closedSize": ""}


def _funding_document(call: Call, booking: Booking, market: Market) -> Document:
    """``execFee`` is positive where funding was paid; the side is that of the position."""
    held = _held(call, booking, market)
    price = mark(call, market, ZERO)
    value = market.turnover(held.copy_abs(), price) if held and price else ZERO
    fee = booking.amount.copy_negate()
    return _common(market, booking.at, booking.booking_id) | {
        "orderId": f"{booking.booking_id}-funding",
        "orderLinkId": "",
        "side": SIDES["sell" if held < ZERO else "buy"],
        "orderType": "UNKNOWN",
        "orderPrice": "0",
        "orderQty": "0",
        "leavesQty": "0",
        "execFee": plain(fee),
        "execPrice": plain(price),
        "execQty": plain(held.copy_abs()),
        "execType": _FUNDING,
        "execValue": plain(value),
        "feeRate": plain(ratio(fee, value).quantize(Decimal("1e-8"))) if value else "0",
        "isMaker": False,
        "closedSize": "0",
        "markPrice": plain(price),
        "createType": "",
        "feeCurrency": "",
    }


def _held(call: Call, booking: Booking, market: Market) -> Decimal:
    return total(
        execution.quantity if execution.side == "buy" else execution.quantity.copy_negate()
        for execution in call.book.executions
        if execution.market.symbol == market.symbol and execution.at <= booking.at
    )


def _common(market: Market, at: datetime, name: str) -> Document:
    return {
        "symbol": identifier(market),
        "execId": name,
        "execTime": str(milliseconds(at)),
        "seq": milliseconds(at),
        "stopOrderType": "UNKNOWN",
        **dict.fromkeys(_NOTHING, ""),
    }
