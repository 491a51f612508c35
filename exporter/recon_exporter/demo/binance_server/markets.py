"""What Binance tells everybody: markets, prices, time; and the lists of coins and pairs that want a key."""

import json
from collections.abc import Iterable
from decimal import Decimal

from recon_exporter.demo.binance_server import errors
from recon_exporter.demo.binance_server.calls import Call
from recon_exporter.demo.binance_server.texts import FUTURES, SPOT, Document, padded
from recon_exporter.demo.exchange.markets import Market
from recon_exporter.domain.money import ZERO, plain

PERPETUAL = 4133404800000
_EIGHT_HOURS = 8 * 60 * 60 * 1000
_DAY = 24 * 60 * 60 * 1000
_MAINTENANCE = "0.004"
_ORDER_TYPES = ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"]
_FUTURES_ORDER_TYPES = ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET"]


def exchange_information(call: Call, wallet: str) -> Document:
    """``exchangeInfo`` of the markets whose money lies in this wallet."""
    describe = _spot_market if wallet == SPOT else _perpetual
    limit = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1}
    return {
        "timezone": "UTC",
        "serverTime": call.now,
        "rateLimits": [limit | {"limit": 6000 if wallet == SPOT else 2400}],
        "exchangeFilters": [],
        "symbols": [describe(market) for market in call.markets(wallet)],
    }


def coins(call: Call) -> list[Document]:
    """``capital/config/getall``: each coin that is traded."""
    spot = call.markets(SPOT)
    names = sorted({coin for market in spot for coin in (market.base, market.quote)})
    return [
        {
            "coin": name,
            "name": name,
            "depositAllEnable": True,
            "withdrawAllEnable": True,
            "trading": True,
            "isLegalMoney": False,
            **dict.fromkeys(("free", "locked", "freeze", "withdrawing", "ipoing", "ipoable", "storage"), "0"),
            "networkList": [],
        }
        for name in names
    ]


def margin_pairs(call: Call) -> list[Document]:
    """``margin/allPairs``, and ``margin/isolated/allPairs`` alike."""
    return [
        {
            "id": str(index),
            "symbol": market.identifier,
            "base": market.base,
            "quote": market.quote,
            "isMarginTrade": True,
            "isBuyAllowed": True,
            "isSellAllowed": True,
        }
        for index, market in enumerate(call.markets(SPOT), 1)
    ]


def leverage_brackets(call: Call) -> list[Document]:
    """``leverageBracket``: one bracket each, for this place knows no others."""
    bracket = {
        "bracket": 1,
        "initialLeverage": 125,
        "notionalCap": 1_000_000_000,
        "notionalFloor": 0,
        "maintMarginRatio": float(_MAINTENANCE),
        "cum": 0.0,
    }
    return [{"symbol": market.identifier, "brackets": [bracket]} for market in call.markets(FUTURES)]


def tickers(call: Call, wallet: str) -> object:
    """``ticker/24hr``: of one symbol, of some, or of all that have a price."""
    if "symbol" in call.parameters:
        market = call.market(wallet)
        return _ticker(call, market, call.view.prices.get(market.symbol, ZERO))
    return [_ticker(call, market, call.view.prices[market.symbol]) for market in _priced(call, wallet)]


def last_prices(call: Call, wallet: str) -> object:
    """``ticker/price``: likewise."""
    if "symbol" in call.parameters:
        market = call.market(wallet)
        return _last_price(call, market, call.view.prices.get(market.symbol, ZERO))
    return [_last_price(call, market, call.view.prices[market.symbol]) for market in _priced(call, wallet)]


def mark_prices(call: Call) -> object:
    """``premiumIndex``: mark and index price alike, no funding ahead."""
    if "symbol" in call.parameters:
        market = call.market(FUTURES)
        return _mark_price(call, market, call.view.prices.get(market.symbol, ZERO))
    return [_mark_price(call, market, call.view.prices[market.symbol]) for market in _priced(call, FUTURES)]


def _priced(call: Call, wallet: str) -> Iterable[Market]:
    wanted = None
    if "symbols" in call.parameters:
        try:
            wanted = [call.market(wallet, name) for name in json.loads(call.parameters["symbols"])]
        except (ValueError, TypeError):
            raise errors.illegal_characters("symbols") from None
    return [market for market in wanted or call.markets(wallet) if market.symbol in call.view.prices]


def _spot_market(market: Market) -> Document:
    return {
        **_common(market),
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": _ORDER_TYPES,
        "icebergAllowed": True,
        "ocoAllowed": True,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": True,
        "permissions": [],
        "permissionSets": [["SPOT", "MARGIN"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "filters": [*_filters(market), {"filterType": "NOTIONAL", "minNotional": "5.00000000"}],
    }


def _perpetual(market: Market) -> Document:
    return {
        **_common(market),
        "pair": market.identifier,
        "contractType": "PERPETUAL",
        "deliveryDate": PERPETUAL,
        "onboardDate": 1569398400000,
        "marginAsset": market.settle,
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "pricePrecision": _decimals(market.price_step),
        "quantityPrecision": _decimals(market.amount_step),
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "orderTypes": _FUTURES_ORDER_TYPES,
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
        "filters": [*_filters(market), {"filterType": "MIN_NOTIONAL", "notional": "5"}],
    }


def _common(market: Market) -> Document:
    return {
        "symbol": market.identifier,
        "status": "TRADING",
        "baseAsset": market.base,
        "quoteAsset": market.quote,
        "baseAssetPrecision": 8,
    }


def _filters(market: Market) -> list[Document]:
    price, amount = padded(market.price_step), padded(market.amount_step)
    lot = {"minQty": amount, "maxQty": "9000000.00000000", "stepSize": amount}
    return [
        {"filterType": "PRICE_FILTER", "minPrice": price, "maxPrice": "1000000.00000000", "tickSize": price},
        {"filterType": "LOT_SIZE", **lot},
        {"filterType": "MARKET_LOT_SIZE", **lot},
    ]


def _ticker(call: Call, market: Market, price: Decimal) -> Document:
    now, last = call.now, padded(price)
    names = ("lastPrice", "weightedAvgPrice", "openPrice", "highPrice", "lowPrice")
    told: Document = {"symbol": market.identifier, **dict.fromkeys(names, last)}
    told |= {"priceChange": padded(ZERO), "priceChangePercent": "0.000", "lastQty": "1.00000000"}
    told |= {"volume": "1000.00000000", "quoteVolume": padded(price * 1000)}
    if not market.is_contract:
        told |= {"prevClosePrice": last, "bidPrice": last, "bidQty": "1.00000000"}
        told |= {"askPrice": last, "askQty": "1.00000000"}
    return told | {"openTime": now - _DAY, "closeTime": now, "firstId": 1, "lastId": 2, "count": 2}


def _last_price(call: Call, market: Market, price: Decimal) -> Document:
    told: Document = {"symbol": market.identifier, "price": padded(price)}
    return told | {"time": call.now} if market.is_contract else told


def _mark_price(call: Call, market: Market, price: Decimal) -> Document:
    now = call.now
    names = ("markPrice", "indexPrice", "estimatedSettlePrice")
    return {
        "symbol": market.identifier,
        **dict.fromkeys(names, padded(price)),
        "lastFundingRate": "0.00010000",
        "interestRate": "0.00010000",
        "nextFundingTime": now - now % _EIGHT_HOURS + _EIGHT_HOURS,
        "time": now,
    }


def _decimals(step: Decimal) -> int:
    return len(plain(step).partition(".")[2])
