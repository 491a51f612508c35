"""What an execution, an order and a booking are called at Bitget.

In hedge mode the side of a classic fill names the position, ``buy`` for long and ``sell`` for short, whether it opens
or closes; which of both, and whether it was forced, says ``tradeSide``. Fees are negative where they were paid, unless
BGB paid them: then the amount is positive and ``deduction`` says so. A positive amount without it is a rebate.
"""

from decimal import Decimal

from recon_exporter.demo.exchange import Kind, Leg
from recon_exporter.demo.exchange.records import Booking, Cause, Execution, Order, Profile, Status, reduces
from recon_exporter.domain.money import ZERO, plain

_HEDGE = {
    Kind.LIQUIDATION: "burst_close_{0}",
    Kind.DELEVERAGING: "dte_sys_adl_close_{0}",
    Kind.DELIVERY: "delivery_close_{0}",
}
_ONE_WAY = {
    Kind.TRADE: "{0}_single",
    Kind.LIQUIDATION: "burst_{0}_single",
    Kind.DELEVERAGING: "dte_sys_adl_{0}_in_single_side_mode",
    Kind.DELIVERY: "delivery_{0}_single",
}
STATUSES = {
    Status.NEW: "live",
    Status.PARTLY_FILLED: "partially_filled",
    Status.FILLED: "filled",
    Status.CANCELED: "canceled",
}


def hold_mode(profile: Profile) -> str:
    """How positions are kept."""
    return "hedge_mode" if profile.hedge else "one_way_mode"


def wire_side(side: str, leg: Leg) -> str:
    """The side as a classic fill or order tells it."""
    return {Leg.NET: side, Leg.LONG: "buy", Leg.SHORT: "sell"}[leg]


def trade_side(side: str, leg: Leg, kind: Kind) -> str:
    """What it did to the position, and who did it."""
    if leg is Leg.NET:
        return _ONE_WAY[kind].format(side)
    if kind in _HEDGE:
        return _HEDGE[kind].format(leg)
    return "close" if reduces(side, leg) else "open"


def fee_detail(execution: Execution) -> dict[str, object]:
    """What was paid, with Bitget's sign."""
    paid = execution.fee if execution.deducted else execution.fee.copy_negate()
    return {
        "deduction": "yes" if execution.deducted else "no",
        "feeCoin": execution.fee_asset,
        "totalDeductionFee": plain(execution.fee) if execution.deducted else "",
        "totalFee": plain(paid),
    }


def order_fee_detail(order: Order) -> str:
    """The same of a spot order: JSON in a text, its numbers bare; empty where nothing was paid."""
    if not order.fee_asset:
        return ""
    paid = plain(order.fee.copy_negate())
    new = f'"newFees":{{"c":0,"d":0,"deduction":false,"r":{paid},"t":{paid},"totalDeductionFee":0}}'
    coin = f'"deduction":false,"feeCoinCode":"{order.fee_asset}","totalDeductionFee":0,"totalFee":{paid}'
    return f'{{{new},"{order.fee_asset}":{{{coin}}}}}'


def spot_bill_type(booking: Booking) -> tuple[str, str]:
    """Group and type of a spot bill; for the fee that BGB paid the word is ours, Bitget publishes none."""
    out = booking.amount < ZERO
    match booking.cause:
        case Cause.DEPOSIT | Cause.WITHDRAWAL:
            return ("withdraw", "withdraw") if out else ("deposit", "deposit")
        case Cause.TRANSFER:
            return "transfer", "transfer_out" if out else "transfer_in"
        case Cause.FEE:
            return "transaction", "fee_deduction"
    return "transaction", booking.execution.side if booking.execution is not None else "other"


def mix_bill_type(booking: Booking) -> str:
    """The type of a bill of a contract account."""
    if booking.cause is Cause.FUNDING:
        return "contract_settle_fee"
    execution = booking.execution
    if execution is None:
        return "trans_to_exchange" if booking.amount < ZERO else "trans_from_exchange"
    side, leg, kind = execution.side, execution.leg, execution.kind
    if leg is Leg.NET:
        return {Kind.LIQUIDATION: f"burst_{side}", Kind.DELEVERAGING: f"force_{side}"}.get(kind, side)
    return {
        Kind.LIQUIDATION: f"burst_{leg}_loss_query",
        Kind.DELEVERAGING: f"force_close_{leg}",
        Kind.DELIVERY: f"delivery_{leg}",
    }.get(kind, f"{trade_side(side, leg, kind)}_{leg}")


def unified_bill_type(booking: Booking) -> str:
    """The type of a record of a unified account."""
    way = "OUT" if booking.amount < ZERO else "IN"
    if booking.cause is Cause.FUNDING:
        return f"CONTRACT_MAIN_SETTLE_FEE_USER_{way}"
    execution = booking.execution
    if execution is None:
        return f"TRANSFER_{way}"
    if booking.cause is Cause.FEE:
        return "ORDER_PLF_FEE_OUT"
    if not execution.market.is_contract:
        return f"ORDER_DEALT_{way}"
    if execution.leg is Leg.NET:
        return {Kind.LIQUIDATION: f"BURST_{execution.side.upper()}_SSM"}.get(
            execution.kind, f"{execution.side.upper()}_DEAL"
        )
    words = {Kind.LIQUIDATION: "BURST_CLOSE", Kind.DELEVERAGING: "OFFSET_REDUCE_CLOSE"}
    done = "CLOSE" if reduces(execution.side, execution.leg) else "OPEN"
    return f"{words.get(execution.kind, done)}_{execution.leg.upper()}"


def signed(value: Decimal) -> str:
    """A fee as bills tell it: negative where it was paid."""
    return plain(value.copy_negate())
