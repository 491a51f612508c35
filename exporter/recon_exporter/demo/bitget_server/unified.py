"""What the owner of a unified account may ask: one wallet, one list of fills, orders and records for everything."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from recon_exporter.demo.bitget_server.markets import category, identifier
from recon_exporter.demo.bitget_server.mix_account import margin, mark, unrealised
from recon_exporter.demo.bitget_server.public import usdt_value
from recon_exporter.demo.bitget_server.selection import MONTH, QUARTER, Call
from recon_exporter.demo.bitget_server.wording import (
    STATUSES,
    hold_mode,
    signed,
    spot_bill_type,
    trade_side,
    unified_bill_type,
)
from recon_exporter.demo.exchange import Market, milliseconds
from recon_exporter.demo.exchange.ledger import FUNDING, UNIFIED
from recon_exporter.demo.exchange.records import Booking, Execution, Funds, Order, Position, reduces
from recon_exporter.domain.money import ZERO, difference, plain, total

Document = dict[str, object]
Row = TypeVar("Row")


def settings(call: Call) -> Document:
    """How the account is kept: what tells a unified account from a classic one."""
    profile = call.book.profile
    return {
        "uid": profile.number,
        "accountMode": "unified",
        "assetMode": "multi_assets",
        "accountLevel": "advanced",
        "holdMode": hold_mode(profile),
        "symbolConfigList": [],
        "coinConfigList": [],
    }


def info(call: Call) -> Document:
    """Whose the key is, and what it may."""
    profile = call.book.profile
    may = [("uta_trade", profile.can_trade), ("withdraw", profile.can_withdraw)]
    return {
        "userId": profile.number,
        "ips": "127.0.0.1",
        "permType": "read_and_write" if profile.can_trade else "readonly",
        "permissions": [word for word, granted in may if granted],
        "regisTime": str(milliseconds(profile.opened_at)),
    }


def assets(call: Call) -> Document:
    """The unified wallet: ``balance`` is what lies there, ``equity`` what it would be if positions were closed now."""
    told = [_asset(call, funds) for funds in call.book.funds if funds.wallet == UNIFIED and funds.total]
    prices = call.view.prices
    worth = total(
        usdt_value(prices, funds.asset, total((funds.total, _gain(call, funds.asset))))
        for funds in call.book.funds
        if funds.wallet == UNIFIED
    )
    gain = total(usdt_value(prices, held.market.settle or "", unrealised(call, held)) for held in call.book.positions)
    return {
        "accountEquity": plain(worth),
        "usdtEquity": plain(worth),
        "unrealisedPnl": plain(gain),
        "usdtUnrealisedPnl": plain(gain),
        "effEquity": plain(worth),
        "mmr": "0",
        "imr": "0",
        "assets": told,
    }


def _gain(call: Call, asset: str) -> Decimal:
    return total(unrealised(call, held) for held in call.book.positions if held.market.settle == asset)


def _asset(call: Call, funds: Funds) -> Document:
    equity = total((funds.total, _gain(call, funds.asset)))
    return {
        "coin": funds.asset,
        "equity": plain(equity),
        "usdValue": plain(usdt_value(call.view.prices, funds.asset, equity)),
        "balance": plain(funds.total),
        "available": plain(difference(funds.total, funds.locked)),
        "debt": "0",
        "locked": plain(funds.locked),
    }


def funding_assets(call: Call) -> list[Document]:
    """The wallet beside the unified one."""
    return [
        {"coin": funds.asset, "available": plain(funds.total), "frozen": "0", "balance": plain(funds.total)}
        for funds in call.book.funds
        if funds.wallet == FUNDING and funds.total
    ]


def positions(call: Call) -> Document:
    """Open positions of a category."""
    call.product_type("category")
    return {"list": [_position(call, held) for held in call.book.positions if _wanted(call, held.market)]}


def _position(call: Call, held: Position) -> Document:
    size = plain(held.quantity.copy_abs())
    return {
        "category": category(held.market),
        "symbol": identifier(held.market),
        "marginCoin": held.market.settle,
        "holdMode": hold_mode(call.book.profile),
        "posSide": held.side,
        "marginMode": "crossed",
        "positionBalance": plain(margin(call, held)),
        "available": size,
        "frozen": "0",
        "total": size,
        "leverage": plain(call.book.profile.leverage),
        "curRealisedPnl": plain(held.realised),
        "avgPrice": plain(held.entry),
        "positionStatus": "normal",
        "unrealisedPnl": plain(unrealised(call, held)),
        "liquidationPrice": "0",
        "mmr": "0.004",
        "markPrice": plain(mark(call, held)),
        "createdTime": str(milliseconds(held.opened_at)),
        "updatedTime": str(milliseconds(held.updated_at)),
    }


def fills(call: Call) -> Document:
    """Executions, newest first; here the side is the economic one, and a fee is positive where it was paid."""
    rows = [row for row in call.book.executions if _wanted(call, row.market)]
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
    rows = [row for row in call.book.orders if row.is_open and _wanted(call, row.market)]
    return _page(call, rows, lambda row: row.created_at, lambda row: row.order_id, None, _order)


def past_orders(call: Call) -> Document:
    """Orders that have ended."""
    rows = [row for row in call.book.orders if not row.is_open and _wanted(call, row.market)]
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
        and (_wanted(call, row.market) if row.market is not None else symbol is None)
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


def _wanted(call: Call, market: Market) -> bool:
    told, symbol = call.parameters.get("category"), call.parameters.get("symbol")
    return (told is None or category(market) == told.upper()) and symbol in {None, identifier(market)}


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
