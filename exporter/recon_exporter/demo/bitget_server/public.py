"""What anybody may ask: the time, markets, coins and prices."""

from collections.abc import Mapping
from decimal import Decimal

from recon_exporter.demo.bitget_server.markets import category, decimals, identifier, in_wallet
from recon_exporter.demo.bitget_server.selection import Call
from recon_exporter.demo.exchange import Market, milliseconds
from recon_exporter.demo.exchange.markets import SPOT
from recon_exporter.domain.money import ONE, ZERO, plain, product

Document = dict[str, object]
_NO_PRICE = ZERO


def server_time(call: Call) -> Document:
    """The venue's clock."""
    return {"serverTime": str(milliseconds(call.view.at))}


def spot_symbols(call: Call) -> list[Document]:
    """The spot markets."""
    return [
        {
            "symbol": identifier(market),
            "baseCoin": market.base,
            "quoteCoin": market.quote,
            "minTradeAmount": "0",
            "maxTradeAmount": "10000000000",
            "takerFeeRate": plain(market.taker_rate),
            "makerFeeRate": plain(market.maker_rate),
            "pricePrecision": str(decimals(market.price_step)),
            "quantityPrecision": str(decimals(market.amount_step)),
            "quotePrecision": "6",
            "status": "online",
            "minTradeUSDT": "5",
            "buyLimitPriceRatio": "0.05",
            "sellLimitPriceRatio": "0.05",
        }
        for market in in_wallet(call.view.markets, SPOT)
    ]


def coins(call: Call) -> list[Document]:
    """Whatever is traded, paid with or settled in."""
    markets = call.view.markets.values()
    known = dict.fromkeys(coin for market in markets for coin in (market.base, market.quote))
    chain = {
        "chain": "ERC20",
        "needTag": "false",
        "withdrawable": "true",
        "rechargeable": "true",
        "withdrawFee": "1",
        "minDepositAmount": "0.01",
        "minWithdrawAmount": "10",
        "withdrawMinScale": "8",
    }
    return [
        {"coinId": str(number), "coin": coin, "transfer": "true", "chains": [chain], "areaCoin": "no"}
        for number, coin in enumerate(known, 1)
    ]


def contracts(call: Call) -> list[Document]:
    """The contracts of a product type."""
    return [_contract(market) for market in in_wallet(call.view.markets, call.product_type())]


def _contract(market: Market) -> Document:
    place = decimals(market.price_step)
    return {
        "symbol": identifier(market),
        "baseCoin": market.base,
        "quoteCoin": market.quote,
        "buyLimitPriceRatio": "0.05",
        "sellLimitPriceRatio": "0.05",
        "feeRateUpRatio": "0.005",
        "makerFeeRate": plain(market.maker_rate),
        "takerFeeRate": plain(market.taker_rate),
        "openCostUpRatio": "0.01",
        "supportMarginCoins": [market.settle],
        "minTradeNum": plain(market.amount_step),
        "priceEndStep": plain(market.price_step.scaleb(place)),
        "volumePlace": str(decimals(market.amount_step)),
        "pricePlace": str(place),
        "sizeMultiplier": plain(market.amount_step),
        "symbolType": "perpetual",
        "minTradeUSDT": "5",
        "maxPositionNum": "150",
        "symbolStatus": "normal",
        "fundInterval": "8",
        "minLever": "1",
        "maxLever": "125",
        "launchTime": "",
        "deliveryTime": "",
    }


def spot_tickers(call: Call) -> list[Document]:
    """The prices of spot."""
    return [_ticker(call, market) for market in _asked(call, SPOT)]


def mix_tickers(call: Call) -> list[Document]:
    """The prices of a product type, or of one contract in it."""
    return [_ticker(call, market) | _contract_prices(call, market) for market in _asked(call, call.product_type())]


def symbol_price(call: Call) -> list[Document]:
    """The three prices of one contract."""
    return [
        {
            "symbol": identifier(market),
            "ts": str(milliseconds(call.view.at)),
            **dict.fromkeys(("price", "indexPrice", "markPrice"), _price(call, market)),
        }
        for market in _asked(call, call.product_type())
    ]


def nothing(call: Call) -> list[Document]:
    """Coins that can be borrowed: none."""
    del call
    return []


def instruments(call: Call) -> list[Document]:
    """The markets of a category as unified accounts see them."""
    return [_instrument(market) for market in in_wallet(call.view.markets, _wallet(call))]


def _instrument(market: Market) -> Document:
    document: Document = {
        "symbol": identifier(market),
        "category": category(market),
        "baseCoin": market.base,
        "quoteCoin": market.quote,
        "pricePrecision": str(decimals(market.price_step)),
        "quantityPrecision": str(decimals(market.amount_step)),
        "priceMultiplier": plain(market.price_step),
        "quantityMultiplier": plain(market.amount_step),
        "makerFeeRate": plain(market.maker_rate),
        "takerFeeRate": plain(market.taker_rate),
        "minOrderQty": plain(market.amount_step),
        "minOrderAmount": "5",
        "status": "online",
    }
    return document | ({"type": "perpetual", "fundInterval": "8"} if market.is_contract else {})


def unified_tickers(call: Call) -> list[Document]:
    """Prices as unified accounts see them."""
    return [_unified_ticker(call, market) for market in _asked(call, _wallet(call))]


def _unified_ticker(call: Call, market: Market) -> Document:
    names = ["lastPrice", "ask1Price", "bid1Price"] + (["markPrice", "indexPrice"] if market.is_contract else [])
    ends = {"category": category(market), "symbol": identifier(market), "ts": str(milliseconds(call.view.at))}
    return {**ends, **dict.fromkeys(names, _price(call, market))}


def usdt_value(prices: Mapping[str, Decimal], coin: str, amount: Decimal) -> Decimal:
    """What so much of a coin is worth in USDT, zero where it has no price."""
    rate = ONE if coin in {"USDT", "USDC", "USD"} else prices.get(f"{coin}/USDT", _NO_PRICE)
    return product(amount, rate)


def _wallet(call: Call) -> str:
    told = call.product_type("category")
    return SPOT if told == "SPOT" else told


def _asked(call: Call, wallet: str) -> list[Market]:
    one = call.market(wallet)
    priced = [one] if one is not None else list(in_wallet(call.view.markets, wallet))
    return [market for market in priced if market.symbol in call.view.prices]


def _price(call: Call, market: Market) -> str:
    return plain(call.view.prices[market.symbol])


def _ticker(call: Call, market: Market) -> Document:
    price = _price(call, market)
    prices = dict.fromkeys(("open", "high24h", "low24h", "lastPr", "bidPr", "askPr", "openUtc"), price)
    volumes = dict.fromkeys(("quoteVolume", "baseVolume", "usdtVolume", "changeUtc24h", "change24h"), "0")
    ends = {"bidSz": "1", "askSz": "1", "ts": str(milliseconds(call.view.at))}
    return {"symbol": identifier(market), **prices, **volumes, **ends}


def _contract_prices(call: Call, market: Market) -> Document:
    price = _price(call, market)
    return {"markPrice": price, "indexPrice": price, "fundingRate": "0.0001", "holdingAmount": "0"}
