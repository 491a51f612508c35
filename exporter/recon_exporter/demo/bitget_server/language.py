"""Bitget's protocol: who signs how, which path has which answer, and what is wrapped around it."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import unquote

from recon_exporter.demo.bitget_server import mix, mix_account, public, spot, unified, unified_trading
from recon_exporter.demo.bitget_server.refusals import Code, refusal_of, refused
from recon_exporter.demo.bitget_server.selection import Call
from recon_exporter.demo.exchange import Credentials, Reason, Refusal, Request, View, milliseconds
from recon_exporter.demo.exchange.floor import EPOCH
from recon_exporter.demo.exchange.records import Book, Profile
from recon_exporter.domain.money import ONE

WINDOW = timedelta(seconds=30)
Answers = Mapping[str, Callable[[Call], object]]

PUBLIC: Answers = {
    "/api/v2/public/time": public.server_time,
    "/api/v2/spot/public/symbols": public.spot_symbols,
    "/api/v2/spot/public/coins": public.coins,
    "/api/v2/spot/market/tickers": public.spot_tickers,
    "/api/v2/margin/currencies": public.nothing,
    "/api/v2/mix/market/contracts": public.contracts,
    "/api/v2/mix/market/tickers": public.mix_tickers,
    "/api/v2/mix/market/ticker": public.mix_tickers,
    "/api/v2/mix/market/symbol-price": public.symbol_price,
    "/api/v3/market/instruments": public.instruments,
    "/api/v3/market/tickers": public.unified_tickers,
}
CLASSIC: Answers = {
    "/api/v2/spot/account/info": spot.info,
    "/api/v2/spot/account/assets": spot.assets,
    "/api/v2/spot/account/bills": spot.bills,
    "/api/v2/spot/account/transferRecords": spot.transfers,
    "/api/v2/spot/trade/fills": spot.fills,
    "/api/v2/spot/trade/unfilled-orders": spot.open_orders,
    "/api/v2/spot/trade/history-orders": spot.past_orders,
    "/api/v2/mix/account/accounts": mix_account.accounts,
    "/api/v2/mix/account/account": mix_account.account,
    "/api/v2/mix/account/bill": mix.bills,
    "/api/v2/mix/position/all-position": mix_account.positions,
    "/api/v2/mix/position/single-position": mix_account.position,
    "/api/v2/mix/order/fills": mix.fills,
    "/api/v2/mix/order/fill-history": mix.fills,
    "/api/v2/mix/order/orders-pending": mix.open_orders,
    "/api/v2/mix/order/orders-history": mix.past_orders,
}
UNIFIED: Answers = {
    "/api/v3/account/settings": unified.settings,
    "/api/v3/account/info": unified.info,
    "/api/v3/account/assets": unified.assets,
    "/api/v3/account/funding-assets": unified.funding_assets,
    "/api/v3/account/financial-records": unified_trading.records,
    "/api/v3/account/funding-financial-records": unified_trading.funding_records,
    "/api/v3/position/current-position": unified.positions,
    "/api/v3/trade/fills": unified_trading.fills,
    "/api/v3/trade/unfilled-orders": unified_trading.open_orders,
    "/api/v3/trade/history-orders": unified_trading.past_orders,
}
_NOBODY = Book(
    Profile("", "", hedge=False, unified=False, can_trade=False, can_withdraw=False, leverage=ONE, opened_at=EPOCH),
    funds=(),
    positions=(),
    orders=(),
    executions=(),
    bookings=(),
)


class Bitget:
    """Keeps nothing: a path and a view make the answer."""

    def key(self, request: Request) -> str | None:
        """From its header."""
        return request.headers.get("access-key")

    def admit(self, request: Request, credentials: Credentials, at: datetime) -> None:
        """Time within half a minute of the venue's, the passphrase, and the signature of what was sent."""
        headers = request.headers
        for name, code in (("access-sign", Code.NO_SIGNATURE), ("access-passphrase", Code.NO_PASSPHRASE)):
            if not headers.get(name):
                raise refused(code, at)
        told = headers.get("access-timestamp", "")
        if not (told.isascii() and told.isdigit()):
            raise refused(Code.WRONG_TIME, at)
        if abs(int(told) - milliseconds(at)) > WINDOW / timedelta(milliseconds=1):
            raise refused(Code.EXPIRED, at)
        if not hmac.compare_digest(headers["access-passphrase"].encode(), credentials.passphrase.encode()):
            raise refused(Code.WRONG_PASSPHRASE, at)
        # What is signed are the parameters as they are meant; clients that sign what they send are right as well.
        signatures = {_signature(request, query, told, credentials.secret) for query in _queries(request)}
        if headers["access-sign"] not in signatures:
            raise refused(Code.WRONG_SIGNATURE, at)

    def answer(self, request: Request, view: View) -> object:
        """The document within Bitget's envelope."""
        call = _call(request, view)
        made = (PUBLIC.get(request.path) or CLASSIC.get(request.path) or UNIFIED[request.path])(call)
        return {"code": "00000", "msg": "success", "requestTime": milliseconds(view.at), "data": made}

    def refusal(self, reason: Reason, at: datetime) -> Refusal:
        """In Bitget's words."""
        return refusal_of(reason, at)


def _queries(request: Request) -> set[str]:
    return {request.query, unquote(request.query)}


def _signature(request: Request, query: str, told: str, secret: str) -> str:
    signed = f"{told}{request.method}{request.path}{'?' if query else ''}{query}".encode() + request.body
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def _call(request: Request, view: View) -> Call:
    if request.path in PUBLIC:
        return Call(view, view.book or _NOBODY, request.parameters)
    if request.path not in CLASSIC and request.path not in UNIFIED:
        raise refused(Code.NOT_FOUND, view.at)
    if view.book is None:
        raise refused(Code.NO_KEY, view.at)
    if view.book.profile.unified != (request.path in UNIFIED):
        raise refused(Code.UNIFIED if view.book.profile.unified else Code.CLASSIC, view.at)
    return Call(view, view.book, request.parameters)
