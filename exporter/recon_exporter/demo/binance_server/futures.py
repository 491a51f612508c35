"""USD-M futures: margin of the account, positions that are not zero, trades of one symbol."""

from collections.abc import Iterable
from decimal import Decimal
from operator import attrgetter

from recon_exporter.demo.binance_server.calls import Call
from recon_exporter.demo.binance_server.texts import FUTURES, POSITION_SIDES, Document, padded
from recon_exporter.demo.binance_server.windows import FUTURES as RULES
from recon_exporter.demo.binance_server.windows import History, page
from recon_exporter.demo.exchange import milliseconds
from recon_exporter.demo.exchange.markets import fine
from recon_exporter.demo.exchange.records import Execution, Position
from recon_exporter.domain.money import ZERO, plain, product, ratio, total

_MAINTENANCE = Decimal("0.004")


def account(call: Call) -> Document:
    """``/fapi/v3/account``: margin is what lies in the wallet and what the positions have gained."""
    assets = _assets(call)
    sums = {
        "totalInitialMargin": "initialMargin",
        "totalMaintMargin": "maintMargin",
        "totalWalletBalance": "walletBalance",
        "totalUnrealizedProfit": "unrealizedProfit",
        "totalMarginBalance": "marginBalance",
        "totalPositionInitialMargin": "positionInitialMargin",
        "totalOpenOrderInitialMargin": "openOrderInitialMargin",
        "totalCrossWalletBalance": "crossWalletBalance",
        "totalCrossUnPnl": "crossUnPnl",
        "availableBalance": "availableBalance",
        "maxWithdrawAmount": "maxWithdrawAmount",
    }
    return {
        **{name: padded(total(Decimal(str(asset[of])) for asset in assets)) for name, of in sums.items()},
        "assets": assets,
        "positions": [_position_of_account(call, held) for held in _held(call)],
    }


def balances(call: Call) -> list[Document]:
    """``/fapi/v3/balance``, and ``v2`` alike."""
    names = {"balance": "walletBalance"} | {
        name: name for name in ("asset", "crossWalletBalance", "crossUnPnl", "availableBalance", "maxWithdrawAmount")
    }
    return [
        {"accountAlias": f"fW{call.book.profile.number}", "marginAvailable": True, "updateTime": asset["updateTime"]}
        | {name: asset[of] for name, of in names.items()}
        for asset in _assets(call)
    ]


def positions(call: Call) -> list[Document]:
    """``/fapi/v3/positionRisk``: in hedge mode a row for each leg; raises Refusal."""
    wanted = call.symbol(FUTURES)
    return [_position(call, held) for held in _held(call) if wanted in {None, held.market.symbol}]


def trades(call: Call) -> list[Document]:
    """``/fapi/v1/userTrades``: what the account did and what was done to it; raises Refusal."""
    history: History[Execution] = History(
        call.executions(FUTURES), attrgetter("at"), lambda row: int(row.trade_id), "fromId"
    )
    return [_trade(execution) for execution in page(history, call, RULES)]


def _held(call: Call) -> list[Position]:
    return [held for held in call.book.positions if held.market.wallet == FUTURES]


def _assets(call: Call) -> list[Document]:
    funds = {held.asset: held for held in call.book.funds if held.wallet == FUTURES}
    settling = [market.settle for market in call.markets(FUTURES) if market.settle is not None]
    assets = []
    for asset in dict.fromkeys([*settling, *funds]):
        of_asset = [held for held in _held(call) if held.market.settle == asset]
        amounts = _margin(call, of_asset, funds[asset].total if asset in funds else ZERO)
        # Where nothing ever was Binance tells zeros and no time.
        updated = milliseconds(funds[asset].updated_at) if asset in funds else 0
        assets.append({"asset": asset, **{name: padded(amount) for name, amount in amounts}, "updateTime": updated})
    return assets


def _margin(call: Call, held: Iterable[Position], wallet: Decimal) -> Iterable[tuple[str, Decimal]]:
    held = tuple(held)
    gained = total(_gain(call, position) for position in held)
    initial = total(_initial(call, position) for position in held)
    free = max(ZERO, total((wallet, gained, initial.copy_negate())))
    yield from (("walletBalance", wallet), ("unrealizedProfit", gained), ("marginBalance", total((wallet, gained))))
    yield from (("maintMargin", total(_maintenance(call, position) for position in held)), ("initialMargin", initial))
    yield from (("positionInitialMargin", initial), ("openOrderInitialMargin", ZERO))
    yield from (("crossWalletBalance", wallet), ("crossUnPnl", gained))
    yield from (("availableBalance", free), ("maxWithdrawAmount", free))


def _position(call: Call, held: Position) -> Document:
    return _position_of_account(call, held) | {
        "entryPrice": plain(held.entry),
        "breakEvenPrice": plain(held.entry),
        "markPrice": padded(_mark(call, held)),
        "unRealizedProfit": padded(_gain(call, held)),
        "liquidationPrice": "0",
        "positionInitialMargin": padded(_initial(call, held)),
        "openOrderInitialMargin": "0",
        "adl": 2,
        "bidNotional": "0",
        "askNotional": "0",
        "marginAsset": held.market.settle,
    }


def _position_of_account(call: Call, held: Position) -> Document:
    return {
        "symbol": held.market.identifier,
        "positionSide": POSITION_SIDES[held.leg],
        "positionAmt": plain(held.quantity),
        "unrealizedProfit": padded(_gain(call, held)),
        "notional": padded(held.market.value(held.quantity, _mark(call, held))),
        "isolatedMargin": "0",
        "isolatedWallet": "0",
        "initialMargin": padded(_initial(call, held)),
        "maintMargin": padded(_maintenance(call, held)),
        "updateTime": milliseconds(held.updated_at),
    }


def _trade(execution: Execution) -> Document:
    return {
        "symbol": execution.market.identifier,
        "id": int(execution.trade_id),
        "orderId": int(execution.order_id),
        "side": execution.side.upper(),
        "price": plain(execution.price),
        "qty": plain(execution.quantity),
        "realizedPnl": padded(execution.realised),
        "quoteQty": plain(execution.market.turnover(execution.quantity, execution.price)),
        "commission": padded(execution.fee),
        "commissionAsset": execution.fee_asset,
        "time": milliseconds(execution.at),
        "positionSide": POSITION_SIDES[execution.leg],
        "buyer": execution.side == "buy",
        "maker": execution.maker,
    }


def _mark(call: Call, held: Position) -> Decimal:
    return call.view.prices.get(held.market.symbol, held.entry)


def _gain(call: Call, held: Position) -> Decimal:
    return held.market.profit(held.quantity, held.entry, _mark(call, held))


def _initial(call: Call, held: Position) -> Decimal:
    return fine(ratio(held.market.value(held.quantity, _mark(call, held)).copy_abs(), call.book.profile.leverage))


def _maintenance(call: Call, held: Position) -> Decimal:
    return fine(product(held.market.value(held.quantity, _mark(call, held)).copy_abs(), _MAINTENANCE))
