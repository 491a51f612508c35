"""Executions: trades, and between them funding and what the venue did, unless one kind is asked for."""

from datetime import datetime
from decimal import Decimal
from functools import partial
from operator import attrgetter

from recon_exporter.demo.bybit_server.calls import Call, Listing, Paging
from recon_exporter.demo.bybit_server.positions import mark
from recon_exporter.demo.bybit_server.texts import SIDES, Document, created_by, execution_type, identifier
from recon_exporter.demo.exchange import Kind, milliseconds
from recon_exporter.demo.exchange.markets import Market
from recon_exporter.demo.exchange.records import Booking, Cause, Execution
from recon_exporter.domain.money import ZERO, plain, ratio, total

_PAGING = Paging(usual=50, most=100)
_FUNDING = "Funding"
_Row = Execution | Booking
_NOTHING = ("tradeIv", "blockTradeId", "markIv", "indexPrice", "underlyingPrice", "marketUnit")


def executions(call: Call) -> Document:
    """``execution/list`` of a category, of every kind that is not ruled out by ``execType``."""
    asked = call.category()
    kind, symbols = call.word("execType"), call.symbols(asked)
    order_id, client_id = call.word("orderId"), call.word("orderLinkId")
    rows: list[_Row] = [
        execution
        for execution in call.book.executions
        if execution.market.symbol in symbols
        and (kind is None or kind == execution_type(execution.kind, execution.market))
        and (order_id is None or order_id == execution.order_id)
        and (client_id is None or client_id == execution.client_id)
    ]
    if kind in {None, _FUNDING} and order_id is None and client_id is None:
        rows.extend(
            booking
            for booking in call.book.bookings
            if booking.cause is Cause.FUNDING and booking.market is not None and booking.market.symbol in symbols
        )
    listing = Listing(_PAGING, attrgetter("at"), _name, partial(_told, call))
    return {"category": asked} | call.page(call.recent(rows, listing), listing)


def _name(row: _Row) -> str:
    return row.trade_id if isinstance(row, Execution) else row.booking_id


def _told(call: Call, row: _Row) -> Document:
    if isinstance(row, Execution):
        return _document(call, row)
    return _funding_document(call, row, call.view.markets[row.market.symbol if row.market else ""])


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
