"""The venue's side out of an exchange snapshot: a JSON file that another job replaces every few minutes.

Of each bot's entry only what the account itself says is taken: probe, balances, positions, price. A value that cannot
be read makes that bot's account unavailable, never zero. A file caught half-written is looked at a second time before
it counts as malformed; until then the one before still speaks, if it is not stale.
"""

import json
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.money import InvalidAmount, amount, product
from recon_exporter.domain.policy import Freshness
from recon_exporter.domain.probe import Permission
from recon_exporter.domain.statement import Balance, Position, SourceHealth, Unavailable, VenueAccount
from recon_exporter.reading.files import read_regular
from recon_exporter.reading.times import InvalidTime, any_time

SOURCE = "exchange_snapshot"
NO_PROBE = "unknown"


class BadSnapshot(ValueError):
    """The file, or one bot's entry, cannot be read: ``str()`` names the place, what was found and what was expected."""

    def __init__(self, place: str, found: object, expected: str) -> None:
        super().__init__(f"{place}: found {reprlib.repr(found)}, expected {expected}")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The file as it was read, entries by bot not yet looked into."""

    taken_at: datetime
    mode: str
    entries: Mapping[str, Any]


class ExchangeSnapshot:
    """Reads the snapshot at ``path`` anew each time."""

    def __init__(self, name: str, path: Path, freshness: Freshness) -> None:
        self.name = name
        self._path = path
        self._freshness = freshness
        self._last_good: Snapshot | None = None

    def read(self, now: datetime) -> Mapping[str, VenueAccount | Unavailable] | Unavailable:
        """The accounts by bot, or why there are none: missing, unreadable, malformed, stale, in the future."""
        try:
            snapshot = self._last_good = _parsed(read_regular(self._path))
        except FileNotFoundError:
            return Unavailable(Reason.SOURCE_MISSING, f"{self._path} is not there")
        except OSError as error:
            return Unavailable(Reason.SOURCE_UNREADABLE, f"{self._path}: {error.strerror}")
        except BadSnapshot as error:
            before, self._last_good = self._last_good, None
            if before is None:
                return Unavailable(Reason.SOURCE_MALFORMED, f"{self._path}: {error}")
            snapshot = before
        return self._untimely(snapshot.taken_at, now) or {
            bot: self._account(bot, entry, snapshot, now) for bot, entry in snapshot.entries.items()
        }

    def _account(self, bot: str, entry: object, snapshot: Snapshot, now: datetime) -> VenueAccount | Unavailable:
        try:
            account = _account(bot, entry, snapshot)
        except BadSnapshot as error:
            return Unavailable(Reason.SOURCE_MALFORMED, f"{self._path}: {error}")
        return self._untimely(account.taken_at, now) or account

    def _untimely(self, taken_at: datetime, now: datetime) -> Unavailable | None:
        if taken_at - now > self._freshness.future_skew:
            reason = Reason.TIME_IN_FUTURE
        elif now - taken_at > self._freshness.snapshot:
            reason = Reason.SOURCE_STALE
        else:
            return None
        return Unavailable(reason, f"{self._path} is of {taken_at.isoformat()}")


def _parsed(content: bytes) -> Snapshot:
    try:
        document = json.loads(
            content.decode(), parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_without_doubles
        )
    except (ValueError, RecursionError) as error:
        raise BadSnapshot("the file", str(error), "JSON") from None
    top = _object(document, "the file")
    return Snapshot(_time(top.get("ts_utc"), "ts_utc"), _text(top, "mode"), _object(top.get("bots"), "bots"))


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(f"a key twice among {', '.join(sorted(found))}")
    return found


def _account(bot: str, entry: object, snapshot: Snapshot) -> VenueAccount:
    place = f"bots.{bot}"
    told = _object(entry, place)
    own_time, price = told.get("ts_utc"), told.get("price")
    taken_at = snapshot.taken_at if own_time is None else _time(own_time, f"{place}.ts_utc")
    return VenueAccount(
        bot=bot,
        taken_at=taken_at,
        mode=snapshot.mode,
        source=_text(told, "source", place),
        exchange=_text(told, "account_exchange", place) or _text(told, "exchange", place),
        trading_pair=_text(told, "trading_pair", place),
        probe_status=_text(told, "account_probe_status", place) or NO_PROBE,
        probe_error=_text(told, "account_probe_error", place),
        balances=_balances(told.get("account_balances"), f"{place}.account_balances"),
        positions=_positions(told.get("perp_positions"), f"{place}.perp_positions"),
        price=None if price is None else _number(price, f"{place}.price"),
        health=SourceHealth(bot, "venue", SOURCE, is_up=True, at=taken_at),
        permissions=_permissions(told.get("permissions"), f"{place}.permissions"),
    )


def _permissions(value: object, place: str) -> Mapping[str, bool]:
    """Those that are told of those that are watched; what is not told is not known."""
    if value is None:
        return {}
    told = {name: can for name, can in _object(value, place).items() if name in set(Permission) and can is not None}
    for name, can in told.items():
        if not isinstance(can, bool):
            raise BadSnapshot(f"{place}.{name}", can, "true or false")
    return told


def _balances(value: object, place: str) -> Mapping[str, Balance] | None:
    if value is None:
        return None
    return {asset: _balance(held, f"{place}.{asset}") for asset, held in _object(value, place).items()}


def _balance(value: object, place: str) -> Balance:
    held = _object(value, place)
    free = held.get("free")
    total = _number(held.get("total"), f"{place}.total")
    return Balance(total, None if free is None else _number(free, f"{place}.free"))


def _positions(value: object, place: str) -> tuple[Position, ...] | None:
    """A list, or an object that holds one beside its own status; None where that status is not ok."""
    if isinstance(value, dict):
        if value.get("status") != "ok":
            return None
        value, place = value.get("positions"), f"{place}.positions"
    if value is None:
        return None
    if not isinstance(value, list):
        raise BadSnapshot(place, value, "a list")
    return tuple(_position(item, f"{place}[{number}]") for number, item in enumerate(value))


def _position(value: object, place: str) -> Position:
    """Contracts are of one unit of base unless ``contractSize`` says otherwise; the side gives the sign."""
    told = _object(value, place)
    symbol, mark, size = _text(told, "symbol", place), told.get("markPrice"), told.get("contractSize")
    if not symbol:
        raise BadSnapshot(f"{place}.symbol", symbol, "the symbol of the position")
    quantity = _number(told.get("contracts"), f"{place}.contracts")
    if size is not None:
        quantity = product(quantity, _number(size, f"{place}.contractSize"))
    if quantity:
        quantity = _signed(quantity, told.get("side"), f"{place}.side")
    return Position(symbol, quantity, None if mark is None else _number(mark, f"{place}.markPrice"))


def _signed(quantity: Decimal, side: object, place: str) -> Decimal:
    if side not in ("long", "short"):
        raise BadSnapshot(place, side, "long or short")
    return quantity.copy_abs() if side == "long" else quantity.copy_abs().copy_negate()


def _object(value: object, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadSnapshot(place, value, "an object")
    return value


def _text(told: Mapping[str, Any], key: str, place: str = "") -> str:
    """The text of an optional key, empty where it is absent."""
    value = told.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadSnapshot(f"{place}.{key}".lstrip("."), value, "a text")
    return value


def _number(value: object, place: str) -> Decimal:
    """Numbers have become texts in parsing, so that none has gone through float."""
    if not isinstance(value, str):
        raise BadSnapshot(place, value, "a number")
    try:
        return amount(value)
    except InvalidAmount:
        raise BadSnapshot(place, value, "a finite number") from None


def _time(value: object, place: str) -> datetime:
    try:
        if isinstance(value, str):
            return any_time(value)
    except InvalidTime:
        pass
    raise BadSnapshot(place, value, "a time with its offset")
