"""What the owner of a classic account may ask about the trading of contracts: fills, orders and bills."""

from recon_exporter.demo.bitget_server.markets import identifier
from recon_exporter.demo.bitget_server.selection import QUARTER, WEEK, Call
from recon_exporter.demo.bitget_server.wording import (
    STATUSES,
    fee_detail,
    hold_mode,
    mix_bill_type,
    signed,
    trade_side,
    wire_side,
)
from recon_exporter.demo.exchange import Kind, milliseconds
from recon_exporter.demo.exchange.records import Execution, Order, reduces
from recon_exporter.domain.money import plain

Document = dict[str, object]


def fills(call: Call) -> Document:
    """Executions of a product type, newest first."""
    wallet, order_id = call.product_type(), call.parameters.get("orderId")
    market = call.market(wallet)
    rows = [
        row
        for row in call.book.executions
        if row.market.wallet == wallet and market in {None, row.market} and order_id in {None, row.order_id}
    ]
    chosen = call.page(WEEK).of(rows, lambda row: row.at, lambda row: row.trade_id, only=call.only)
    return {
        "fillList": [_fill(call, row) for row in chosen],
        "endId": chosen[-1].trade_id if chosen else None,
    }


def _fill(call: Call, execution: Execution) -> Document:
    return {
        "tradeId": execution.trade_id,
        "symbol": identifier(execution.market),
        "orderId": execution.order_id,
        "price": plain(execution.price),
        "baseVolume": plain(execution.quantity),
        "feeDetail": [fee_detail(execution)],
        "side": wire_side(execution.side, execution.leg),
        "quoteVolume": plain(execution.market.value(execution.quantity, execution.price)),
        "profit": plain(execution.realised),
        "enterPointSource": "API" if execution.kind is Kind.TRADE else "SYS",
        "tradeSide": trade_side(execution.side, execution.leg, execution.kind),
        "posMode": hold_mode(call.book.profile),
        "tradeScope": "maker" if execution.maker else "taker",
        "cTime": str(milliseconds(execution.at)),
    }


def open_orders(call: Call) -> Document:
    """Orders that can still fill."""
    return _entrusted(call, [order for order in call.book.orders if order.is_open], ended=False)


def past_orders(call: Call) -> Document:
    """Orders that have ended."""
    return _entrusted(call, [order for order in call.book.orders if not order.is_open], ended=True)


def _entrusted(call: Call, orders: list[Order], *, ended: bool) -> Document:
    wallet, order_id = call.product_type(), call.parameters.get("orderId")
    market, client_id = call.market(wallet), call.parameters.get("clientOid")
    rows = [
        row
        for row in orders
        if row.market.wallet == wallet
        and market in {None, row.market}
        and order_id in {None, row.order_id}
        and client_id in {None, row.client_id}
    ]
    page = call.page(QUARTER if ended else None)
    chosen = page.of(rows, lambda row: row.created_at, lambda row: row.order_id, only=call.only)
    return {
        "entrustedList": [_order(call, row) for row in chosen] or None,
        "endId": chosen[-1].order_id if chosen else None,
    }


def _order(call: Call, order: Order) -> Document:
    return {
        "symbol": identifier(order.market),
        "size": plain(order.quantity),
        "orderId": order.order_id,
        "clientOid": order.client_id,
        "baseVolume": plain(order.filled),
        "fee": signed(order.fee),
        "price": plain(order.price) if order.price is not None else "",
        "priceAvg": plain(order.average) if order.filled else "",
        "status": STATUSES[order.status],
        "side": wire_side(order.side, order.leg),
        "force": "gtc",
        "totalProfits": plain(order.realised),
        "posSide": str(order.leg),
        "marginCoin": order.market.settle,
        "quoteVolume": plain(order.market.value(order.filled, order.average)) if order.filled else "0",
        "leverage": plain(call.book.profile.leverage),
        "marginMode": "crossed",
        "enterPointSource": "API",
        "tradeSide": trade_side(order.side, order.leg, order.kind),
        "posMode": hold_mode(call.book.profile),
        "orderType": "market" if order.price is None else "limit",
        "orderSource": "normal",
        "reduceOnly": "YES" if reduces(order.side, order.leg) else "NO",
        "cTime": str(milliseconds(order.created_at)),
        "uTime": str(milliseconds(order.updated_at)),
    }


def bills(call: Call) -> Document:
    """Movements of the balances of a product type: trades, funding, transfers."""
    wallet, market = call.product_type(), None
    if call.parameters.get("symbol"):
        market = call.market(wallet)
    coin, kind = call.parameters.get("coin"), call.parameters.get("businessType")
    rows = [
        row
        for row in call.book.bookings
        if row.wallet == wallet
        and market in {None, row.market}
        and coin in {None, row.asset}
        and kind in {None, mix_bill_type(row)}
    ]
    chosen = call.page(QUARTER).of(rows, lambda row: row.at, lambda row: row.booking_id, only=call.only)
    told = [
        {
            "billId": row.booking_id,
            "symbol": identifier(row.market) if row.market is not None else "",
            "amount": plain(row.amount),
            "fee": signed(row.fee),
            "feeByCoupon": "",
            "businessType": mix_bill_type(row),
            "coin": row.asset,
            "balance": plain(row.balance),
            "cTime": str(milliseconds(row.at)),
        }
        for row in chosen
    ]
    return {"bills": told, "endId": chosen[-1].booking_id if chosen else None}
