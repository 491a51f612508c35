"""What the owner of a unified account may ask about trading: fills, orders and records of all categories together."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from recon_exporter.demo.bitget_server.markets import category, identifier
from recon_exporter.demo.bitget_server.selection import MONTH, QUARTER, Call
from recon_exporter.demo.bitget_server.unified import wanted
from recon_exporter.demo.bitget_server.wording import (
    STATUSES,
    hold_mode,
    signed,
    spot_bill_type,
    trade_side,
    unified_bill_type,
)
from recon_exporter.demo.exchange import milliseconds
from recon_exporter.demo.exchange.ledger import FUNDING, UNIFIED
from recon_exporter.demo.exchange.records import Booking, Execution, Order, reduces
from recon_exporter.domain.money import ZERO, plain

Document = dict[str, object]
Row = TypeVar("Row")


def fills(call: Call) -> Document:
    """Executions, newest first; here the side is the economic one, and a fee is positive where it was paid."""
    rows = [row for row in call.book.executions if wanted(call, row.market)]
    return _page(call, rows, lambda row: row.at, lambda row: row.trade_id, MONTH, _fill)


def _fill(call: Call, execution: Execution) -> Document:
    del call
    at = str(milliseconds(execution.at))
    return {
        "execId": execution.trade_id,
        "orderId": execution.order_id,
        "category": category(execution.market),
        "symbol": identifier(execution.market),
        "orderType": "limit" if execution.maker else "market",
        "side": execution.side,
        "execPrice": plain(execution.price),
        "execQty": plain(execution.quantity),
        "execValue": plain(execution.market.value(execution.quantity, execution.price)),
        "tradeScope": "maker" if execution.maker else "taker",
        "tradeSide": trade_side(execution.side, execution.leg, execution.kind),
        "feeDetail": [{"feeCoin": execution.fee_asset, "fee": plain(execution.fee)}],
        "createdTime": at,
        "updatedTime": at,
        "execPnl": plain(execution.realised),
    }


def open_orders(call: Call) -> Document:
    """Orders that can still fill."""
    rows = [row for row in call.book.orders if row.is_open and wanted(call, row.market)]
    return _page(call, rows, lambda row: row.created_at, lambda row: row.order_id, None, _order)


def past_orders(call: Call) -> Document:
    """Orders that have ended."""
    rows = [row for row in call.book.orders if not row.is_open and wanted(call, row.market)]
    return _page(call, rows, lambda row: row.created_at, lambda row: row.order_id, QUARTER, _order)


def _order(call: Call, order: Order) -> Document:
    return {
        "orderId": order.order_id,
        "clientOid": order.client_id,
        "category": category(order.market),
        "symbol": identifier(order.market),
        "orderType": "market" if order.price is None else "limit",
        "side": order.side,
        "price": plain(order.price or ZERO),
        "qty": plain(order.quantity),
        "amount": "0",
        "cumExecQty": plain(order.filled),
        "cumExecValue": plain(order.market.value(order.filled, order.average)) if order.filled else "0",
        "avgPrice": plain(order.average),
        "timeInForce": "gtc",
        "orderStatus": STATUSES[order.status],
        "posSide": str(order.leg),
        "holdMode": hold_mode(call.book.profile),
        "reduceOnly": "YES" if reduces(order.side, order.leg) else "NO",
        "feeDetail": [{"feeCoin": order.fee_asset, "fee": plain(order.fee) if order.fee_asset else ""}],
        "createdTime": str(milliseconds(order.created_at)),
        "updatedTime": str(milliseconds(order.updated_at)),
        "cancelReason": "",
    }


def records(call: Call) -> Document:
    """Movements of the unified wallet; money that came or went belongs to every category."""
    coin, kind, symbol = (call.parameters.get(name) for name in ("coin", "type", "symbol"))
    rows = [
        row
        for row in call.book.bookings
        if row.wallet == UNIFIED
        and (wanted(call, row.market) if row.market is not None else symbol is None)
        and coin in {None, row.asset}
        and kind in {None, unified_bill_type(row)}
    ]
    return _page(call, rows, lambda row: row.at, lambda row: row.booking_id, MONTH, _record)


def funding_records(call: Call) -> Document:
    """Movements of the wallet beside the unified one."""
    coin = call.parameters.get("coin")
    rows = [row for row in call.book.bookings if row.wallet == FUNDING and coin in {None, row.asset}]
    return _page(call, rows, lambda row: row.at, lambda row: row.booking_id, MONTH, _funding_record)


def _funding_record(call: Call, row: Booking) -> Document:
    del call
    group, kind = spot_bill_type(row)
    return {
        "id": row.booking_id,
        "coin": row.asset,
        "groupType": group,
        "type": kind,
        "amount": plain(row.amount),
        "balance": plain(row.balance),
        "ts": str(milliseconds(row.at)),
    }


def _record(call: Call, row: Booking) -> Document:
    told = call.parameters.get("category")
    return {
        "category": told if row.market is None else category(row.market),
        "id": row.booking_id,
        "symbol": "" if row.market is None else identifier(row.market),
        "coin": row.asset,
        "type": unified_bill_type(row),
        "fee": signed(row.fee),
        "amount": plain(row.amount),
        "balance": plain(row.balance),
        "ts": str(milliseconds(row.at)),
    }


def _page(  # what tells one list from another
    call: Call,
    rows: Sequence[Row],
    at: Callable[[Row], datetime],
    identify: Callable[[Row], str],
    longest: timedelta | None,
    document: Callable[[Call, Row], Document],
) -> Document:
    chosen = call.page(longest, "cursor").of(rows, at, identify, only=call.only)
    return {"list": [document(call, row) for row in chosen], "cursor": identify(chosen[-1]) if chosen else None}
