"""How Binance writes amounts, and how it names things."""

from decimal import Decimal

from recon_exporter.demo.exchange import Kind, Leg
from recon_exporter.demo.exchange.records import Order, Status
from recon_exporter.domain.money import plain

SPOT, FUTURES = "spot", "usdm"
"""The wallets of an account."""

Document = dict[str, object]

STATUSES = {
    Status.NEW: "NEW",
    Status.PARTLY_FILLED: "PARTIALLY_FILLED",
    Status.FILLED: "FILLED",
    Status.CANCELED: "CANCELED",
}
POSITION_SIDES = {Leg.NET: "BOTH", Leg.LONG: "LONG", Leg.SHORT: "SHORT"}
_OWN_ORDERS = {
    Kind.LIQUIDATION: "autoclose-",
    Kind.DELEVERAGING: "adl_autoclose-",
    Kind.DELIVERY: "settlement_autoclose-",
}
_DECIMALS = 8


def padded(value: Decimal) -> str:
    """At least eight decimals, and never rounded."""
    text = plain(value)
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.ljust(_DECIMALS, '0')}"


def client_order_id(order: Order) -> str:
    """The orders that Binance makes itself are told by theirs."""
    own = _OWN_ORDERS.get(order.kind)
    return order.client_id if own is None else f"{own}{order.order_id}"
