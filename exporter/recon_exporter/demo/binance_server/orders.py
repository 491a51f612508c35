"""The orders of an account, on the spot market and on futures: all of a symbol, the open ones, or one."""

from collections.abc import Sequence

from recon_exporter.demo.binance_server import errors
from recon_exporter.demo.binance_server.calls import Call
from recon_exporter.demo.binance_server.texts import POSITION_SIDES, SPOT, STATUSES, Document, client_order_id, padded
from recon_exporter.demo.binance_server.windows import FUTURES as FUTURES_RULES
from recon_exporter.demo.binance_server.windows import SPOT as SPOT_RULES
from recon_exporter.demo.binance_server.windows import History, page
from recon_exporter.demo.exchange import Kind, milliseconds
from recon_exporter.demo.exchange.records import Order
from recon_exporter.domain.money import ZERO, plain

_FORCED = {"LIQUIDATION": Kind.LIQUIDATION, "ADL": Kind.DELEVERAGING}


def all_orders(call: Call, wallet: str) -> list[Document]:
    """Of one symbol, whatever became of them; raises Refusal."""
    symbol = call.market(wallet).symbol
    history = _history(_orders(call, wallet, symbol))
    rules = SPOT_RULES if wallet == SPOT else FUTURES_RULES
    return [_told(order) for order in page(history, call, rules)]


def open_orders(call: Call, wallet: str) -> list[Document]:
    """Of one symbol, or of all; raises Refusal."""
    symbol = call.symbol(wallet)
    return [_told(order) for order in _orders(call, wallet, symbol) if order.is_open]


def one_order(call: Call, wallet: str) -> Document:
    """By its own identifier or the client's; raises Refusal."""
    symbol = call.market(wallet).symbol
    names = (call.parameters.get("orderId"), call.parameters.get("origClientOrderId"))
    for order in _orders(call, wallet, symbol):
        if order.order_id == names[0] or client_order_id(order) == names[1]:
            return _told(order)
    raise errors.order_unknown()


def forced_orders(call: Call, wallet: str) -> list[Document]:
    """Those that Binance made itself, to liquidate or to deleverage; raises Refusal."""
    wanted = _FORCED.get(call.parameters.get("autoCloseType", ""))
    symbol = call.symbol(wallet)
    chosen = [
        order
        for order in _orders(call, wallet, symbol)
        if order.kind in _FORCED.values() and wanted in {None, order.kind}
    ]
    return [_told(order) for order in page(_history(chosen), call, FUTURES_RULES)]


def _orders(call: Call, wallet: str, symbol: str | None) -> list[Order]:
    return [
        order for order in call.book.orders if order.market.wallet == wallet and symbol in {None, order.market.symbol}
    ]


def _told(order: Order) -> Document:
    return _futures_order(order) if order.market.is_contract else _spot_order(order)


def _common(order: Order) -> Document:
    kind = "MARKET" if order.price is None else "LIMIT"
    return {
        "symbol": order.market.identifier,
        "orderId": int(order.order_id),
        "clientOrderId": client_order_id(order),
        "status": STATUSES[order.status],
        "timeInForce": "GTC",
        "type": kind,
        "side": order.side.upper(),
        "time": milliseconds(order.created_at),
        "updateTime": milliseconds(order.updated_at),
        "selfTradePreventionMode": "EXPIRE_MAKER",
    }


def _spot_order(order: Order) -> Document:
    return _common(order) | {
        "orderListId": -1,
        "price": padded(order.price or ZERO),
        "origQty": padded(order.quantity),
        "executedQty": padded(order.filled),
        "origQuoteOrderQty": padded(ZERO),
        "cummulativeQuoteQty": padded(order.turnover),
        "stopPrice": padded(ZERO),
        "icebergQty": padded(ZERO),
        "isWorking": True,
        "workingTime": milliseconds(order.created_at),
    }


def _futures_order(order: Order) -> Document:
    told = _common(order)
    return told | {
        "price": plain(order.price or ZERO),
        "avgPrice": plain(order.average),
        "origQty": plain(order.quantity),
        "executedQty": plain(order.filled),
        "cumQuote": plain(order.turnover),
        "positionSide": POSITION_SIDES[order.leg],
        "reduceOnly": False,
        "closePosition": False,
        "stopPrice": "0",
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "origType": told["type"],
        "priceMatch": "NONE",
        "goodTillDate": 0,
    }


def _history(orders: Sequence[Order]) -> History[Order]:
    return History(orders, lambda order: order.created_at, lambda order: int(order.order_id), "orderId")
