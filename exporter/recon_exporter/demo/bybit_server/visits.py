"""How often a key may ask one path in a second, and what becomes of it when it goes on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from recon_exporter.demo.bybit_server import errors
from recon_exporter.demo.exchange import milliseconds

SECOND = timedelta(seconds=1)
BAN = timedelta(minutes=10)
PATIENCE = 5
"""How often it may ask beyond that before nothing is answered for ten minutes."""


@dataclass(slots=True)
class _Second:
    began: datetime
    visits: int = 0


class Visits:
    """``limit`` is for each key and path; a ban is of the key, for all accounts of a local venue share an address."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._seconds: dict[tuple[str, str], _Second] = {}
        self._refused: dict[str, int] = {}
        self._banned_until: dict[str, datetime] = {}

    def come(self, key: str, path: str, at: datetime) -> None:
        """One more; raises Refusal."""
        if key in self._banned_until:
            if at < self._banned_until[key]:
                raise errors.refused(errors.ADDRESS_LIMITED, at)
            del self._banned_until[key]
        second = self._second(key, path, at)
        if second.visits < self._limit:
            second.visits += 1
            self._refused.pop(key, None)
            return
        self._refused[key] = self._refused.get(key, 0) + 1
        if self._refused[key] > PATIENCE:
            self._banned_until[key] = at + BAN
            raise errors.refused(errors.ADDRESS_LIMITED, at)
        raise errors.refused(errors.TOO_MANY_VISITS, at, headers=self.headers(key, path, at))

    def headers(self, key: str, path: str, at: datetime) -> Mapping[str, str]:
        """What is left of the second, in the headers of every private answer."""
        second = self._second(key, path, at)
        return {
            "X-Bapi-Limit": str(self._limit),
            "X-Bapi-Limit-Status": str(self._limit - second.visits),
            "X-Bapi-Limit-Reset-Timestamp": str(milliseconds(second.began + SECOND)),
        }

    def _second(self, key: str, path: str, at: datetime) -> _Second:
        second = self._seconds.get((key, path))
        if second is None or not timedelta(0) <= at - second.began < SECOND:
            second = self._seconds[key, path] = _Second(at)
        return second
