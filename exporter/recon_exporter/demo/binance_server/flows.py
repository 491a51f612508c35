"""What moved an account's money without trading, and what trading moved: income of futures, deposits, transfers."""

from collections.abc import Iterable
from decimal import Decimal

from recon_exporter.demo.binance_server import errors
from recon_exporter.demo.binance_server.calls import Call
from recon_exporter.demo.binance_server.texts import FUTURES, SPOT, Document, padded
from recon_exporter.demo.binance_server.windows import FUTURES as RULES
from recon_exporter.demo.binance_server.windows import HIGHEST_LIMIT, window
from recon_exporter.demo.exchange import milliseconds
from recon_exporter.demo.exchange.records import Booking, Cause
from recon_exporter.domain.money import ZERO

_INCOME_LIMIT = 100
_TRANSFER_LIMIT = 10
_WALLETS = {SPOT: "MAIN", FUTURES: "UMFUTURE", "funding": "FUNDING"}
_DONE = {Cause.DEPOSIT: 1, Cause.WITHDRAWAL: 6}


def income(call: Call) -> list[Document]:
    """``/fapi/v1/income``: oldest first, one row for each part of a booking, page by page; raises Refusal."""
    symbol = call.symbol(FUTURES)
    limit = call.limit(_INCOME_LIMIT, HIGHEST_LIMIT)
    start, end = _reach(call)
    kind, number = call.parameters.get("incomeType"), call.number("page", 1)
    rows = [
        _income(booking, name, amount)
        for booking in call.book.bookings
        if booking.wallet == FUTURES
        and symbol in {None, booking.market.symbol if booking.market else None}
        and start <= milliseconds(booking.at) <= end
        for name, amount in _parts(booking)
        if kind in {None, name}
    ]
    return rows[:limit] if call.view.one_page else rows[(number - 1) * limit : number * limit]


def deposits(call: Call) -> list[Document]:
    """``capital/deposit/hisrec``: newest first."""
    return [
        _movement(booking) | {"insertTime": milliseconds(booking.at), "confirmTimes": "1/1", "unlockConfirm": 1}
        for booking in _movements(call, Cause.DEPOSIT)
    ]


def withdrawals(call: Call) -> list[Document]:
    """``capital/withdraw/history``: newest first."""
    return [
        _movement(booking) | {"applyTime": f"{booking.at:%Y-%m-%d %H:%M:%S}", "transactionFee": "0", "transferType": 0}
        for booking in _movements(call, Cause.WITHDRAWAL)
    ]


def transfers(call: Call) -> Document:
    """``asset/transfer`` of one type, such as ``MAIN_UMFUTURE``: newest first; raises Refusal."""
    if not (kind := call.parameters.get("type")):
        raise errors.not_sent("type")
    start, end = _reach(call)
    rows = [
        {
            "timestamp": milliseconds(booking.at),
            "asset": booking.asset,
            "amount": padded(booking.amount.copy_abs()),
            "type": kind,
            "status": "CONFIRMED",
            "tranId": int(booking.booking_id),
        }
        for booking in reversed(call.book.bookings)
        if booking.cause is Cause.TRANSFER
        and booking.amount < ZERO
        and f"{_WALLETS.get(booking.wallet)}_{_WALLETS.get(booking.other_wallet)}" == kind
        and start <= milliseconds(booking.at) <= end
    ]
    size, current = call.number("size", _TRANSFER_LIMIT), call.number("current", 1)
    told = rows[:size] if call.view.one_page else rows[(current - 1) * size : current * size]
    return {"total": len(rows), "rows": told}


def _reach(call: Call) -> tuple[int, int]:
    """These lists allow any window; without one they tell the last seven days."""
    if "startTime" in call.parameters:
        return call.number("startTime"), call.number("endTime", call.now)
    return window(call, RULES)


def _parts(booking: Booking) -> Iterable[tuple[str, Decimal]]:
    if booking.cause is Cause.FUNDING:
        yield "FUNDING_FEE", booking.amount
    elif booking.cause is Cause.FEE:
        yield "COMMISSION", booking.amount
    elif booking.cause is Cause.TRADE:
        if booking.amount:
            yield "REALIZED_PNL", booking.amount
        if booking.fee:
            yield "COMMISSION", booking.fee.copy_negate()
    else:
        yield "TRANSFER", booking.amount


def _income(booking: Booking, name: str, amount: Decimal) -> Document:
    told = booking.execution.trade_id if booking.execution else ""
    return {
        "symbol": booking.market.identifier if booking.market else "",
        "incomeType": name,
        "income": padded(amount),
        "asset": booking.asset,
        "info": told or name,
        "time": milliseconds(booking.at),
        "tranId": int(booking.booking_id),
        "tradeId": told,
    }


def _movements(call: Call, cause: Cause) -> list[Booking]:
    coin, (start, end) = call.parameters.get("coin"), _reach(call)
    limit = call.limit(HIGHEST_LIMIT, HIGHEST_LIMIT)
    return [
        booking
        for booking in reversed(call.book.bookings)
        if booking.cause is cause
        and booking.wallet == SPOT
        and coin in {None, booking.asset}
        and start <= milliseconds(booking.at) <= end
    ][:limit]


def _movement(booking: Booking) -> Document:
    return {
        "id": booking.booking_id,
        "amount": padded(booking.amount.copy_abs()),
        "coin": booking.asset,
        "network": "ETH",
        "status": _DONE[booking.cause],
        "address": "0x0000000000000000000000000000000000000000",
        "addressTag": "",
        "txId": f"0x{int(booking.booking_id):064x}",
        "walletType": 0,
    }
