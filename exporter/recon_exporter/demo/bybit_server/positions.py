"""Positions: those that are not zero, or every row of one symbol, with a side of nothing where nothing is held."""

from decimal import Decimal
from functools import partial
from operator import attrgetter

from recon_exporter.demo.bybit_server.calls import Call, Listing, Paging
from recon_exporter.demo.bybit_server.texts import POSITION_INDEXES, SIDES, Document, category, identifier
from recon_exporter.demo.exchange import Leg, milliseconds
from recon_exporter.demo.exchange.markets import Market, fine
from recon_exporter.demo.exchange.records import Position
from recon_exporter.domain.money import ZERO, plain, product, ratio

_PAGING = Paging(usual=20, most=200)
_MAINTENANCE = Decimal("0.005")


def positions(call: Call) -> Document:
    """``position/list`` of a category; linear ones by symbol or by what settles them."""
    asked = call.category()
    if asked == "linear" and not any(call.word(name) for name in ("symbol", "baseCoin", "settleCoin")):
        raise call.wrong("Missing some parameters that must be filled in, symbol or settleCoin")
    symbols = call.symbols(asked)
    held = [position for position in call.book.positions if position.market.symbol in symbols]
    if call.word("symbol") is not None:
        held = [_of_leg(call, market, leg) for market in call.markets(asked) for leg in _legs(call)]
    listing = Listing(_PAGING, attrgetter("updated_at"), _name, partial(_document, call))
    return {"category": asked} | call.page(held, listing)


def unrealised(call: Call, position: Position) -> Decimal:
    """What a position would gain if it were closed now."""
    return position.market.profit(position.quantity, position.entry, mark(call, position.market, position.entry))


def margin(call: Call, position: Position) -> Decimal:
    """What a position binds."""
    return fine(ratio(_value(call, position), call.book.profile.leverage))


def mark(call: Call, market: Market, otherwise: Decimal) -> Decimal:
    """What the market is worth."""
    return call.view.prices.get(market.symbol, otherwise)


def _legs(call: Call) -> tuple[Leg, ...]:
    return (Leg.LONG, Leg.SHORT) if call.book.profile.hedge else (Leg.NET,)


def _of_leg(call: Call, market: Market, leg: Leg) -> Position:
    for position in call.book.positions:
        if (position.market.symbol, position.leg) == (market.symbol, leg):
            return position
    opened_at = call.book.profile.opened_at
    return Position(market, leg, ZERO, ZERO, opened_at, opened_at)


def _name(position: Position) -> str:
    return f"{identifier(position.market)}-{POSITION_INDEXES[position.leg]}"


def _document(call: Call, position: Position) -> Document:
    market, is_held = position.market, bool(position.quantity)
    told = {
        "positionValue": plain(_value(call, position)),
        "positionBalance": plain(margin(call, position)),
        "positionIM": plain(margin(call, position)),
        "positionMM": plain(fine(product(_value(call, position), _MAINTENANCE))),
        "unrealisedPnl": plain(unrealised(call, position)),
    }
    return {
        "positionIdx": POSITION_INDEXES[position.leg],
        "symbol": identifier(market),
        "side": SIDES["buy" if position.quantity > ZERO else "sell"] if is_held else "",
        "size": plain(position.quantity.copy_abs()),
        "avgPrice": plain(position.entry) if is_held else "0",
        "markPrice": plain(mark(call, market, position.entry)),
        **(told if is_held else dict.fromkeys(told, "")),
        "leverage": plain(call.book.profile.leverage),
        "curRealisedPnl": plain(position.realised),
        "cumRealisedPnl": plain(position.realised),
        "tradeMode": 0,
        "autoAddMargin": 0,
        "positionStatus": "Normal",
        "riskId": 1,
        "riskLimitValue": "2000000",
        **dict.fromkeys(("liqPrice", "bustPrice", "takeProfit", "stopLoss", "sessionAvgPrice"), ""),
        "trailingStop": "0",
        "tpslMode": "Full",
        "adlRankIndicator": 2 if is_held else 0,
        "isReduceOnly": False,
        "createdTime": str(milliseconds(position.opened_at)),
        "updatedTime": str(milliseconds(position.updated_at)),
        "category": category(market),
    }


def _value(call: Call, position: Position) -> Decimal:
    price = mark(call, position.market, position.entry)
    return position.market.worth(position.quantity.copy_abs(), price) if position.quantity else ZERO
