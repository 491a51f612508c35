"""What Bybit tells everybody: instruments, prices, time; and the coins, which want a key."""

from decimal import Decimal

from recon_exporter.demo.bybit_server.calls import Call
from recon_exporter.demo.bybit_server.texts import Document, category, identifier
from recon_exporter.demo.exchange import milliseconds
from recon_exporter.demo.exchange.markets import Market
from recon_exporter.domain.money import ZERO, plain

_LAUNCHED = "1585526400000"
_EIGHT_HOURS = 8 * 60 * 60 * 1000
_MOST, _USUAL = 1000, 500
_TRADING = {None, "Trading"}


def time(call: Call) -> Document:
    """``market/time``."""
    now = milliseconds(call.view.at)
    return {"timeSecond": str(now // 1000), "timeNano": str(now * 1_000_000)}


def instruments(call: Call) -> Document:
    """``instruments-info`` of a category: none but those that trade; options: none."""
    asked = call.category()
    listed = call.markets(asked) if call.word("status") in _TRADING else []
    limit = min(call.number("limit", _USUAL), _MOST)
    describe = _pair if asked == "spot" else _contract
    return {"category": asked, "list": [describe(market) for market in listed[:limit]], "nextPageCursor": ""}


def tickers(call: Call) -> Document:
    """``tickers`` of a category, of those that have a price."""
    asked = call.category()
    priced = [market for market in call.markets(asked) if market.symbol in call.view.prices]
    return {"category": asked, "list": [_ticker(call, market) for market in priced]}


def status(call: Call) -> Document:
    """``system/status``: nothing is being mended."""
    del call
    return {"list": []}


def coins(call: Call) -> Document:
    """``asset/coin/query-info``."""
    names = sorted({coin for market in call.view.markets.values() for coin in (market.base, market.quote)})
    rows = [{"name": name, "coin": name, "remainAmount": "10000000", "chains": []} for name in names]
    return {"rows": rows}


def _pair(market: Market) -> Document:
    return {
        "symbol": identifier(market),
        "baseCoin": market.base,
        "quoteCoin": market.quote,
        "innovation": "0",
        "status": "Trading",
        "marginTrading": "utaOnly",
        "lotSizeFilter": {
            "basePrecision": plain(market.amount_step),
            "quotePrecision": "0.00000001",
            "minOrderQty": plain(market.amount_step),
            "maxOrderQty": "100000",
            "minOrderAmt": "5",
            "maxOrderAmt": "8000000",
        },
        "priceFilter": {"tickSize": plain(market.price_step)},
    }


def _contract(market: Market) -> Document:
    return {
        "symbol": identifier(market),
        "contractType": f"{category(market).capitalize()}Perpetual",
        "status": "Trading",
        "baseCoin": market.base,
        "quoteCoin": market.quote,
        "settleCoin": market.settle,
        "launchTime": _LAUNCHED,
        "deliveryTime": "0",
        "deliveryFeeRate": "",
        "priceScale": "2",
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
        "priceFilter": {
            "minPrice": plain(market.price_step),
            "maxPrice": "1999999",
            "tickSize": plain(market.price_step),
        },
        "lotSizeFilter": {
            "minOrderQty": plain(market.amount_step),
            "maxOrderQty": "100000",
            "qtyStep": plain(market.amount_step),
            "minNotionalValue": "5",
        },
        "unifiedMarginTrade": True,
        "fundingInterval": 480,
        "copyTrading": "none",
    }


def _ticker(call: Call, market: Market) -> Document:
    price = call.view.prices[market.symbol]
    names = ("lastPrice", "prevPrice24h", "highPrice24h", "lowPrice24h", "bid1Price", "ask1Price")
    told: Document = {"symbol": identifier(market), **dict.fromkeys(names, plain(price))}
    told |= {"price24hPcnt": "0", "bid1Size": "1", "ask1Size": "1", "volume24h": "1000"}
    told |= {"turnover24h": plain(price * 1000)}
    return told | _of_contract(call, price) if market.is_contract else told | {"usdIndexPrice": plain(price)}


def _of_contract(call: Call, price: Decimal) -> Document:
    now = milliseconds(call.view.at)
    return {
        **dict.fromkeys(("markPrice", "indexPrice", "prevPrice1h"), plain(price)),
        "openInterest": "1000",
        "openInterestValue": plain(price * 1000),
        "fundingRate": "0.0001",
        "nextFundingTime": str(now - now % _EIGHT_HOURS + _EIGHT_HOURS),
        "deliveryTime": plain(ZERO),
    }
