"""How Bybit names markets, sides, legs and states."""

from decimal import Decimal

from recon_exporter.demo.exchange import Kind, Leg
from recon_exporter.demo.exchange.markets import Market
from recon_exporter.demo.exchange.records import Status
from recon_exporter.domain.money import ZERO, plain

Document = dict[str, object]

SPOT, CONTRACT, FUNDING, UNIFIED = "spot", "contract", "funding", "unified"
"""The wallets of an account: contracts' and spot's are one where it is unified."""

ACCOUNT_TYPES = {SPOT: "SPOT", CONTRACT: "CONTRACT", FUNDING: "FUND", UNIFIED: "UNIFIED"}
CATEGORIES = ("spot", "linear", "inverse", "option")
SIDES = {"buy": "Buy", "sell": "Sell"}
STATUSES = {
    Status.NEW: "New",
    Status.PARTLY_FILLED: "PartiallyFilled",
    Status.FILLED: "Filled",
    Status.CANCELED: "Cancelled",
}
POSITION_INDEXES = {Leg.NET: 0, Leg.LONG: 1, Leg.SHORT: 2}
_CREATED_BY = {
    Kind.TRADE: "CreateByUser",
    Kind.LIQUIDATION: "CreateByLiq",
    Kind.DELEVERAGING: "CreateByAdl_PassThrough",
    Kind.DELIVERY: "CreateBySettle",
}


def identifier(market: Market) -> str:
    """What settles in USDC is called by its base."""
    return f"{market.base}PERP" if market.settle == "USDC" else market.identifier


def category(market: Market) -> str:
    """One of ``CATEGORIES``."""
    if not market.is_contract:
        return "spot"
    return "inverse" if market.is_inverse else "linear"


def execution_type(kind: Kind, market: Market) -> str:
    """``Trade``, or what the venue has done."""
    if kind is Kind.DELIVERY:
        return "Settle" if market.is_inverse else "Delivery"
    return {Kind.LIQUIDATION: "BustTrade", Kind.DELEVERAGING: "AdlTrade"}.get(kind, "Trade")


def created_by(kind: Kind) -> str:
    """Who has made an order."""
    return _CREATED_BY[kind]


def text_or_nothing(value: Decimal | None) -> str:
    """Zero is told as nothing."""
    return "" if value is None or value == ZERO else plain(value)
