"""Bybit's fifth protocol: signatures in headers, codes in bodies, and the paths it answers."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime

from recon_exporter.demo.bybit_server import errors, executions, flows, markets, orders, owner, positions, wallets
from recon_exporter.demo.bybit_server.calls import Call
from recon_exporter.demo.bybit_server.texts import Document
from recon_exporter.demo.bybit_server.visits import Visits
from recon_exporter.demo.exchange import Credentials, Reason, Refusal, Request, View, milliseconds
from recon_exporter.demo.exchange.language import Answer

Answering = Callable[[Call], Document]

_KEY, _TIME, _WINDOW, _SIGN = (f"x-bapi-{name}" for name in ("api-key", "timestamp", "recv-window", "sign"))
_USUAL_WINDOW = "5000"
_AHEAD = 1000

_PUBLIC: Mapping[str, Answering] = {
    "/v5/market/time": markets.time,
    "/v5/market/instruments-info": markets.instruments,
    "/v5/market/tickers": markets.tickers,
    "/v5/system/status": markets.status,
}
_PRIVATE: Mapping[str, Answering] = {
    "/v5/account/wallet-balance": wallets.wallet_balance,
    "/v5/account/info": owner.of_account,
    "/v5/account/transaction-log": flows.transactions,
    "/v5/user/query-api": owner.of_key,
    "/v5/position/list": positions.positions,
    "/v5/execution/list": executions.executions,
    "/v5/order/history": orders.history,
    "/v5/order/realtime": orders.waiting,
    "/v5/asset/coin/query-info": markets.coins,
    "/v5/asset/deposit/query-record": flows.deposits,
    "/v5/asset/withdraw/query-record": flows.withdrawals,
    "/v5/asset/transfer/query-inter-transfer-list": flows.transfers,
    "/v5/asset/transfer/query-account-coins-balance": wallets.coins_balance,
}
# Bybit knows no passphrase: what stands in its place is a key whose days are over.
_CODES = {
    Reason.UNKNOWN_KEY: errors.KEY_INVALID,
    Reason.WRONG_PASSPHRASE: errors.KEY_EXPIRED,
    Reason.FOREIGN_ADDRESS: errors.ADDRESS_UNMATCHED,
    Reason.FORBIDDEN: errors.PERMISSION_DENIED,
    Reason.RATE_LIMITED: errors.TOO_MANY_VISITS,
    Reason.UNAVAILABLE: errors.SERVER_FAILED,
}


class BybitLanguage:
    """Answers as Bybit does; ``visits`` is how often a key may ask one path in a second."""

    def __init__(self, visits: int) -> None:
        self._visits = Visits(visits)

    def key(self, request: Request) -> str | None:
        """In a header of its own."""
        return request.headers.get(_KEY)

    def admit(self, request: Request, credentials: Credentials, at: datetime) -> None:
        """The time, the signature, and how often the key has come; raises Refusal."""
        signed_at, window = request.headers.get(_TIME, ""), request.headers.get(_WINDOW, _USUAL_WINDOW)
        if not (signed_at.isdigit() and window.isdigit()):
            raise errors.out_of_time(signed_at, at, window)
        now = milliseconds(at)
        if not now - int(window) <= int(signed_at) < now + _AHEAD:
            raise errors.out_of_time(signed_at, at, window)
        origin = f"{signed_at}{credentials.key}{window}{request.query}{request.body.decode(errors='replace')}"
        expected = hmac.digest(credentials.secret.encode(), origin.encode(), hashlib.sha256).hex()
        if not hmac.compare_digest(expected.encode(), request.headers.get(_SIGN, "").encode()):
            raise errors.signature_wrong(origin, at)
        self._visits.come(credentials.key, request.path, at)

    def answer(self, request: Request, view: View) -> object:
        """In the form that every answer has; private paths want a key; raises Refusal."""
        call, key = Call(view, request.parameters), self.key(request)
        if public := _PUBLIC.get(request.path):
            return _answer(public(call), view)
        private = _PRIVATE.get(request.path)
        if private is None:
            raise errors.refused(errors.NO_SUCH_PATH, view.at)
        if view.book is None or key is None:
            raise call.without_key()
        return Answer(_answer(private(call), view), self._visits.headers(key, request.path, view.at))

    def refusal(self, reason: Reason, at: datetime) -> Refusal:
        """Nearly each has a code of its own."""
        if reason is Reason.WRONG_SIGNATURE:
            return errors.signature_wrong("", at)
        if reason is Reason.WRITES:
            message = "This local Bybit takes no orders: it can only be read."
            return errors.refused(errors.PERMISSION_DENIED, at, message)
        return errors.refused(_CODES[reason], at)


def _answer(result: Document, view: View) -> Document:
    return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": milliseconds(view.at)}
