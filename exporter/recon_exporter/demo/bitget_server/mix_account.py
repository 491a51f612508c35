"""The money and positions of a classic account's contracts."""

from decimal import Decimal

from recon_exporter.demo.bitget_server.markets import identifier
from recon_exporter.demo.bitget_server.public import usdt_value
from recon_exporter.demo.bitget_server.refusals import Code, refused
from recon_exporter.demo.bitget_server.selection import Call
from recon_exporter.demo.bitget_server.wording import hold_mode
from recon_exporter.demo.exchange import milliseconds
from recon_exporter.demo.exchange.markets import fine
from recon_exporter.demo.exchange.records import Funds, Position
from recon_exporter.domain.money import ZERO, difference, plain, ratio, total

Document = dict[str, object]


def unrealised(call: Call, position: Position) -> Decimal:
    """What a position would gain if it were closed now."""
    return position.market.profit(position.quantity, position.entry, mark(call, position))


def mark(call: Call, position: Position) -> Decimal:
    """The price a position is valued at."""
    return call.view.prices.get(position.market.symbol, position.entry)


def margin(call: Call, position: Position) -> Decimal:
    """What a position binds."""
    worth = position.market.worth(position.quantity.copy_abs(), mark(call, position))
    return fine(ratio(worth, call.book.profile.leverage))


def accounts(call: Call) -> list[Document]:
    """One for each coin that ever was in the wallet of the product type: none where it was never funded."""
    wallet = call.product_type()
    return [_account(call, funds) for funds in call.book.funds if funds.wallet == wallet]


def account(call: Call) -> Document:
    """The one of a margin coin."""
    wallet, coin = call.product_type(), call.needed("marginCoin").upper()
    for funds in call.book.funds:
        if (funds.wallet, funds.asset) == (wallet, coin):
            return _account(call, funds) | {"posMode": hold_mode(call.book.profile), "marginMode": "crossed"}
    raise refused(Code.UNKNOWN_PARAMETER, call.view.at, "marginCoin")


def _account(call: Call, funds: Funds) -> Document:
    """``accountEquity`` includes what open positions would gain; the wallet's balance is told nowhere."""
    held = [
        position
        for position in call.book.positions
        if (position.market.wallet, position.market.settle) == (funds.wallet, funds.asset)
    ]
    gain = total(unrealised(call, position) for position in held)
    bound = total(margin(call, position) for position in held)
    equity = total((funds.total, gain))
    free = max(ZERO, difference(min(funds.total, equity), bound))
    return {
        "marginCoin": funds.asset,
        "locked": "0",
        "available": plain(funds.total),
        "crossedMaxAvailable": plain(free),
        "isolatedMaxAvailable": plain(free),
        "maxTransferOut": plain(free),
        "accountEquity": plain(equity),
        "usdtEquity": plain(usdt_value(call.view.prices, funds.asset, equity)),
        "btcEquity": "0",
        "crossedRiskRate": "0",
        "unrealizedPL": plain(gain),
        "coupon": "0",
        "crossedUnrealizedPL": plain(gain),
        "isolatedUnrealizedPL": "0",
        "assetMode": "single",
    }


def positions(call: Call) -> list[Document]:
    """Open positions of a product type, and of a margin coin where one is named; hedge mode has two rows."""
    wallet, coin = call.product_type(), call.parameters.get("marginCoin")
    wanted = None if not coin else coin.upper()
    return [
        _position(call, position)
        for position in call.book.positions
        if position.market.wallet == wallet and wanted in {None, position.market.settle}
    ]


def position(call: Call) -> list[Document]:
    """Those of one contract."""
    wallet = call.product_type()
    market = call.market(wallet)
    return [_position(call, held) for held in call.book.positions if held.market == market]


def _position(call: Call, held: Position) -> Document:
    size = plain(held.quantity.copy_abs())
    return {
        "marginCoin": held.market.settle,
        "symbol": identifier(held.market),
        "holdSide": held.side,
        "openDelegateSize": "0",
        "marginSize": plain(margin(call, held)),
        "available": size,
        "locked": "0",
        "total": size,
        "leverage": plain(call.book.profile.leverage),
        "achievedProfits": plain(held.realised),
        "openPriceAvg": plain(held.entry),
        "marginMode": "crossed",
        "posMode": hold_mode(call.book.profile),
        "unrealizedPL": plain(unrealised(call, held)),
        "liquidationPrice": "0",
        "keepMarginRate": "0.004",
        "markPrice": plain(mark(call, held)),
        "marginRatio": "0.03",
        "cTime": str(milliseconds(held.opened_at)),
        "uTime": str(milliseconds(held.updated_at)),
    }
