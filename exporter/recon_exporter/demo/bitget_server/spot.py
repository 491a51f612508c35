"""What the owner of a classic account may ask about spot: assets, fills, orders, bills, transfers and the key."""

from recon_exporter.demo.bitget_server.markets import identifier
from recon_exporter.demo.bitget_server.selection import QUARTER, Call
from recon_exporter.demo.bitget_server.wording import (
    STATUSES,
    fee_detail,
    order_fee_detail,
    signed,
    spot_bill_type,
)
from recon_exporter.demo.exchange import Market, milliseconds
from recon_exporter.demo.exchange.markets import SPOT
from recon_exporter.demo.exchange.records import Booking, Cause, Execution, Order
from recon_exporter.domain.money import ZERO, difference, plain

Document = dict[str, object]
_ACCOUNTS = {
    SPOT: "spot",
    "USDT-FUTURES": "usdt_futures",
    "USDC-FUTURES": "usdc_futures",
    "COIN-FUTURES": "coin_futures",
}


def info(call: Call) -> Document:
    """Whose the key is, and what it may."""
    profile = call.book.profile
    may = [("trade", profile.can_trade), ("withdraw", profile.can_withdraw)]
    return {
        "userId": profile.number,
        "inviterId": "0",
        "channelCode": "",
        "channel": "",
        "ips": "127.0.0.1",
        "authorities": ["readonly", *(word for word, granted in may if granted)],
        "parentId": 0,
        "traderType": "not_trader",
        "regisTime": str(milliseconds(profile.opened_at)),
    }


def assets(call: Call) -> list[Document]:
    """Balances, without what is zero unless all are asked for."""
    everything, coin = call.parameters.get("assetType") == "all", call.parameters.get("coin")
    return [
        {
            "coin": funds.asset,
            "available": plain(difference(funds.total, funds.locked)),
            "limitAvailable": "0",
            "frozen": plain(funds.locked),
            "locked": "0",
            "uTime": str(milliseconds(funds.updated_at)),
        }
        for funds in call.book.funds
        if funds.wallet == SPOT and (funds.total or everything) and coin in {None, funds.asset}
    ]


def fills(call: Call) -> list[Document]:
    """Executions, newest first."""
    market, order_id = call.market(SPOT), call.parameters.get("orderId")
    rows = [row for row in call.book.executions if _wanted(row.market, market) and order_id in {None, row.order_id}]
    chosen = call.page(QUARTER).of(rows, lambda row: row.at, lambda row: row.trade_id, only=call.only)
    return [_fill(call, row) for row in chosen]


def _fill(call: Call, execution: Execution) -> Document:
    at = str(milliseconds(execution.at))
    return {
        "userId": call.book.profile.number,
        "symbol": identifier(execution.market),
        "orderId": execution.order_id,
        "tradeId": execution.trade_id,
        "orderType": "limit" if execution.maker else "market",
        "side": execution.side,
        "priceAvg": plain(execution.price),
        "size": plain(execution.quantity),
        "amount": plain(execution.market.value(execution.quantity, execution.price)),
        "feeDetail": fee_detail(execution),
        "tradeScope": "maker" if execution.maker else "taker",
        "cTime": at,
        "uTime": at,
    }


def open_orders(call: Call) -> list[Document]:
    """Orders that can still fill; ``priceAvg`` is their limit here, and ``basePrice`` the average of what filled."""
    orders = _orders(call, [order for order in call.book.orders if order.is_open], ended=False)
    return [
        {
            "userId": call.book.profile.number,
            "symbol": identifier(order.market),
            "priceAvg": plain(order.price or ZERO),
            "basePrice": plain(order.average),
            "triggerPrice": None,
            "tpslType": "normal",
        }
        | _order(order)
        for order in orders
    ]


def past_orders(call: Call) -> list[Document]:
    """Orders that have ended."""
    orders = _orders(call, [order for order in call.book.orders if not order.is_open], ended=True)
    return [
        {
            "userId": call.book.profile.number,
            "symbol": identifier(order.market),
            "price": plain(order.price or ZERO),
            "priceAvg": plain(order.average),
            "feeDetail": order_fee_detail(order),
            "baseCoin": order.market.base,
            "quoteCoin": order.market.quote,
            "cancelReason": "",
        }
        | _order(order)
        for order in orders
    ]


def _orders(call: Call, orders: list[Order], *, ended: bool) -> list[Order]:
    market, order_id = call.market(SPOT), call.parameters.get("orderId")
    rows = [order for order in orders if _wanted(order.market, market) and order_id in {None, order.order_id}]
    page = call.page(QUARTER if ended else None)
    return page.of(rows, lambda row: row.created_at, lambda row: row.order_id, only=call.only)


def _order(order: Order) -> Document:
    """The size of a market order to buy is money, as Bitget tells it."""
    spends = order.price is None and order.side == "buy"
    return {
        "orderId": order.order_id,
        "clientOid": order.client_id,
        "size": plain(order.turnover if spends else order.quantity),
        "orderType": "market" if order.price is None else "limit",
        "side": order.side,
        "status": STATUSES[order.status],
        "baseVolume": plain(order.filled),
        "quoteVolume": plain(order.turnover),
        "enterPointSource": "API",
        "orderSource": "normal",
        "cTime": str(milliseconds(order.created_at)),
        "uTime": str(milliseconds(order.updated_at)),
    }


def bills(call: Call) -> list[Document]:
    """Movements of the balances, newest first."""
    coin, group, kind = (call.parameters.get(name) for name in ("coin", "groupType", "businessType"))
    rows = [
        booking
        for booking in call.book.bookings
        if booking.wallet == SPOT
        and coin in {None, booking.asset}
        and group in {None, spot_bill_type(booking)[0]}
        and kind in {None, spot_bill_type(booking)[1]}
    ]
    chosen = call.page(QUARTER).of(rows, lambda row: row.at, lambda row: row.booking_id, only=call.only)
    return [_bill(row) for row in chosen]


def _bill(booking: Booking) -> Document:
    group, kind = spot_bill_type(booking)
    return {
        "billId": booking.booking_id,
        "coin": booking.asset,
        "groupType": group,
        "businessType": kind,
        "size": plain(booking.amount),
        "balance": plain(booking.balance),
        "fees": signed(booking.fee),
        "cTime": str(milliseconds(booking.at)),
    }


def transfers(call: Call) -> list[Document]:
    """Money that went from one of the account's wallets to another."""
    coin, source = call.needed("coin"), call.parameters.get("fromType")
    rows = [
        booking
        for booking in call.book.bookings
        if booking.cause is Cause.TRANSFER
        and booking.amount < ZERO
        and booking.asset == coin
        and source in {None, _ACCOUNTS.get(booking.wallet, booking.wallet)}
    ]
    chosen = call.page(QUARTER).of(rows, lambda row: row.at, lambda row: row.booking_id, only=call.only)
    return [
        {
            "coin": row.asset,
            "status": "Successful",
            "fromType": _ACCOUNTS.get(row.wallet, row.wallet),
            "toType": _ACCOUNTS.get(row.other_wallet, row.other_wallet),
            "fromSymbol": "",
            "toSymbol": "",
            "size": plain(row.amount.copy_abs()),
            "ts": str(milliseconds(row.at)),
            "clientOid": row.booking_id,
            "transferId": row.booking_id,
        }
        for row in chosen
    ]


def _wanted(market: Market, asked: Market | None) -> bool:
    return market.wallet == SPOT and asked in {None, market}
