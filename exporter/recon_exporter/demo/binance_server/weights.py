"""What requests weigh, how much of a minute's allowance each key has used, and what becomes of those who go on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from recon_exporter.demo.binance_server import errors
from recon_exporter.demo.exchange import milliseconds

MINUTE = timedelta(minutes=1)
BAN = timedelta(minutes=2)
PATIENCE = 5
"""How often a key may ask beyond its allowance before it is banned."""

_LIGHT = 1
_WEIGHTS = {
    "/api/v3/account": 20,
    "/api/v3/myTrades": 20,
    "/api/v3/allOrders": 20,
    "/api/v3/openOrders": 6,
    "/api/v3/exchangeInfo": 20,
    "/api/v3/ticker/24hr": 80,
    "/fapi/v1/allOrders": 5,
    "/fapi/v1/userTrades": 5,
    "/fapi/v1/income": 30,
    "/fapi/v1/ticker/24hr": 40,
    "/fapi/v1/forceOrders": 20,
    "/fapi/v3/account": 5,
    "/fapi/v3/balance": 5,
    "/fapi/v2/balance": 5,
    "/fapi/v3/positionRisk": 5,
    "/sapi/v1/capital/config/getall": 10,
}
_OPEN_ORDERS_OF_ALL = {"/api/v3/openOrders": 80, "/fapi/v1/openOrders": 40}


@dataclass(slots=True)
class _Minute:
    began: datetime
    used: int = 0
    refused: int = 0
    banned_until: datetime | None = None


class Weights:
    """Counts by key, not by address: all accounts of a local venue come from one. ``limit`` is for a minute."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._minutes: dict[str, _Minute] = {}

    def charge(self, key: str, weight: int, at: datetime) -> None:
        """Take so much from what the key has left; raises Refusal."""
        minute = self._minute(key, at)
        if minute.used + weight > self._limit:
            minute.refused += 1
            if minute.refused > PATIENCE:
                minute.banned_until = at + BAN
                raise _banned(minute.banned_until, at)
            raise errors.too_much_weight(self._limit, _seconds(minute.began + MINUTE - at))
        minute.used += weight

    def used(self, key: str) -> int:
        """In this minute."""
        return self._minutes[key].used if key in self._minutes else 0

    def _minute(self, key: str, at: datetime) -> _Minute:
        minute = self._minutes.setdefault(key, _Minute(at))
        if minute.banned_until is not None and at < minute.banned_until:
            raise _banned(minute.banned_until, at)
        if not timedelta(0) <= at - minute.began < MINUTE:
            minute = self._minutes[key] = _Minute(at)
        return minute


def weight_of(path: str, *, of_one_symbol: bool) -> int:
    """What a request weighs."""
    if not of_one_symbol and path in _OPEN_ORDERS_OF_ALL:
        return _OPEN_ORDERS_OF_ALL[path]
    return _WEIGHTS.get(path, _LIGHT)


def _banned(until: datetime, at: datetime) -> Exception:
    return errors.banned(milliseconds(until), _seconds(until - at))


def _seconds(span: timedelta) -> int:
    return max(1, round(span.total_seconds()))
