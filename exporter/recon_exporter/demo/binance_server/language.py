"""Binance's protocol: HMAC over the very text of the query, times that must fit, weights, and the paths it answers."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from recon_exporter.demo.binance_server import errors, flows, futures, markets, orders, permissions, spot
from recon_exporter.demo.binance_server.calls import Call
from recon_exporter.demo.binance_server.texts import FUTURES, SPOT
from recon_exporter.demo.binance_server.weights import MINUTE, Weights, weight_of
from recon_exporter.demo.exchange import Credentials, Reason, Refusal, Request, View, milliseconds
from recon_exporter.demo.exchange.language import Answer

Answering = Callable[[Call], object]

KEY_HEADER = "x-mbx-apikey"
WEIGHT_HEADER = "X-MBX-USED-WEIGHT-1M"
_WINDOW, _LONGEST_WINDOW = "5000", 60000
_AHEAD = 1000
_COIN_FUTURES = "coinm"

_FIXED: Mapping[str, object] = {
    "/api/v3/ping": {},
    "/fapi/v1/ping": {},
    "/sapi/v1/system/status": {"status": 0, "msg": "normal"},
}
_PUBLIC: Mapping[str, Answering] = {
    "/api/v3/time": lambda call: {"serverTime": call.now},
    "/api/v3/exchangeInfo": lambda call: markets.exchange_information(call, SPOT),
    "/api/v3/ticker/24hr": lambda call: markets.tickers(call, SPOT),
    "/api/v3/ticker/price": lambda call: markets.last_prices(call, SPOT),
    "/fapi/v1/time": lambda call: {"serverTime": call.now},
    "/fapi/v1/exchangeInfo": lambda call: markets.exchange_information(call, FUTURES),
    "/fapi/v1/ticker/24hr": lambda call: markets.tickers(call, FUTURES),
    "/fapi/v1/ticker/price": lambda call: markets.last_prices(call, FUTURES),
    "/fapi/v2/ticker/price": lambda call: markets.last_prices(call, FUTURES),
    "/fapi/v1/premiumIndex": markets.mark_prices,
    "/dapi/v1/time": lambda call: {"serverTime": call.now},
    "/dapi/v1/exchangeInfo": lambda call: markets.exchange_information(call, _COIN_FUTURES),
}
_PRIVATE: Mapping[str, Answering] = {
    "/api/v3/account": spot.account,
    "/api/v3/myTrades": spot.trades,
    "/api/v3/allOrders": lambda call: orders.all_orders(call, SPOT),
    "/api/v3/openOrders": lambda call: orders.open_orders(call, SPOT),
    "/api/v3/order": lambda call: orders.one_order(call, SPOT),
    "/fapi/v3/account": futures.account,
    "/fapi/v3/balance": futures.balances,
    "/fapi/v2/balance": futures.balances,
    "/fapi/v3/positionRisk": futures.positions,
    "/fapi/v1/userTrades": futures.trades,
    "/fapi/v1/income": flows.income,
    "/fapi/v1/allOrders": lambda call: orders.all_orders(call, FUTURES),
    "/fapi/v1/openOrders": lambda call: orders.open_orders(call, FUTURES),
    "/fapi/v1/order": lambda call: orders.one_order(call, FUTURES),
    "/fapi/v1/forceOrders": lambda call: orders.forced_orders(call, FUTURES),
    "/fapi/v1/positionSide/dual": lambda call: {"dualSidePosition": call.book.profile.hedge},
    "/fapi/v1/leverageBracket": markets.leverage_brackets,
    "/sapi/v1/account/apiRestrictions": permissions.of_key,
    "/sapi/v1/capital/config/getall": markets.coins,
    "/sapi/v1/capital/deposit/hisrec": flows.deposits,
    "/sapi/v1/capital/withdraw/history": flows.withdrawals,
    "/sapi/v1/asset/transfer": flows.transfers,
    "/sapi/v1/margin/allPairs": markets.margin_pairs,
    "/sapi/v1/margin/isolated/allPairs": markets.margin_pairs,
}


class BinanceLanguage:
    """Answers as Binance does. ``weight_limit``: what a key may weigh in a minute, then 429, then 418."""

    def __init__(self, weight_limit: int) -> None:
        self._weights = Weights(weight_limit)
        self._weight_limit = weight_limit

    def key(self, request: Request) -> str | None:
        """In a header of its own."""
        return request.headers.get(KEY_HEADER)

    def admit(self, request: Request, credentials: Credentials, at: datetime) -> None:
        """The time, the signature, and what the key has left of its minute; raises Refusal."""
        signed, _, signature = request.query.rpartition("&signature=")
        if not signed:
            raise errors.not_sent("signature")
        _check_time(request.parameters, milliseconds(at))
        text = signed.encode() + request.body
        if not hmac.compare_digest(hmac.digest(credentials.secret.encode(), text, hashlib.sha256).hex(), signature):
            raise errors.signature_wrong()
        weight = weight_of(request.path, of_one_symbol="symbol" in request.parameters)
        self._weights.charge(credentials.key, weight, at)

    def answer(self, request: Request, view: View) -> object:
        """Private paths want a key; raises Refusal."""
        call = Call(view, request.parameters)
        if request.path in _FIXED:
            return _FIXED[request.path]
        if public := _PUBLIC.get(request.path):
            return public(call)
        private = _PRIVATE.get(request.path)
        if private is None:
            raise errors.no_such_path(request.path, request.method)
        key = self.key(request)
        if view.book is None or key is None:
            raise errors.key_malformed()
        return Answer(private(call), {WEIGHT_HEADER: str(self._weights.used(key))})

    def refusal(self, reason: Reason, at: datetime) -> Refusal:
        """One sentence for the key, the address and the permission alike."""
        match reason:
            case Reason.WRONG_SIGNATURE:
                return errors.signature_wrong()
            case Reason.RATE_LIMITED:
                return errors.too_much_weight(self._weight_limit, _until_next_minute(at))
            case Reason.UNAVAILABLE:
                return errors.server_failed()
            case Reason.WRITES:
                return errors.no_orders_here()
        return errors.key_refused()


def _check_time(parameters: Mapping[str, str], now: int) -> None:
    if not parameters.get("timestamp", "").isdigit():
        raise errors.not_sent("timestamp")
    window = parameters.get("recvWindow", _WINDOW)
    if not window.isdigit() or int(window) > _LONGEST_WINDOW:
        raise errors.window_too_long()
    signed_at = int(parameters["timestamp"])
    if signed_at >= now + _AHEAD:
        raise errors.early()
    if now - signed_at > int(window):
        raise errors.late()


def _until_next_minute(at: datetime) -> int:
    return round((MINUTE - timedelta(seconds=at.second)).total_seconds())
