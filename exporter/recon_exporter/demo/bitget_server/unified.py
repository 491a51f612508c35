"""What the owner of a unified account may ask about it: how it is kept, its one wallet, positions of each category."""

from decimal import Decimal

from recon_exporter.demo.bitget_server.markets import category, identifier
from recon_exporter.demo.bitget_server.mix_account import margin, mark, unrealised
from recon_exporter.demo.bitget_server.public import usdt_value
from recon_exporter.demo.bitget_server.selection import Call
from recon_exporter.demo.bitget_server.wording import hold_mode
from recon_exporter.demo.exchange import Market, milliseconds
from recon_exporter.demo.exchange.ledger import FUNDING, UNIFIED
from recon_exporter.demo.exchange.records import Funds, Position
from recon_exporter.domain.money import difference, plain, total

Document = dict[str, object]


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
    return {"list": [_position(call, held) for held in call.book.positions if wanted(call, held.market)]}


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


def wanted(call: Call, market: Market) -> bool:
    """Whether the market is of the category and symbol that are asked for."""
    told, symbol = call.parameters.get("category"), call.parameters.get("symbol")
    return (told is None or category(market) == told.upper()) and symbol in {None, identifier(market)}
