"""Orders: those that have ended, and those that wait."""

from collections.abc import Callable
from operator import attrgetter

from recon_exporter.demo.bybit_server.calls import Call, Listing, Paging
from recon_exporter.demo.bybit_server.texts import (
    POSITION_INDEXES,
    SIDES,
    STATUSES,
    Document,
    created_by,
    identifier,
    text_or_nothing,
)
from recon_exporter.demo.exchange import Kind, Leg, milliseconds
from recon_exporter.demo.exchange.records import Order
from recon_exporter.domain.money import ZERO, plain

_CLOSING = {(Leg.LONG, "sell"), (Leg.SHORT, "buy")}


def history(call: Call) -> Document:
    """``order/history``: ended ones, by the time they were made."""
    rows = _chosen(call, lambda order: not order.is_open)
    return call.page(call.recent(rows, _LISTING), _LISTING) | {"category": call.category()}


def waiting(call: Call) -> Document:
    """``order/realtime``: open ones; linear ones by symbol, base or what settles them."""
    asked = call.category()
    if asked == "linear" and not any(call.word(name) for name in ("symbol", "baseCoin", "settleCoin")):
        raise call.wrong("Missing some parameters that must be filled in, symbol or settleCoin or baseCoin")
    return call.page(_chosen(call, lambda order: order.is_open), _LISTING) | {"category": asked}


def _chosen(call: Call, wanted: Callable[[Order], bool]) -> list[Order]:
    symbols, order_id, client_id = call.symbols(call.category()), call.word("orderId"), call.word("orderLinkId")
    status = call.word("orderStatus")
    return [
        order
        for order in call.book.orders
        if wanted(order)
        and order.market.symbol in symbols
        and order_id in {None, order.order_id}
        and client_id in {None, order.client_id}
        and status in {None, STATUSES[order.status]}
    ]


def _document(order: Order) -> Document:
    kind = "Market" if order.price is None else "Limit"
    told: Document = {
        "symbol": identifier(order.market),
        "orderId": order.order_id,
        "orderLinkId": order.client_id if order.kind is Kind.TRADE else "",
        "side": SIDES[order.side],
        "orderType": kind,
        "orderStatus": STATUSES[order.status],
        "cancelType": "UNKNOWN",
        "rejectReason": "EC_NoError",
        "price": plain(order.price or ZERO),
        "avgPrice": text_or_nothing(order.average),
        "qty": plain(order.quantity),
        "leavesQty": plain(order.remaining),
        "cumExecQty": plain(order.filled),
        "cumExecValue": plain(order.turnover),
        "cumExecFee": plain(order.fee),
        "cumFeeDetail": {order.fee_asset: plain(order.fee)} if order.fee_asset else {},
        "timeInForce": "GTC" if order.price is not None else "IOC",
        "createdTime": str(milliseconds(order.created_at)),
        "updatedTime": str(milliseconds(order.updated_at)),
        "stopOrderType": "",
        "triggerPrice": "",
        "takeProfit": "",
        "stopLoss": "",
    }
    if not order.market.is_contract:
        return told | {"marketUnit": "baseCoin"}
    of_contract = {"positionIdx": POSITION_INDEXES[order.leg], "createType": created_by(order.kind)}
    return (
        told
        | of_contract
        | {"tpslMode": "", "reduceOnly": (order.leg, order.side) in _CLOSING, "closeOnTrigger": False}
    )


_LISTING: Listing[Order] = Listing(
    Paging(usual=20, most=50), attrgetter("created_at"), attrgetter("order_id"), _document
)
