"""The spot wallet: balances, with those that Simple Earn holds under names of its own, and trades of one symbol."""

from decimal import Decimal
from operator import attrgetter

from recon_exporter.demo.binance_server.calls import Call
from recon_exporter.demo.binance_server.texts import SPOT, Document, padded
from recon_exporter.demo.binance_server.windows import SPOT as RULES
from recon_exporter.demo.binance_server.windows import History, page
from recon_exporter.demo.exchange import milliseconds
from recon_exporter.demo.exchange.records import Execution
from recon_exporter.domain.money import ZERO, difference, product


def account(call: Call) -> Document:
    """``/api/v3/account``: every coin that is traded, mostly with nothing of it."""
    funds = {
        held.asset: (difference(held.total, held.locked), held.locked)
        for held in call.book.funds
        if held.wallet == SPOT
    }
    listed = [coin for market in call.markets(SPOT) for coin in (market.base, market.quote)]
    balances = dict.fromkeys(listed, (ZERO, ZERO)) | funds
    if call.parameters.get("omitZeroBalances") == "true":
        balances = {asset: amounts for asset, amounts in balances.items() if any(amounts)}
    updated = [held.updated_at for held in call.book.funds if held.wallet == SPOT]
    return {
        "makerCommission": 10,
        "takerCommission": 10,
        "buyerCommission": 0,
        "sellerCommission": 0,
        "canTrade": call.book.profile.can_trade,
        "canWithdraw": call.book.profile.can_withdraw,
        "canDeposit": True,
        "updateTime": milliseconds(max(updated, default=call.book.profile.opened_at)),
        "accountType": "SPOT",
        "permissions": ["SPOT"],
        "uid": int(call.book.profile.number),
        "balances": [_balance(asset, *amounts) for asset, amounts in balances.items()],
    }


def trades(call: Call) -> list[Document]:
    """``/api/v3/myTrades``; raises Refusal."""
    history: History[Execution] = History(
        call.executions(SPOT), attrgetter("at"), lambda row: int(row.trade_id), "fromId"
    )
    return [_trade(execution) for execution in page(history, call, RULES)]


def _balance(asset: str, free: Decimal, locked: Decimal) -> Document:
    return {"asset": asset, "free": padded(free), "locked": padded(locked)}


def _trade(execution: Execution) -> Document:
    return {
        "symbol": execution.market.identifier,
        "id": int(execution.trade_id),
        "orderId": int(execution.order_id),
        "orderListId": -1,
        "price": padded(execution.price),
        "qty": padded(execution.quantity),
        "quoteQty": padded(product(execution.quantity, execution.price)),
        "commission": padded(execution.fee),
        "commissionAsset": execution.fee_asset,
        "time": milliseconds(execution.at),
        "isBuyer": execution.side == "buy",
        "isMaker": execution.maker,
        "isBestMatch": True,
    }
