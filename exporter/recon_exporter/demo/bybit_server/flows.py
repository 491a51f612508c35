"""What moved money: the transaction log of a unified account, deposits, withdrawals, transfers between wallets."""

from collections.abc import Callable, Iterable
from operator import attrgetter

from recon_exporter.demo.bybit_server import errors
from recon_exporter.demo.bybit_server.calls import DAY, Call, Listing, Paging
from recon_exporter.demo.bybit_server.texts import ACCOUNT_TYPES, SIDES, UNIFIED, Document, category, identifier
from recon_exporter.demo.exchange import Kind, milliseconds
from recon_exporter.demo.exchange.records import Booking, Cause
from recon_exporter.domain.money import ZERO, difference, plain

_LOG = Paging(usual=20, most=50, span=DAY)
_MOVEMENTS = Paging(usual=50, most=50)
_KINDS = {Kind.LIQUIDATION: "LIQUIDATION", Kind.DELEVERAGING: "ADL", Kind.DELIVERY: "DELIVERY"}


def transactions(call: Call) -> Document:
    """``transaction-log``: every booking of a unified account; raises Refusal for any other."""
    if not call.book.profile.unified:
        raise errors.refused(errors.PERMISSION_DENIED, call.view.at)
    asked, currency, kind = call.word("category"), call.word("currency"), call.word("type")
    rows = [
        booking
        for booking in call.book.bookings
        if booking.wallet == UNIFIED
        and currency in {None, booking.asset}
        and kind in {None, _kind(booking)}
        and asked in {None, category(booking.market) if booking.market else ""}
    ]
    return _page(call, rows, _LOG, _transaction)


def deposits(call: Call) -> Document:
    """``deposit/query-record``."""
    page = _movements(call, Cause.DEPOSIT)
    return {"rows": page["list"], "nextPageCursor": page["nextPageCursor"]}


def withdrawals(call: Call) -> Document:
    """``withdraw/query-record``."""
    page = _movements(call, Cause.WITHDRAWAL)
    return {"rows": page["list"], "nextPageCursor": page["nextPageCursor"]}


def transfers(call: Call) -> Document:
    """``query-inter-transfer-list``: each told once, by the wallet it left."""
    rows = [
        booking
        for booking in call.book.bookings
        if booking.cause is Cause.TRANSFER and booking.amount < ZERO and call.word("coin") in {None, booking.asset}
    ]
    return _page(call, rows, _MOVEMENTS, _transfer)


def _kind(booking: Booking) -> str:
    if booking.cause is Cause.FUNDING:
        return "SETTLEMENT"
    if booking.execution is not None:
        return _KINDS.get(booking.execution.kind, "TRADE")
    return "TRANSFER_OUT" if booking.amount < ZERO else "TRANSFER_IN"


def _transaction(booking: Booking) -> Document:
    """``change`` is all that moved, ``cashFlow`` what of it was neither fee nor funding."""
    execution, market = booking.execution, booking.market
    is_funding, is_fee = booking.cause is Cause.FUNDING, booking.cause is Cause.FEE
    fee = booking.amount.copy_negate() if is_fee else booking.fee
    return {
        "id": booking.booking_id,
        "symbol": identifier(market) if market else "",
        "category": category(market) if market else "",
        "side": SIDES[execution.side] if execution else "None",
        "type": _kind(booking),
        "transSubType": "",
        "transactionTime": str(milliseconds(booking.at)),
        "currency": booking.asset,
        "qty": plain(execution.quantity) if execution else plain(booking.amount.copy_abs()),
        "size": "0",
        "tradePrice": plain(execution.price) if execution else "",
        "funding": plain(booking.amount) if is_funding else "",
        "fee": plain(fee),
        "cashFlow": plain(ZERO if is_funding or is_fee else booking.amount),
        "change": plain(difference(booking.amount, booking.fee)),
        "cashBalance": plain(booking.balance),
        "feeRate": "",
        "bonusChange": "",
        "tradeId": execution.trade_id if execution else "",
        "orderId": execution.order_id if execution else "",
        "orderLinkId": execution.client_id if execution else "",
    }


def _page(call: Call, rows: Iterable[Booking], paging: Paging, document: Callable[[Booking], Document]) -> Document:
    listing = Listing(paging, attrgetter("at"), attrgetter("booking_id"), document)
    return call.page(call.recent(rows, listing), listing)


def _movements(call: Call, cause: Cause) -> Document:
    rows = [
        booking
        for booking in call.book.bookings
        if booking.cause is cause and call.word("coin") in {None, booking.asset}
    ]
    return _page(call, rows, _MOVEMENTS, _movement)


def _movement(booking: Booking) -> Document:
    at = str(milliseconds(booking.at))
    told: Document = {"coin": booking.asset, "chain": "ETH", "amount": plain(booking.amount.copy_abs()), "tag": ""}
    told |= {"txID": f"tx-{booking.booking_id}", "toAddress": "0x0000000000000000000000000000000000000000"}
    if booking.cause is Cause.DEPOSIT:
        return told | {"id": booking.booking_id, "status": 3, "depositFee": "", "successAt": at}
    ended = {"status": "success", "withdrawFee": "0", "withdrawType": 0, "createTime": at, "updateTime": at}
    return told | ended | {"withdrawId": booking.booking_id}


def _transfer(booking: Booking) -> Document:
    return {
        "transferId": booking.booking_id,
        "coin": booking.asset,
        "amount": plain(booking.amount.copy_abs()),
        "fromAccountType": ACCOUNT_TYPES.get(booking.wallet, booking.wallet),
        "toAccountType": ACCOUNT_TYPES.get(booking.other_wallet, booking.other_wallet),
        "timestamp": str(milliseconds(booking.at)),
        "status": "SUCCESS",
    }
